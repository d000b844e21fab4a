"""Conditional writes on what is stored, which start over from what others have left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pql.core.account import Row
from pql.core.erasure import belongs
from pql.core.errors import Conflict
from pql.core.keys import user_key
from pql.core.member import Member, Members, home
from pql.flows.holdings import Holdings
from pql.flows.tries import TRIES, wait


@dataclass(frozen=True)
class Writes:
    """Writes to `holdings` as of `now` (epoch ms); what is not `wanted` is left undone.

    `pause` waits (seconds) before a lost write is tried again. All of it raises `Conflict` when others won
    again and again, and `Unavailable`.
    """

    holdings: Holdings
    now: int
    wanted: bool
    pause: Callable[[float], None]

    def member(self, key: str, become: Callable[[str, Members, int], Member], expires: int | None) -> None:
        """Write what a member is to `become`, given its key, those there are by key, and the moment.

        What it is already is not written: `expires` would be that of another's erasure. Nor does who
        belongs somewhere expire: they have come back meanwhile.
        """

        def write() -> None:
            members = self.holdings.members([key])
            if key not in members:
                return
            linked = members[key].user
            members |= self.holdings.members([user_key(linked)]) if linked else {}
            after = become(key, members, self.now)
            if after == members[key]:
                return
            left = home(key, members)
            moves = home(key, {**members, key: after}) != left
            ends = None if belongs(after) else expires
            self.holdings.put_member(key, after, left if moves else None, ends)

        self.again(write)

    def row(self, subject: str, write: Callable[[Row], None]) -> None:
        """Write a row as it is now, and as it is then if somebody else was first."""

        def once() -> None:
            row = self.holdings.row(subject)
            if row is not None:
                write(row)

        self.again(once)

    def again(self, write: Callable[[], None]) -> None:
        """Make a write until nobody else was first."""
        if not self.wanted:
            return
        for attempt in range(TRIES):
            try:
                write()
            except Conflict:
                if attempt == TRIES - 1:
                    raise
                self.pause(wait(attempt, 0.05))
            else:
                return
