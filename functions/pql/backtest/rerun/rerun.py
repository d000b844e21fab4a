"""The rerun: a history of events through the step that runs live, and what its rules make of it.

It finds what the live engine finds when the same events are delivered one by one in the order of their
receipt: the same leads, and the same bytes of every account. What time alone makes true is found at its
moment, to the last receipt. `flows/process.py` is the measure, and a law holds both together. They may
differ in a copy without a time of its own that comes more than ninety days after the first: live, the ids
that an account counted last are known for longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from pql.backtest.changes.ruling import stamps
from pql.backtest.course import Course, Subject
from pql.backtest.rerun.glimpse import as_of, brought, traits_of, values_of
from pql.backtest.rerun.herd import LIVE, Herd, Tracked
from pql.backtest.rerun.identities import Identities, Step
from pql.backtest.rerun.labels import Conversions, Labels
from pql.backtest.rerun.nearest import Nearest
from pql.backtest.rerun.notes import Notes, order
from pql.backtest.rerun.seen import Seen
from pql.core.event import Event
from pql.core.keys import account_key
from pql.core.member import keys_of, other_people, other_subjects, person_of, subject_of
from pql.core.window import DAY, NEVER
from pql.engine.account import Account
from pql.engine.merge import merge
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.engine.step import step, wake, waking
from pql.rules.names import folded
from pql.rules.pack import Pack

# As long as the ids of repeats are kept beyond the lateness limit, in days.
KEEP_MORE = 38


def rerun(
    pack: Pack,
    events: Iterable[Event],
    *,
    horizon: int,
    conversions: Conversions,
    age: int | None = None,
    mine: Callable[[str], bool] | None = None,
    rehearsed: bool = True,
) -> Course:
    """Return the course that `events`, in the order of receipt, take under the rules of `pack`.

    `horizon` is the lateness limit in ms. `conversions` are moments (epoch ms) by the id of an account or
    a user, or the names of the events that tell. `age` (ms) asks for snapshots. `mine` says which subjects
    are counted at all. Drafts are judged, too, unless it is not to be `rehearsed`.
    """
    one = Rerun(pack, horizon=horizon, conversions=conversions, age=age, mine=mine, rehearsed=rehearsed)
    for event in events:
        one.take(event)
    return one.finish()


class Rerun:
    """A rerun on its way; the parameters are those of `rerun`, `live` is how many accounts stay unpacked."""

    def __init__(
        self,
        pack: Pack,
        *,
        horizon: int,
        conversions: Conversions = (),
        age: int | None = None,
        mine: Callable[[str], bool] | None = None,
        rehearsed: bool = True,
        live: int = LIVE,
    ) -> None:
        self._ends = pack.conversions
        stamped = stamps(pack)
        pack = pack.rehearsed() if rehearsed else pack
        self.plan = Plan(pack)
        self._people = self.plan.people
        self._horizon = horizon
        self._age = age
        self._mine = mine
        self._judges = not self.plan.is_blank
        self._labels = Labels(conversions)
        self._tells = self._labels.are_told
        self._identities = Identities(people=self._people is not None)
        self._members = self._identities.members
        self._seen = Seen(horizon // DAY + KEEP_MORE)
        self.herd = Herd(self.plan, live)
        judged = [one.name for plan in self._plans() for one in plan.rules]
        rules = [name for file in pack.files.values() for name in file.rules if name in judged]
        self.course = Course(rules, stamps={name: stamped[name] for name in rules})
        self._notes = Notes(self.course)
        # Most events name their account: the key of each is made once.
        self._accounts: dict[str, Tracked | None] = {}
        self._oldest, self._newest = NEVER, 0
        self._near = {id(plan): Nearest(plan) for plan in self._plans()}

    def take(self, event: Event) -> None:
        """Learn from an event, and count it for its account and its person, if they are followed."""
        received, kind = event.received, event.type
        if received > self._newest or received < self._oldest:
            self.see(received)
        if (kind == "identify" or kind == "group") and any(map(self._follows, keys_of(event))):  # noqa: PLR1714 - twice as fast
            for move in self._identities.learn(event):
                self._fold(move, event)
        if self._tells and self._labels.is_told_by(event):
            self._convert(event)
        is_late = received - event.time > self._horizon
        name = event.account
        one = self._owner(event) if name is None or name not in self._accounts else self._accounts[name]
        if one is not None:
            if is_late:
                self.course.late += 1
            elif self._judges:
                self._count(one, () if name is not None else other_subjects(event, self._members), event)
        if self._people is not None and not is_late and self._concerns(event):
            person = person_of(event, self._members)
            if person is not None and self._follows(person):
                self._count(self.herd.get(person), other_people(event, self._members), event)

    def see(self, received: int) -> None:
        """Note that there is an event, received then (epoch ms), of somebody who is not followed."""
        if received > self._newest:
            self._newest = received
        if received < self._oldest:
            self._oldest = received

    def _owner(self, event: Event) -> Tracked | None:
        """Return whom the event is counted for, None if that one is not followed."""
        name = event.account
        if name is None:
            subject = subject_of(event, self._members)
            return self.herd.get(subject) if self._follows(subject) else None
        subject = account_key(name)
        one = self._accounts[name] = self.herd.get(subject) if self._follows(subject) else None
        return one

    def finish(self, *, near: bool = True) -> Course:
        """Judge what time alone has made true by the last receipt, and return the course; it is the end.

        It tells who came `near` a lead without one, which may take longer than all the rest.
        """
        last = self._newest
        rules = {id(plan): sum(slot.bit for slot in plan.rules) for plan in self._plans()}
        if self._oldest < NEVER:
            self.course.first, self.course.last = self._oldest, last
        for one in self.herd.all.values():
            record = one.record
            if record is None:
                continue
            if one.account is not None or one.state:
                account = one.account or unpack(one.plan, one.key, one.state)
                if last >= one.look:
                    self._look(one, account, last)
                self._pass(one, account, last)
                if near and not one.is_closed and rules[id(one.plan)] & ~one.fired:
                    self._near[id(one.plan)].consider(brought(one.plan, account, last), one.fired)
            if self._has_namesake(one):
                record.converted = None
        self.course.misses = [one for nearest in self._near.values() for one in nearest.misses()]
        self.course.heard = sorted(self._labels.heard)
        return self._in_order()

    def _in_order(self) -> Course:
        course = self.course
        course.counted = sum(
            one.record.events
            for one in self.herd.all.values()
            if one.record is not None and not self._is_beside(one)
        )
        found = {one.key: one.record for one in self.herd.all.values() if one.record is not None}
        course.subjects = dict(sorted(found.items()))
        course.qualified.sort(key=order)
        course.moved = dict(sorted(course.moved.items()))
        return course

    def _plans(self) -> Iterator[Plan]:
        yield self.plan
        if self.plan.people is not None:
            yield self.plan.people

    def _follows(self, key: str) -> bool:
        return self._mine is None or self._mine(key)

    def _concerns(self, event: Event) -> bool:
        """Return whether an event is counted for its person, too: what ends leads always is."""
        if self._people is not None and self._people.concerns(event):
            return True
        return bool(self._ends) and event.type == "track" and folded(event.name) in self._ends

    def _count(self, one: Tracked, elsewhere: Sequence[str], event: Event) -> None:
        """Count an event for a subject, unless it was before: here, or where its actor was counted once."""
        if (elsewhere and self._was_counted(elsewhere, event)) or not self._seen.add(one.salt, event):
            self.course.repeats += not self._is_beside(one)
            return
        account = one.account or self.herd.account(one)
        record = one.record or self._begin(one, event)
        received = event.received
        if received > account.clock:
            if received >= one.look:
                self._look(one, account, received)
            if received >= account.wake or received >= account.due:
                self._pass(one, account, received)
        elif account.clock >= one.look:
            self._look(one, account, account.clock)
        record.events += 1
        if received > record.last:
            record.last = received
        waited = account.waiting
        fired = step(one.plan, account, event)
        if fired or account.suppressed or account.waiting != waited:
            self._notes.fired(one, account, fired, event, waited)
        values, best = account.values, one.best
        for index, place in one.places:
            if values[place] > best[index]:  # type: ignore[operator] # a score is a number
                self._notes.peaks(one, account)
                break

    def _was_counted(self, elsewhere: Sequence[str], event: Event) -> bool:
        known = self.herd.all
        return any(one in known and self._seen.has(known[one].salt, event) for one in elsewhere)

    def _is_beside(self, one: Tracked) -> bool:
        """Return whether what is counted for it is counted for its account as well."""
        return one.plan is not self.plan and not self.plan.is_blank

    def _pass(self, one: Tracked, account: Account, until: int) -> None:
        """Judge every moment (epoch ms) to `until` at which time alone may have made a rule true."""
        if until < account.wake and until < account.due:
            return
        plan = one.plan
        while (moment := waking(plan, account)) <= until:
            waited = account.waiting
            self._notes.fired(one, account, wake(plan, account, moment), None, waited)
            self._notes.peaks(one, account)
        account.wake = moment

    def _begin(self, one: Tracked, event: Event) -> Subject:
        """Return the record of a subject whose first event this is."""
        record = Subject(one.key, event.received, event.received, converted=self._labels.of(one.key))
        one.record = record
        one.born = min(one.born, event.received)
        if record.converted is not None:
            one.converted = record.converted
        # Who had converted before is nobody's miss.
        one.is_closed = one.converted <= one.born
        self._plan_look(one)
        return record

    def _plan_look(self, one: Tracked) -> None:
        """Set when the subject is next to be looked at: when it is of age, and when it converts."""
        record = one.record
        one.look = NEVER
        if record is None:
            return
        if self._age is not None and record.snapshot is None:
            one.look = one.born + self._age
        if not one.is_closed:
            one.look = min(one.look, one.converted)

    def _look(self, one: Tracked, account: Account, now: int) -> None:
        """Take the snapshot, and close the account, if either is due at `now` or was before."""
        record = one.record
        if record is None:
            return
        if self._age is not None and record.snapshot is None and one.born + self._age <= now:
            then = as_of(one.plan, account, one.born + self._age)
            record.snapshot, record.traits = values_of(one.plan, then), traits_of(one.plan, then)
        if one.converted <= now:
            self._close(one, account, one.converted)
        self._plan_look(one)

    def _has_namesake(self, one: Tracked) -> bool:
        """Return whether there is an account that the moment given for its id is of."""
        namesake = self.herd.all.get(self._labels.namesake(one.key) or "")
        return namesake is not None and namesake.record is not None

    def _close(self, one: Tracked, account: Account, at: int) -> None:
        if not one.is_closed:
            one.is_closed = True
            self._near[id(one.plan)].consider(as_of(one.plan, account, at), one.fired, converted=True)

    def _convert(self, event: Event) -> None:
        """Note whom an event converts: where it is counted, and who did it."""
        others = [one for one in other_subjects(event, self._members) if not one.startswith("a:")]
        subjects = [subject_of(event, self._members), *others]
        person = person_of(event, self._members)
        for key in self._labels.tell(event, [*subjects, *([person] if person else [])]):
            one = self.herd.all.get(key)
            # Whoever was folded is part of an account by now, which converts by its own events alone.
            if one is None or one.record is None or key in self.course.moved:
                continue
            at = self._labels.of(key)
            one.record.converted = at
            if at is not None and at < one.converted:
                self._notes.converted(one, at)
            if at is not None and (one.account is not None or one.state):
                self._close(one, self.herd.account(one), at)

    def _fold(self, move: Step, event: Event) -> None:
        """Fold what was counted of somebody into whom they belong to from now on."""
        left = self.herd.all.get(move.left)
        if left is None or (left.account is None and not left.state):
            return
        into = self.herd.get(move.into)
        is_new = into.account is None and not into.state
        theirs, ours = self.herd.account(left), self.herd.account(into)
        now = max(event.received, theirs.clock, ours.clock)
        for one, account in ((left, theirs), (into, ours)):
            if one is left or not is_new:
                if now >= one.look:
                    self._look(one, account, now)
                self._pass(one, account, now)
        self._take_over(left, into, event)
        if event.account is not None and account_key(event.account) != into.key:
            event = msgspec.structs.replace(event, account=None)
        waited = ours.waiting
        self._notes.fired(into, ours, merge(into.plan, ours, theirs, event), event, waited)
        self._notes.peaks(into, ours)
        self.herd.forget(left)
        self.herd.repack(into)
        self.course.moved[left.key] = into.key

    def _take_over(self, left: Tracked, into: Tracked, event: Event) -> None:
        """Let the older of both decide how old they are together."""
        is_older = left.born < into.born
        into.born = min(into.born, left.born)
        into.fired |= left.fired
        record = into.record or self._begin(into, event)
        if left.record is not None and (is_older or record.snapshot is None):
            record.snapshot, record.traits = left.record.snapshot, left.record.traits
        if left.converted < into.converted and not self._has_namesake(left):
            self._notes.converted(into, left.converted)
            into.is_closed = into.is_closed or left.is_closed
        self._plan_look(into)
