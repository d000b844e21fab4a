"""Who a rerun follows: the lately active as they are counted, all others packed as the table holds them."""

from __future__ import annotations

from collections.abc import Iterator

from pql.backtest.course import Subject
from pql.backtest.rerun.seen import salt_of
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack

LIVE = 10_000


class Tracked:
    """One subject: its record in the course, and its account, or the bytes of it.

    `look` is the moment (epoch ms) from which it is to be looked at before an event is counted, `born` when
    it, or somebody folded into it, was first seen. `fired` are the bits of the rules it has had a lead of,
    `best` its scores when they were highest, `places` the number of each among them and where it stands.
    `converted` is when (epoch ms) it, or somebody folded into it, did. `is_closed` says that it is settled
    how near it came.
    """

    __slots__ = (
        "account",
        "best",
        "born",
        "converted",
        "fired",
        "is_closed",
        "key",
        "look",
        "places",
        "plan",
        "record",
        "salt",
        "state",
    )

    def __init__(self, key: str, plan: Plan, places: list[tuple[int, int]]) -> None:
        self.key = key
        self.plan = plan
        self.record: Subject | None = None
        self.salt = salt_of(key)
        self.account: Account | None = None
        self.state = b""
        self.born = NEVER
        self.look = NEVER
        self.fired = 0
        self.places = places
        self.best = [0.0] * len(places)
        self.converted = NEVER
        self.is_closed = False


class Herd:
    """All subjects by key, `live` of them unpacked at most."""

    def __init__(self, plan: Plan, live: int = LIVE) -> None:
        self._plan = plan
        self._most = live
        self._places = {id(one): [*enumerate(slot.place for slot in one.scores)] for one in plan.every}
        self._live: list[Tracked] = []
        self.all: dict[str, Tracked] = {}

    def get(self, key: str) -> Tracked:
        """Return who is counted under a key, from now on if nobody was."""
        one = self.all.get(key)
        if one is None:
            plan = self._plan.of(key)
            one = self.all[key] = Tracked(key, plan, self._places[id(plan)])
        return one

    def account(self, one: Tracked) -> Account:
        """Return its account, to be counted into."""
        if one.account is None:
            if len(self._live) >= self._most:
                self._rest()
            one.account = unpack(one.plan, one.key, one.state)
            one.state = b""
            self._live.append(one)
        return one.account

    def repack(self, one: Tracked) -> None:
        """Leave the account as the table holds it: what it stands for is settled when it is read again."""
        one.state = pack(one.plan, self.account(one))
        one.account = None

    def forget(self, one: Tracked) -> None:
        """Leave nothing of its account: it has become part of another."""
        one.account = None
        one.state = b""

    def states(self) -> Iterator[tuple[str, bytes]]:
        """Yield every subject of which something is known, and its account's bytes."""
        for key, one in self.all.items():
            state = one.state if one.account is None else pack(one.plan, one.account)
            if one.account is not None or state:
                yield key, state

    def _rest(self) -> None:
        """Pack the half that has been quiet for longest."""
        self._live.sort(key=_clock)
        half = len(self._live) // 2 or 1
        for one in self._live[:half]:
            if one.account is not None:
                one.state = pack(one.plan, one.account)
                one.account = None
        del self._live[:half]


def _clock(one: Tracked) -> int:
    return one.account.clock if one.account is not None else 0
