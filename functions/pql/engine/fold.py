"""What one kind of event does to an account, written as one Python function.

A call for each signal costs more than what the signal does: one function for all that an event
touches takes a third of the time. Signals write their own statements (`Signal.fold`), questions
theirs; as in a verdict, what rule files say is bound by name and never part of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pql.core.aggregates.distinct import HASHES, remembered
from pql.core.event import Event, opened
from pql.engine.account import PERSON_ID_LIMIT, Account
from pql.engine.judge import NONE, Fired, judge
from pql.engine.leaving import due_source
from pql.engine.slots import SignalSlot
from pql.engine.verdict import Question, function
from pql.rules.signals.signal import Signal

Fold = Callable[[Account, Event, int], Sequence[Fired]]

MEET = f"""\
who = e.user or e.anonymous
if who is None: whose = None
else:
    whose = hashes.get(who)
    if whose is None: whose = remembered(who)
    person = a.people.get(who)
    if person is not None:
        person[0] += 1
        if time > person[1]: person[1] = time
    elif whose <= a.ceiling or length(who) > {PERSON_ID_LIMIT}: a.meet(who, time)
    else: a.crowded = True""".splitlines()

NEWEST = """\
if time > h.at: h.at = time; h.event = id
elif time == h.at: h.see(time, id)""".splitlines()


class Cell:
    """Where a signal writes its fold: what it may name there, and what must be ready before."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self.buckets: set[int] = set()

    def constant(self, value: Any) -> str:
        """Return a name that stands for `value`."""
        name = f"f{len(self._names)}"
        self._names[name] = value
        return name

    def bucket(self, width: int) -> str:
        """Return the name of the event's bucket of `width` milliseconds."""
        self.buckets.add(width)
        return f"b{width}"


def fold(
    slots: Sequence[SignalSlot],
    question: Question,
    constants: Mapping[str, Any],
    *,
    alarming: bool,
) -> Fold:
    """Return the function that takes (account, event, now), folds the event and returns what fires.

    `slots` are the signals that listen to it, `question` what hangs on them. `alarming` says that they may
    change when the account is to be woken.
    """
    names: dict[str, Any] = {
        **constants,
        "NONE": NONE,
        "hashes": HASHES,
        "judge": judge,
        "length": len,
        "opened": opened,
        "remembered": remembered,
        "rules": question.rules,
    }
    cell = Cell(names)
    signals = [line for slot in slots for line in _signal(slot, cell)]
    made: Fold = function("fold(a, e, now)", _body(slots, signals, question, cell, alarming=alarming), names)
    return made


def _body(
    slots: Sequence[SignalSlot], signals: Sequence[str], question: Question, cell: Cell, *, alarming: bool
) -> Iterator[str]:
    yield "time = e.time"
    yield from MEET
    if not slots:
        yield "return NONE"
        return
    yield "g = a.aggregates; v = a.values; id = e.id; changed = False"
    if any(slot.signal.reads_properties for slot in slots):
        yield "p = opened(e.properties)"
    for width in sorted(cell.buckets):
        yield f"b{width} = time // {width}"
    yield from signals
    mask = question.mask
    yield f"if not changed and not a.waiting & {mask}: return NONE"
    if alarming:
        yield "a.wake = 0"
    yield from question.scoring
    yield f"holding = {question.bits}"
    yield f"if holding == a.holding & {mask} and not a.waiting & {mask}: return NONE"
    yield f"return judge(rules, {mask}, holding, a, e, now)"


def _signal(slot: SignalSlot, cell: Cell) -> Iterator[str]:
    """Yield the statements of one signal; those of its fold leave its value in `n`."""
    signal, place = slot.signal, slot.place
    # 1 equals true.
    unlike = "" if signal.is_number else " or n.__class__ is not o.__class__"
    body = [
        f"h = g[{place}]",
        f"if h is None: h = g[{place}] = {cell.constant(signal.fresh)}()",
        *NEWEST,
        *_held(signal, cell),
        f"o = v[{place}]",
        f"if n != o{unlike}: v[{place}] = n; changed = True",
    ]
    value = signal.folded_value(cell)
    if value:
        body = [*value, "if x is not None:", *_indented(body)]
    condition = signal.filter_source(cell)
    if condition:
        body = [f"if {condition}:", *_indented(body)]
    yield from body


def _held(signal: Signal, cell: Cell) -> Iterator[str]:
    """Yield the fold, and that the account is due when a bucket older than all before will leave."""
    if signal.window is None:
        yield from signal.fold(cell)
        return
    yield "first = h.first"
    yield from signal.fold(cell)
    yield "if h.first < first:"
    yield from _indented(list(due_source("h.first", signal.window)))


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
