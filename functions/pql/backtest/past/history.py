"""The history of every subject, as the archive tells it: what new signals would hold, were they old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from pql.backtest.past.recollection import Recollection
from pql.backtest.rerun.seen import Seen, salt_of
from pql.core.dedup import ID_BYTES, Mark, mark_of
from pql.core.event import Event
from pql.core.keys import anonymous_key, as_person, person_key
from pql.core.member import Member, actor_key, person_left, person_of, teaches
from pql.engine.account import Account
from pql.engine.plan import Plan

# Who does something mostly does more: to look a salt up takes a fifth of the time.
_salt = lru_cache(maxsize=1 << 16)(salt_of)

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

    Of devices that changed hands: `owners` are the people who had one, `devices` those that a person had;
    `copies` are, by person, the ids of what was theirs when it came again, and somebody else's when it came
    first.
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
        # By member key. Some send the same anonymous id for everybody: there are as many pairs as people.
        self.owners: dict[str, set[str]] = {}
        self.devices: dict[str, set[str]] = defaultdict(set)
        self.copies: dict[str, set[bytes]] = defaultdict(set)
        self.pasts: dict[str, Past] = {}
        self.moved: dict[str, str] = {}
        self.first: int | None = None
        self.events = 0

    def learn(self, events: Iterable[Event]) -> None:
        """Learn what the events of a delivery teach: all of it was known before any of them was counted."""
        lessons: dict[str, list[Event]] = defaultdict(list)
        for event in events if self._plan.people else ():
            if teaches(event) and event.user and event.anonymous:
                lessons[anonymous_key(event.anonymous)].append(event)
        for key, told in lessons.items():
            self._learn(key, told)

    def take(self, subject: str, event: Event) -> None:
        """Take an event that was counted under `subject`; a repeat changes nothing."""
        self.first = event.received if self.first is None else min(self.first, event.received)
        people = self._plan.people
        if teaches(event):
            self.learn((event,))
        if event.is_late(self._horizon):
            return
        mark = mark_of(event)
        place: str | None = subject
        if not self._plan.is_blank:
            corrected = self._corrections.get(subject)
            place = corrected.get(mark.id, subject) if corrected else subject
            actor = None if event.account is not None else actor_key(event)
            if place is not None and self._is_new(place, actor, event):
                self._count(self._of_accounts, place, mark, event)
        if people is not None and (people.concerns(event) or (self._ends is not None and self._ends(event))):
            self._take_of_person(subject, place, mark, event)

    def _take_of_person(self, subject: str, place: str | None, mark: Mark, event: Event) -> None:
        """Take an event for its person, which was archived under `subject` and was counted in `place`."""
        key, known = actor_key(event), person_of(event, self._members)
        if known is None or (place is None and not event.user and key not in self.owners):
            return
        person = _placed(subject, event) or known
        if person != known:
            self._share(key, person, known)  # the call that told of it was archived late
        whose = person if place is None or place == subject else _placed(place, event) or known
        corrected = self._corrections.get(whose)
        counted = corrected.get(mark.id, whose) if corrected else whose
        if counted is None:
            return
        is_new = self._is_new(counted, None if event.user else f"p{key}", event)
        if is_new:
            self._count(self._of_people, counted, mark, event)
        if whose != person or not (is_new or event.user):
            self.copies[person].add(mark.id)

    def _is_new(self, place: str, actor: str | None, event: Event) -> bool:
        """Return whether an event is no copy: in its place, and where that hangs on its actor, of theirs."""
        is_of_actor = actor is None or self._seen.add(_salt(actor), event)
        return is_of_actor and (place == actor or self._seen.add(_salt(place), event))

    def _count(self, recollection: Recollection, subject: str, mark: Mark, event: Event) -> None:
        self.events += 1
        past = self.pasts.get(subject)
        if past is None:
            past = self.pasts[subject] = Past(recollection.account(subject))
        past.ids += mark.id
        if event.received >= self._since:
            past.young.append(mark)
        recollection.count(past.account, event)

    def _learn(self, key: str, lessons: Sequence[Event]) -> None:
        """Follow which user an anonymous id has become."""
        before = after = self._members.get(key, Member())
        owners = {before.user, *(event.user for event in lessons)}
        for event in lessons:
            after = after.taught(event, anonymous=True)
        self._members[key] = after
        if before.user is None:
            if left := person_left(key, before, after):
                self.moved[left[0]] = left[1]
        elif len(owners) > 1:
            # Also who does not win any more: the call may be archived late, and have won when it came.
            self._share(key, *(person_key(one) for one in owners if one))

    def _share(self, key: str, *people: str) -> None:
        """Note that a device was these people's, and a visitor's before."""
        visitor = as_person(key)
        self.owners.setdefault(key, {visitor}).update(people)
        for one in (visitor, *people):
            self.devices[one].add(key)


def _placed(subject: str, event: Event) -> str | None:
    """Return whose a device's event was, where it was counted under them; None if under an account."""
    own = not event.user and event.account is None and subject.startswith(("u:", "n:"))
    return as_person(subject) if own else None
