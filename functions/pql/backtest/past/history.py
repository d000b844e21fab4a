"""The history of every subject, as the archive tells it: what new signals would hold, were they old."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from pql.backtest.past.recollection import Recollection
from pql.backtest.rerun.seen import Seen, salt_of
from pql.core.dedup import ID_BYTES, Mark, mark_of
from pql.core.event import Event
from pql.core.keys import anonymous_key
from pql.core.member import Member, actor_key, person_left, person_of, teaches
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
    (epoch ms) are young: the table still has their ids. Repeats are known for `keep` days, as `Seen` has it.
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
        keep: int = 90,
        ends: Callable[[Event], bool] | None = None,
        corrections: Corrections | None = None,
    ) -> None:
        self._plan = plan
        self._of_accounts = Recollection(plan, places[0])
        self._of_people = Recollection(plan.people or plan, places[1])
        self._horizon = horizon
        self._since = since
        self._seen = Seen(keep)
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
        mark = mark_of(event)
        if not self._plan.is_blank:
            corrected = self._corrections.get(subject)
            place = corrected.get(mark.id, subject) if corrected else subject
            if place is not None and self._seen.add(salt_of(_whose(event, subject)), event):
                self._count(self._of_accounts, place, mark, event)
        if people is not None and (people.concerns(event) or (self._ends is not None and self._ends(event))):
            person = person_of(event, self._members)
            if person is not None and self._seen.add(salt_of(f"p{actor_key(event)}"), event):
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


def _whose(event: Event, subject: str) -> str:
    """Return among whose events copies are looked for: the account's it names, else its actor's."""
    return subject if event.account is not None else actor_key(event)
