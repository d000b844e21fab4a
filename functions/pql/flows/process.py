"""Process a batch of queue messages: learn members, count events, convert leads, archive, answer for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pql.core.envelope import decode
from pql.core.errors import Conflict, Moved, NewerVersion, Poison, Unavailable
from pql.core.event import Event
from pql.core.keys import in_logs, is_person
from pql.flows.convert import Converter, converted_by, origins
from pql.flows.count import LEAST_SECONDS, Counter
from pql.flows.learn import Learner
from pql.flows.outcome import Outcome, is_contended, unforeseen
from pql.flows.place import Arrived, Placer
from pql.flows.ports import Archive, Quarantine, Store
from pql.flows.sight import Sight, Work, look, parts, works
from pql.flows.tries import TRIES

Message = tuple[str, str]


class Processor:
    """Processes batches. `horizon` is the lateness limit in milliseconds.

    Without `converter` no event ends a lead.
    """

    def __init__(
        self,
        store: Store,
        counter: Counter,
        archive: Archive,
        quarantine: Quarantine,
        *,
        horizon: int,
        pause: Callable[[float], None],
        converter: Converter | None = None,
    ) -> None:
        self._store = store
        self._counter = counter
        ends = converter.is_conversion if converter else None
        self._placer = Placer(Learner(store, counter.plan, pause), counter.plan.people, ends)
        self._archive = archive
        self._quarantine = quarantine
        self._horizon = horizon
        self._converter = converter

    def process(
        self, messages: Sequence[Message], batch: str, now: int, remaining: Callable[[], float]
    ) -> Outcome:
        """Process (id, body) messages; whatever is not in the outcome's `failed` may be deleted.

        A message is done once its events are committed (or were before), have converted what they convert,
        and are archived. `batch` names the delivery, `remaining` returns the seconds left. After the first
        outage nothing more is tried: the rest fails without a call.
        """
        outcome = Outcome()
        read = self._read(messages, outcome)
        events = [(message, event) for message, found in read for event in found]
        try:
            self._counter.editions.declare()
            arrived, failed = self._placer.place(events, outcome)
        except Unavailable as error:
            return _all_failed(outcome, read, error)
        late = [one for one in arrived if one.placed.event.is_late(self._horizon)]
        outcome.counts["EventsLate"] = sum(not one.is_of_person for one in late)
        timely = [one for one in arrived if not one.placed.event.is_late(self._horizon)]
        judged = [one for one in timely if one.is_of_person or not self._counter.plan.is_blank]
        unjudged = [one for one in timely if self._counter.plan.is_blank and not one.is_of_person]
        counted, uncounted = self._count(judged, outcome, now, remaining)
        counted += unjudged
        failed |= uncounted
        # Also of messages that must come again for another account's sake: that may take days.
        failed |= self._convert(counted, outcome, now, remaining)
        done = [one.placed for one in [*late, *counted] if not one.is_of_person]
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

    def _count(
        self, arrived: Sequence[Arrived], outcome: Outcome, now: int, remaining: Callable[[], float]
    ) -> tuple[list[Arrived], set[str]]:
        """Count events and return them as they were placed in the end, and the messages to come again.

        Those of somebody who was moved meanwhile are placed again.
        """
        counted: list[Arrived] = []
        failed: set[str] = set()
        for _ in range(TRIES):
            moved, stuck = self._count_once(arrived, outcome, now, remaining)
            again = [one for one in arrived if one.placed.subject in moved]
            failed |= {one.message for one in arrived if one.placed.subject in stuck}
            undone = moved | stuck
            counted += [one for one in arrived if one.placed.subject not in undone]
            if not again:
                break
            try:
                arrived, unlearned = self._placer.again(again, outcome)
            except Unavailable as error:
                outcome.stopped = error
                return counted, failed | {one.message for one in again}
            failed |= unlearned
        else:
            outcome.counts["AccountsContended"] += len({one.placed.subject for one in arrived})
            failed |= {one.message for one in arrived}
        return counted, failed

    def _count_once(
        self, arrived: Sequence[Arrived], outcome: Outcome, now: int, remaining: Callable[[], float]
    ) -> tuple[set[str], set[str]]:
        """Count what has arrived; return the subjects somebody was moved from, and those that failed."""
        todo = works(one.placed for one in arrived)
        moved: set[str] = set()
        stuck: set[str] = set()
        try:
            sight = look(self._store, [next(parts(work)) for work in todo])
        except Unavailable as error:
            outcome.stopped = error
            return moved, {work.subject for work in todo}
        for work in todo:
            try:
                if not self._count_one(work, sight, outcome, now, remaining):
                    stuck.add(work.subject)
            except Moved:
                outcome.counts["Conflicts"] += 1
                moved.add(work.subject)
        return moved, stuck

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
        except Moved:
            raise
        except (Conflict, NewerVersion) as error:
            outcome.counts["AccountsContended"] += is_contended(error)
            outcome.faults.append((in_logs(work.subject), error))
            return False
        except Exception as error:  # noqa: BLE001 - it would take the whole batch to the dead letters with it
            outcome.counts["AccountsFailed"] += 1
            outcome.faults.append((in_logs(work.subject), unforeseen(error)))
            return False
        # Where there are accounts an event that is counted for its person as well is still one event.
        beside = "ForPeople" if is_person(work.subject) and not self._counter.plan.is_blank else ""
        outcome.counts[f"EventsCounted{beside}"] += counted.new
        outcome.counts[f"EventsRepeated{beside}"] += counted.repeats
        outcome.counts["LeadsCreated"] += counted.leads
        if counted.suppressed:
            outcome.counts["LeadsSuppressed"] += counted.suppressed
        outcome.counts["Conflicts"] += counted.conflicts
        if counted.large:
            outcome.counts["LargeAccounts"] += counted.large
            outcome.large.append(in_logs(work.subject))
        return True

    def _convert(
        self, counted: Sequence[Arrived], outcome: Outcome, now: int, remaining: Callable[[], float]
    ) -> set[str]:
        """Convert whom the counted events convert; return the messages that must come again for it."""
        converter = self._converter
        if converter is None:
            return set()
        told: dict[str, list[Arrived]] = {}
        for one in counted:
            if converter.is_conversion(one.placed.event):
                for subject in converted_by(one.placed):
                    told.setdefault(subject, []).append(one)
        failed: set[str] = set()
        for subject, ones in told.items():
            if not self._convert_one(converter, subject, ones, outcome, now, remaining):
                failed |= {one.message for one in ones}
        return failed

    def _convert_one(
        self,
        converter: Converter,
        subject: str,
        ones: Sequence[Arrived],
        outcome: Outcome,
        now: int,
        remaining: Callable[[], float],
    ) -> bool:
        """Convert one subject, and whoever was folded into it; return whether nothing is left to do."""
        if outcome.stopped is not None or remaining() < LEAST_SECONDS:
            return False
        events = [one.placed.event for one in ones]
        try:
            for place, whom in enumerate(origins(self._store, subject)):
                # There may be a hundred of them, with a thousand leads each.
                if place and remaining() < LEAST_SECONDS:
                    return False
                outcome.counts["LeadsConverted"] += converter.convert(whom, events, now)
        except Unavailable as error:
            outcome.stopped = error
        except (Conflict, Poison) as error:
            outcome.counts["AccountsContended"] += is_contended(error)
            outcome.faults.append((in_logs(subject), error))
        except Exception as error:  # noqa: BLE001 - as above
            outcome.counts["AccountsFailed"] += 1
            outcome.faults.append((in_logs(subject), unforeseen(error)))
        else:
            return True
        return False


def _all_failed(outcome: Outcome, read: Sequence[tuple[str, list[Event]]], error: Unavailable) -> Outcome:
    outcome.failed += [message for message, _ in read]
    outcome.stopped = error
    return outcome
