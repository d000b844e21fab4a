"""Replay: count events again that were set aside or are in the archive, and announce nothing by it.

What is replayed goes the way of every event, so a repeat counts nothing, as long as its id is remembered.
Older events are refused, unless the table is built from nothing: then every event counts once more, in the
order in which it was counted, and where users and devices belong is learned as it was then. So the aggregates
are the same byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pql.core.archived import counted_at
from pql.core.envelope import decode, encode
from pql.core.errors import NewerVersion, Poison, PqlError, Unavailable
from pql.core.event import Event
from pql.core.times import day_of
from pql.flows.dwell import DWELL_DAYS, is_too_old, oldest
from pql.flows.gathering import Gathering, learned_at_once
from pql.flows.mailbox import Mailbox, keeping, letters
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.flows.redrive import Refusal
from pql.flows.tries import TRIES, wait
from pql.flows.wake import Waker

# A run of `process` has as many, and most archived deliveries fewer.
TOGETHER = 1_000
# Nobody kills a command: the functions' deadlines do not hold here.
FOREVER = 86_400


class Stored(NamedTuple):
    """An object of the archive: its key, the day of its events, and what sorts it by when it was counted.

    `order` is what `pql.core.archived.order_of` returns, `size` is in bytes as stored; `tag` differs where
    the content does.
    """

    key: str
    day: str
    order: str
    size: int = 0
    tag: str = ""

    @property
    def counted_at(self) -> int:
        """Return when the object was counted, in epoch ms."""
        return counted_at(self.order)


class Delivery(NamedTuple):
    """The events of one delivery that was counted and archived, in the order in which they came."""

    name: str
    events: Sequence[Event]


class Log(Protocol):
    """The archive as something to read."""

    def deliveries(self, first: str, last: str) -> Iterator[Delivery]:
        """Yield what was received on the days from `first` to `last`, in the order in which it was counted.

        Days are ISO dates in UTC; empty ones are no limit. Raises `Unavailable`.
        """


class Nowhere:
    """The `Archive` port of what is in the archive already."""

    def append(self, lines: Sequence[tuple[str, Event]], batch: str) -> None:
        """Store nothing."""


@dataclass
class Replayed:
    """What came of a replay: events taken and refused, what was counted, letters that stayed.

    `days` are the events refused by the day of their receipt.
    """

    events: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    refused: list[Refusal] = field(default_factory=list)
    days: dict[str, int] = field(default_factory=dict)
    letters: int = 0


@dataclass(frozen=True)
class Replay:
    """Replays by `processor` as of `now` (epoch ms); `pause` sleeps for seconds between tries.

    `refresh` is called before anything is judged, and often: to look which rules are in shadow by now.
    """

    processor: Processor
    now: int
    pause: Callable[[float], None]
    refresh: Callable[[], object] = lambda: None

    def archive(self, log: Log, first: str, last: str, *, rebuild: bool = False) -> Replayed:
        """Count what the archive holds of these days; what is too old only to `rebuild` an empty table.

        Raises `Unavailable`, and `PqlError` for what could not be counted; a repeat goes on.
        """
        found = Replayed()
        waiting = Gathering(from_nothing=rebuild)
        for events in learned_at_once(log.deliveries(first, last)):
            young = events if rebuild else self._young(events, found)
            if len(waiting.events) >= TOGETHER or not waiting.takes(young):
                self._count(waiting.empty(), found)
            waiting.add(young)
        self._count(waiting.empty(), found)
        return found

    def _young(self, events: Sequence[Event], found: Replayed) -> list[Event]:
        """Return those of the events whose ids are known for certain; the others are refused."""
        young = []
        for event in events:
            if is_too_old(event.received, self.now):
                day = day_of(event.received)
                found.days[day] = found.days.get(day, 0) + 1
            else:
                young.append(event)
        return young

    def quarantine(self, mailbox: Mailbox) -> Replayed:
        """Count what was set aside and can be read by now; what cannot, or is too old, stays there.

        Raises as `archive` does.
        """
        found = Replayed()
        with keeping(mailbox) as kept:
            for letter in letters(mailbox):
                events, why = self._readable(letter.body)
                if why:
                    kept.append(letter)
                    found.refused.append(Refusal(letter.id, why))
                    continue
                self._count(events, found, letter.id)
                mailbox.delete(letter)
                found.letters += 1
        return found

    def _readable(self, body: str) -> tuple[list[Event], str]:
        """Return the events of a message, and why they must stay where they are, if they must."""
        try:
            events = decode(body)
        except (Poison, NewerVersion) as error:
            return [], str(error)
        received = oldest(events)
        if received is not None and is_too_old(received, self.now):
            return [], f"received more than {DWELL_DAYS} days ago"
        return events, ""

    def wake(self, waker: Waker, found: Replayed) -> None:
        """Make the leads that time alone has made by now; raises as `archive` does."""
        while True:
            outcome = waker.run(self.now, self._remaining)
            found.outcome.counts.update(outcome.counts)
            _raise(outcome)
            if not outcome.counts["WakesCutShort"]:
                return

    def _remaining(self) -> int:
        """Return the milliseconds left, asked between any two accounts that are woken."""
        self.refresh()
        return FOREVER * 1_000

    def _count(self, events: Sequence[Event], found: Replayed, name: str = "replay") -> None:
        """Count events in their order, in one message; what loses against others is tried again."""
        if not events:
            return
        found.events += len(events)
        for attempt in range(TRIES):
            self.refresh()
            outcome = self.processor.process(
                [(name, encode(events))], f"replay-{name}", self.now, lambda: FOREVER
            )
            found.outcome.counts.update(outcome.counts)
            if not outcome.failed:
                return
            if attempt == TRIES - 1:
                _raise(outcome)
                raise Unavailable("others wrote the same accounts again and again")
            self.pause(wait(attempt, 0.1))


def _raise(outcome: Outcome) -> None:
    if outcome.stopped:
        raise outcome.stopped
    if outcome.faults:
        item, error = outcome.faults[0]
        raise PqlError(f"{item}: {error}")
