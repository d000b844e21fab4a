"""Process a batch of queue messages: learn members, count events, archive them, answer for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pql.core.envelope import decode
from pql.core.errors import Conflict, NewerVersion, Poison, Unavailable, Unwritable
from pql.core.event import Event
from pql.core.member import keys_of, other_subjects, subject_of
from pql.flows.count import LEAST_SECONDS, Counter
from pql.flows.learn import learn
from pql.flows.outcome import Outcome
from pql.flows.ports import Archive, Quarantine, Store
from pql.flows.sight import Sight, Work, look, parts, works

Message = tuple[str, str]


class Placed(NamedTuple):
    """An event of a message, the subject it is counted under, and where copies of it may have been."""

    message: str
    subject: str
    event: Event
    elsewhere: Sequence[str]


class Processor:
    """Processes batches. `horizon` is the lateness limit in milliseconds."""

    def __init__(
        self,
        store: Store,
        counter: Counter,
        archive: Archive,
        quarantine: Quarantine,
        *,
        horizon: int,
        pause: Callable[[float], None],
    ) -> None:
        self._store = store
        self._counter = counter
        self._archive = archive
        self._quarantine = quarantine
        self._horizon = horizon
        self._pause = pause

    def process(
        self, messages: Sequence[Message], batch: str, now: int, remaining: Callable[[], float]
    ) -> Outcome:
        """Process (id, body) messages; whatever is not in the outcome's `failed` may be deleted.

        A message is done once its events are committed (or were before) and archived. `batch` names
        the delivery, `remaining` returns the seconds left. After the first outage nothing more is
        tried: the rest fails without a call.
        """
        outcome = Outcome()
        read = self._read(messages, outcome)
        try:
            placed, failed = self._place(read, outcome)
        except Unavailable as error:
            return _all_failed(outcome, read, error)
        timely = [one for one in placed if not one.event.is_late(self._horizon)]
        outcome.counts["EventsLate"] = len(placed) - len(timely)
        failed |= self._count(timely, outcome, now, remaining)
        done = [one for one in placed if one.message not in failed]
        try:
            self._archive.append([(one.subject, one.event) for one in done], batch)
        except Unavailable as error:
            return _all_failed(outcome, read, error)
        outcome.failed += [message for message, _ in read if message in failed]
        return outcome

    def _read(self, messages: Sequence[Message], outcome: Outcome) -> list[tuple[str, list[Event]]]:
        read = []
        for message, body in messages:
            try:
                read.append((message, decode(body)))
            except NewerVersion as error:
                outcome.faults.append((message, error))
                outcome.failed.append(message)
            except Poison as poison:
                outcome.faults.append((message, poison))
                self._set_aside(message, body, poison, outcome)
        return read

    def _set_aside(self, message: str, body: str, poison: Poison, outcome: Outcome) -> None:
        try:
            self._quarantine.keep(body, poison.code)
        except Unavailable as error:
            outcome.faults.append((message, error))
            outcome.failed.append(message)
        else:
            outcome.counts["MessagesQuarantined"] += 1

    def _place(
        self, read: Sequence[tuple[str, list[Event]]], outcome: Outcome
    ) -> tuple[list[Placed], set[str]]:
        """Place the events, and return the messages whose members could not be learned besides."""
        learned = learn(self._store, [event for _, events in read for event in events], self._pause)
        members = learned.members
        failed = {
            message
            for message, events in read
            if any(key in learned.faults for event in events for key in keys_of(event))
        }
        outcome.faults += learned.faults.items()
        placed = [
            Placed(message, subject_of(event, members), event, other_subjects(event, members))
            for message, events in read
            if message not in failed
            for event in events
        ]
        return placed, failed

    def _count(
        self, placed: Sequence[Placed], outcome: Outcome, now: int, remaining: Callable[[], float]
    ) -> set[str]:
        """Count what is placed and return the messages that must come again."""
        todo = works((one.subject, one.event, one.elsewhere) for one in placed)
        failed: set[str] = set()
        try:
            sight = look(self._store, [next(parts(work)) for work in todo])
        except Unavailable as error:
            outcome.stopped = error
            return {one.message for one in placed}
        for work in todo:
            if not self._count_one(work, sight, outcome, now, remaining):
                failed.add(work.subject)
        return {one.message for one in placed if one.subject in failed}

    def _count_one(
        self, work: Work, sight: Sight, outcome: Outcome, now: int, remaining: Callable[[], float]
    ) -> bool:
        if outcome.stopped is not None or remaining() < LEAST_SECONDS:
            return False
        try:
            counted = self._counter.count(work, sight, now, remaining)
        except Unavailable as error:
            outcome.stopped = error
            return False
        except (Conflict, NewerVersion, Unwritable) as error:
            outcome.faults.append((work.subject, error))
            return False
        outcome.counts["EventsCounted"] += counted.new
        outcome.counts["EventsRepeated"] += counted.repeats
        outcome.counts["LeadsCreated"] += counted.leads
        outcome.counts["Conflicts"] += counted.conflicts
        return True


def _all_failed(outcome: Outcome, read: Sequence[tuple[str, list[Event]]], error: Unavailable) -> Outcome:
    outcome.failed += [message for message, _ in read]
    outcome.stopped = error
    return outcome
