"""The history of every subject, as the archive tells it: what new signals would hold, were they old."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping

from pql.backtest.past.recollection import Recollection
from pql.core.dedup import EPOCH_DAYS, ID_BYTES, Mark, mark_of
from pql.core.event import Event
from pql.core.keys import anonymous_key
from pql.core.member import Member, actor_key, person_left, person_of, teaches
from pql.core.window import DAY
from pql.engine.account import Account
from pql.engine.plan import Plan

# What was archived of a subject, and is counted elsewhere (None: nowhere), by id.
Corrections = Mapping[str, Mapping[bytes, str | None]]


class Past:
    """What was counted of one subject: its account, unjudged, all ids, and the marks of the young."""

    __slots__ = ("account", "ids", "young")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.ids = bytearray()
        self.young: list[Mark] = []

    def known(self) -> set[bytes]:
        """Return the ids of all its events."""
        return {bytes(self.ids[at : at + ID_BYTES]) for at in range(0, len(self.ids), ID_BYTES)}


class History:
    """Takes the lines of the archive in the order in which they were counted.

    `places` are those of the signals that are wanted, in the plan about accounts and in that about people.
    `horizon` is the lateness limit (ms): later events were never counted. Those received since `since`
    (epoch ms) are young: the table still has their ids. Ids are told from repeats for `keep` ms at least,
    those of events without a time of their own for as long as live ones.
    `ends` says which events count for their person whatever the rules look at. `corrections`
    say what an earlier look found misplaced. `moved` is which visitor became which person, `first` when
    the first line was received.
    """

    def __init__(
        self,
        plan: Plan,
        places: tuple[Collection[int], Collection[int]],
        *,
        horizon: int,
        since: int,
        keep: int = 90 * DAY,
        ends: Callable[[Event], bool] | None = None,
        corrections: Corrections | None = None,
    ) -> None:
        self._plan = plan
        self._of_accounts = Recollection(plan, places[0])
        self._of_people = Recollection(plan.people or plan, places[1])
        self._horizon = horizon
        self._since = since
        self._timed, self._untimed = _Ids(keep), _Ids(EPOCH_DAYS * DAY)
        self._ends = ends
        self._corrections = corrections or {}
        self._members: dict[str, Member] = {}
        self.pasts: dict[str, Past] = {}
        self.moved: dict[str, str] = {}
        self.first: int | None = None
        self.events = 0

    def take(self, subject: str, event: Event) -> None:
        """Take an event that was counted under `subject`; a repeat changes nothing."""
        self.first = event.received if self.first is None else min(self.first, event.received)
        people = self._plan.people
        if people is not None:
            self._learn(event)
        if event.is_late(self._horizon):
            return
        self._timed.turn(event.received)
        self._untimed.turn(event.received)
        mark = mark_of(event)
        if not self._plan.is_blank:
            corrected = self._corrections.get(subject)
            place = corrected.get(mark.id, subject) if corrected else subject
            if place is not None and self._is_new(mark, _whose(event, subject)):
                self._count(self._of_accounts, place, mark, event)
        if people is not None and (people.concerns(event) or (self._ends is not None and self._ends(event))):
            person = person_of(event, self._members)
            if person is not None and self._is_new(mark, f"p{actor_key(event)}"):
                self._count(self._of_people, person, mark, event)

    def _count(self, recollection: Recollection, subject: str, mark: Mark, event: Event) -> None:
        self.events += 1
        past = self.pasts.get(subject)
        if past is None:
            past = self.pasts[subject] = Past(recollection.account(subject))
        past.ids += mark.id
        if event.received >= self._since:
            past.young.append(mark)
        recollection.count(past.account, event)

    def _learn(self, event: Event) -> None:
        """Follow which user an anonymous id has become."""
        if not (teaches(event) and event.user and event.anonymous):
            return
        key = anonymous_key(event.anonymous)
        before = self._members.get(key, Member())
        after = before.taught(event, anonymous=True)
        if after is before:
            return
        self._members[key] = after
        left = person_left(key, before, after)
        if left is not None and before.user is None:
            self.moved[left[0]] = left[1]

    def _is_new(self, mark: Mark, whose: str) -> bool:
        key = mark.id + zlib.crc32(whose.encode()).to_bytes(4, "big")
        return (self._timed if mark.timed else self._untimed).add(key)


class _Ids:
    """The ids of two spans of time (ms), the present one and the one before."""

    def __init__(self, span: int) -> None:
        self._span = span
        self._present: set[bytes] = set()
        self._before: set[bytes] = set()
        self._turn = 0

    def add(self, one: bytes) -> bool:
        """Remember an id; return whether it is new."""
        if one in self._present or one in self._before:
            return False
        self._present.add(one)
        return True

    def turn(self, now: int) -> None:
        """Forget the ids that no copy can follow any more."""
        turn = now // self._span
        if turn > self._turn:
            self._before = self._present if turn == self._turn + 1 else set()
            self._present = set()
            self._turn = turn


def _whose(event: Event, subject: str) -> str:
    """Return among whose events copies are looked for: the account's it names, else its actor's."""
    return subject if event.account is not None else actor_key(event)
