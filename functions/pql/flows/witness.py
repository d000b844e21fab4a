"""Witness: notes once an hour that an event which some rule needs has arrived.

That is how a rule is known to be blind (`pql.flows.watch`). A container writes when it sees a name for the
first time in an hour, all such names of a batch in one write: no batch but these costs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

from pql.core.errors import Unavailable
from pql.core.event import Event
from pql.core.window import HOUR
from pql.engine.lesson import LESSON_OF
from pql.engine.plan import NAME_CACHED, Plan
from pql.engine.slots import RuleSlot, SignalSlot
from pql.flows.ports import Archive
from pql.rules.names import folded
from pql.rules.signals.signal import ANY, CALLS

NAMES_CACHED = 4_096


class Sightings(Protocol):
    """Where it is noted which events have arrived."""

    def note(self, hour: int, events: Collection[str]) -> None:
        """Note that these events arrived in this hour of the epoch; raises `Unavailable`."""


def needs(slot: SignalSlot) -> tuple[str, ...]:
    """Return the events that a signal listens to, as they are noted: `track:reportcreated`, `any:*`."""
    kind = slot.signal.type
    return tuple(f"{kind}:{key}" for key in slot.signal.keys) or (f"{kind}:*",)


def learns(plan: Plan, slot: RuleSlot) -> Iterator[str]:
    """Yield the calls that tell the traits which a rule looks at, as they are noted: `group:*`."""
    rule, scope = slot.rule, slot.scope
    for condition in (rule.when, rule.until, rule.unless):
        for where, element in scope.through(condition) if condition else ():
            for one in element.named():
                dated = one.what == "signal" and where.signals[one.name].signal.dated_by is not None
                if one.what == "trait" or dated:
                    yield f"{LESSON_OF[plan.subject]}:*"


class WitnessedArchive:
    """The `Archive` port over another one: notes what a plan needs of the events that go there.

    `clock` is in epoch ms.
    """

    def __init__(self, archive: Archive, sightings: Sightings, plan: Plan, clock: Callable[[], int]) -> None:
        self._archive = archive
        self._sightings = sightings
        self._clock = clock
        self._needed = {name for one in plan.every for slot in one.signals for name in needs(slot)}
        self._needed |= {name for one in plan.every for slot in one.rules for name in learns(one, slot)}
        self._words: dict[tuple[str, str], tuple[str, ...]] = {}
        self._noted: dict[str, int] = {}
        self._lost = 0

    def append(self, lines: Sequence[tuple[str, Event]], batch: str) -> None:
        """Archive the lines, and note what of them was not noted in this hour; raises as the other does.

        A note that cannot be written is no reason to take anything again: it is written with what comes next.
        """
        self._archive.append(lines, batch)
        hour = self._clock() // HOUR
        seen = {(event.type, event.name) for _, event in lines}
        new = {word for one in seen for word in self._of(*one) if self._noted.get(word) != hour}
        if new:
            try:
                self._sightings.note(hour, sorted(new))
            except Unavailable:
                self._lost += 1
            else:
                self._noted |= dict.fromkeys(new, hour)

    def lost(self) -> int:
        """Return how many notes could not be written since this was last asked."""
        lost, self._lost = self._lost, 0
        return lost

    def _of(self, kind: str, name: str) -> tuple[str, ...]:
        words = self._words.get((kind, name))
        if words is None:
            words = tuple(self._listening(kind, name))
            if len(self._words) < NAMES_CACHED and len(name) <= NAME_CACHED:
                self._words[kind, name] = words
        return words

    def _listening(self, kind: str, name: str) -> Iterator[str]:
        key = folded(name)
        for word in (f"{kind}:{key}", f"{kind}:*", *((f"{ANY}:{key}", f"{ANY}:*") if kind in CALLS else ())):
            if word in self._needed:
                yield word
