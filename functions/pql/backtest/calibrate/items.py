"""The items of a score, each as a column from 0 to 1: what calibration fits, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, assert_never

from pql.core.keys import account_key, person_key
from pql.core.lead import Scalar
from pql.engine.plan import Plan
from pql.engine.scope import Reading
from pql.engine.verdict import function
from pql.rules.comparison import is_number
from pql.rules.pack import Pack
from pql.rules.parts import Bands, Kinds, Per, Points, Weighted
from pql.rules.score import spans
from pql.rules.source import Path

Snapshot = tuple[dict[int, Scalar], dict[str, Scalar]]


class Item(NamedTuple):
    """What gives up to `points` (or takes them, if negative) as its column goes from 0 to 1.

    A part `{points, when}` is one item, `per` one whose column is the share of its cap, each bound of
    `bands` one, worth what it adds to the band below. `part` is the index of its part in the score,
    `bound` that of a band.
    """

    part: int
    points: float
    words: str
    bound: float | None = None

    @property
    def sign(self) -> int:
        """Return -1 for what takes points, else 1."""
        return -1 if self.points < 0 else 1


class Items:
    """The items of one score of a pack, and the columns of whoever was snapped while old enough.

    `path` leads to the score in its file. Columns are found by the very expressions that judge live.
    """

    def __init__(self, pack: Pack, score: str) -> None:
        self.file = next(name for name, file in pack.files.items() if score in file.scores)
        self.path: Path = ("scores", score)
        file = pack.files[self.file]
        self.subject = file.subject
        self.parts = file.scores[score]
        self._plan = Plan(pack.rehearsed(), file.subject)
        scope = self._plan.scopes[self.file]
        self._span = spans(file.scores, lambda _signal: None)
        self.items = [item for index, part in enumerate(self.parts) for item in self._of(index, part)]
        reading = scope.reading()
        looked = ", ".join(_looked_at(part, reading) for part in self.parts)
        self._look: Callable[[list[Scalar], int], tuple[Any, ...]] = function(
            "look(v, now)", [f"return ({looked},)"], self._plan.constants
        )
        blank = account_key if file.subject == "account" else person_key
        self._blank = self._plan.account(blank("nobody")).values

    def columns(self, snapshot: Snapshot, now: int) -> list[float]:
        """Return a number from 0 to 1 for each item, as the snapshot stood at `now` (epoch ms)."""
        signals, traits = snapshot
        values = self._blank.copy()
        for fingerprint, value in signals.items():
            slot = self._plan.by_fingerprint.get(fingerprint)
            if slot is not None:
                values[slot.place] = _as_left(value)
        for name, value in traits.items():
            if name in self._plan.traits:
                values[self._plan.traits[name]] = value
        self._plan.verdict(values, now)  # writes the scores and flags that items look at
        looked = self._look(values, now)
        return [self._column(item, looked[item.part]) for item in self.items]

    def extent(self, part: Weighted) -> float:
        """Return the most points, given or taken, of the score that a part builds on."""
        return max(map(abs, self._span(part.score)))

    def _of(self, index: int, part: Kinds) -> Iterator[Item]:
        if isinstance(part, Points):
            yield Item(index, part.points, name_of(part))
        elif isinstance(part, Per):
            if part.points:
                yield Item(index, part.up_to if part.points > 0 else -part.up_to, name_of(part))
        elif isinstance(part, Bands):
            below, more = 0.0, ""
            for bound in part.bounds:
                words = f"{name_of(part)} ≥ {bound:g}{more}"
                yield Item(index, part.bands[bound] - below, words, bound)
                below, more = part.bands[bound], f", on top of ≥ {bound:g}"
        elif isinstance(part, Weighted):
            if self.extent(part):
                yield Item(index, part.weight * self.extent(part), name_of(part))
        else:
            assert_never(part)

    def _column(self, item: Item, looked: Any) -> float:
        part = self.parts[item.part]
        if isinstance(part, Points):
            return float(bool(looked))
        if isinstance(part, Per):
            return abs(part.given(looked)) / part.up_to
        if isinstance(part, Weighted):
            return float(looked) / self.extent(part)
        return float(is_number(looked) and item.bound is not None and looked >= item.bound)


def _as_left(value: Any) -> Any:
    """Return a value as folds leave it: what has been another process's has lists where tuples were."""
    return tuple(map(_as_left, value)) if isinstance(value, list) else value


def _looked_at(part: Kinds, reading: Reading) -> str:
    """Return the expression for what a part looks at."""
    if isinstance(part, Points):
        return part.when.source(reading)
    if isinstance(part, Per):
        return reading.signal(part.per)
    if isinstance(part, Weighted):
        return reading.score(part.score)
    return reading.signal(part.signal) if part.signal is not None else reading.trait(part.trait or "")


def name_of(part: Kinds) -> str:
    """Return what a part looks at, by the names the file has for it."""
    if isinstance(part, Points):
        names: Sequence[str] = [one.name for leaf in part.when.leaves() for one in leaf.named()]
        leaves = list(part.when.leaves())
        bound = getattr(leaves[0], "threshold", None) if len(leaves) == 1 else None
        told = " + ".join(dict.fromkeys(names)) or part.when.kind
        return f"{told} ≥ {bound:g}" if is_number(bound) else told
    if isinstance(part, Per):
        return f"per {part.per}"
    if isinstance(part, Weighted):
        return f"score {part.score}"
    return part.signal or part.trait or ""
