"""What one kind of event does to an account, written as one Python function.

A call for each signal costs more than what the signal does: one function for all that an event
touches takes a third of the time. Signals write their own statements (`Signal.fold`), questions
theirs; as in a verdict, what rule files say is bound by name and never part of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from pql.core.aggregates.distinct import HASHES, remembered
from pql.core.event import Event, opened
from pql.core.lead import Scalar
from pql.engine.account import PERSON_ID_LIMIT, Account
from pql.engine.judge import NONE, Fired, judge
from pql.engine.leaving import due_source
from pql.engine.slots import Bound, SignalSlot
from pql.engine.verdict import Question, function

Fold = Callable[[Account, Event, int], Sequence[Fired]]

MEET = f"""\
who = e.user or e.anonymous
if who is None: whose = None
else:
    person = a.people.get(who)
    if person is not None:
        whose = person.hash
        person.events += 1
        if is_newest or time > person.last: person.last = time
    else:
        whose = hashes.get(who)
        if whose is None: whose = remembered(who)
        if whose <= a.ceiling or length(who) > {PERSON_ID_LIMIT}: a.meet(who, time)
        else: a.crowded = True""".splitlines()

# Most events are newer than all before: then one look at the account spares one at each signal and person.
SEEN = """\
if is_newest: h.seen = seen
else: h.see(time, id)""".splitlines()


class Cell:
    """Where a signal writes its fold: what it may name there, and what must be ready before."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self.buckets: set[int] = set()
        self.reads_context = False

    def constant(self, value: Any) -> str:
        """Return a name that stands for `value`."""
        name = f"f{len(self._names)}"
        self._names[name] = value
        return name

    def context(self) -> str:
        """Return the name of the event's context."""
        self.reads_context = True
        return "c"

    def bucket(self, width: int) -> str:
        """Return the name of the event's bucket of `width` milliseconds."""
        self.buckets.add(width)
        return f"b{width}"


def fold(
    slots: Sequence[SignalSlot],
    question: Question,
    constants: Mapping[str, Any],
    *,
    alarming: AbstractSet[int],
) -> Fold:
    """Return the function that takes (account, event, now), folds the event and returns what fires.

    `slots` are the signals that listen to it, `question` what hangs on them. `alarming` are the places at
    which values may change when the account is to be woken.
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
    signals = [line for slot in slots for line in _signal(slot, cell, question.bounds(slot.place, alarming))]
    woken = any(slot.place in alarming for slot in slots)
    made: Fold = function("fold(a, e, now)", _body(slots, signals, question, cell, alarming=woken), names)
    return made


def noted(
    slots: Sequence[SignalSlot], constants: Mapping[str, Any]
) -> Callable[[Account, Event, Mapping[str, Scalar], int], bool]:
    """Return the function that folds the traits which a call tells, and whether that changed a value.

    It takes them by folded name, as (account, event, traits, now). To tell them is nothing that anybody
    has done: people stay as they are.
    """
    names = dict(constants)
    cell = Cell(names)
    signals = [line for slot in slots for line in _signal(slot, cell, None)]
    body = [
        "time = e.time; is_newest = time > a.newest",
        "if is_newest: a.newest = time",
        "g = a.aggregates; v = a.values; id = e.id; seen = time, id; changed = False",
        *(f"b{width} = time // {width}" for width in sorted(cell.buckets)),
        *signals,
        "return changed",
    ]
    made: Callable[[Account, Event, Mapping[str, Scalar], int], bool] = function(
        "noted(a, e, p, now)", body, names
    )
    return made


def _body(
    slots: Sequence[SignalSlot], signals: Sequence[str], question: Question, cell: Cell, *, alarming: bool
) -> Iterator[str]:
    yield "time = e.time; is_newest = time > a.newest"
    yield "if is_newest: a.newest = time"
    yield from MEET
    if not slots:
        yield "return NONE"
        return
    yield "g = a.aggregates; v = a.values; id = e.id; seen = time, id; changed = False"
    if any(slot.signal.reads_properties for slot in slots):
        yield "p = opened(e.properties)"
    if cell.reads_context:
        yield "c = opened(e.context)"
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


def _signal(slot: SignalSlot, cell: Cell, bounds: Sequence[Bound] | None) -> Iterator[str]:
    """Yield the statements of one signal, whose value is looked at by its bounds alone if any are given."""
    signal, place = slot.signal, slot.place
    body = [
        f"h = g[{place}]",
        f"if h is None: h = g[{place}] = {cell.constant(signal.fresh)}()",
        *SEEN,
        *_held(slot, cell, bounds),
    ]
    value = signal.folded_value(cell)
    if value:
        body = [*value, "if x is not None:", *_indented(body)]
    condition = signal.filter_source(cell)
    if condition:
        body = [f"if {condition}:", *_indented(body)]
    yield from body


def _held(slot: SignalSlot, cell: Cell, bounds: Sequence[Bound] | None) -> Iterator[str]:
    """Yield the usual case of a fold, if it has one, and otherwise all of it."""
    usual = slot.signal.usual(cell)
    whole = [*_folded(slot, cell), *_news(slot, bounds)]
    if usual is None:
        yield from whole
        return
    if usual.is_one_more:
        told = [*usual.statements, f"v[{slot.place}] = n", *_crossed(bounds)]
    else:
        told = [*usual.statements, *_news(slot, bounds)] if usual.statements else []
    if not usual.test:
        yield from told
        return
    yield f"if {usual.test}:{'' if told else ' pass'}"
    yield from _indented(told)
    yield "else:"
    yield from _indented(whole)


def _folded(slot: SignalSlot, cell: Cell) -> Iterator[str]:
    """Yield the fold, and that the account is due when a bucket older than all before will leave."""
    signal = slot.signal
    if signal.window is None:
        yield from signal.fold(cell)
        return
    yield "first = h.first"
    yield from signal.fold(cell)
    yield "if h.first < first:"
    yield from _indented(list(due_source("h.first", signal.window)))


def _news(slot: SignalSlot, bounds: Sequence[Bound] | None) -> Iterator[str]:
    """Yield that `n` is the value, and `changed` if that may matter to anybody."""
    # 1 equals true.
    unlike = "" if slot.signal.is_number else " or n.__class__ is not o.__class__"
    yield f"o = v[{slot.place}]"
    if bounds is None:
        yield f"if n != o{unlike}: v[{slot.place}] = n; changed = True"
        return
    yield f"if n != o{unlike}:"
    yield f"    v[{slot.place}] = n"
    crossed = [f"(o {one.symbol} {one.number!r}) is not (n {one.symbol} {one.number!r})" for one in bounds]
    if crossed:
        yield f"    if {' or '.join(crossed)}: changed = True"


def _crossed(bounds: Sequence[Bound] | None) -> Iterator[str]:
    """Yield what `_news` does of a whole number that is one more now: a bound is crossed at one number."""
    if bounds is None:
        yield "changed = True"
        return
    numbers = sorted({number for one in bounds if (number := one.crossed_at) is not None})
    if numbers:
        yield f"if {' or '.join(f'n == {number}' for number in numbers)}: changed = True"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
