"""`changes`: how often what was reported became something else."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.aggregates import Observed, Retold
from pql.core.lead import About, Scalar
from pql.core.plain_words import said
from pql.core.window import DAY
from pql.rules.comparison import NUMBERS, Plain, same
from pql.rules.element import at_least_one
from pql.rules.names import folded
from pql.rules.properties import scalar
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_property import OfProperty
from pql.rules.signals.signal import Keep, Names, PropertyPath

KEPT = 64
TEXT_KEPT = 64
MONTH = 30 * DAY
_TWICE = "expected every value of `order` once{cut}"
_CUT = f"; of a word {TEXT_KEPT} characters count"
# The calls that tell traits, and whom of.
TELLS: Mapping[str, About] = {"group": "account", "identify": "user"}


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


ValueList = Annotated[tuple[Plain, ...], Field(min_length=1, max_length=50, strict=False)]
Values = Annotated[ValueList, BeforeValidator(_listed, json_schema_input_type=Plain | ValueList)]


class Changes(OfProperty):
    """Count how often a property, or a trait, was reported with another value than the time before.

    `from` and `to` say which values it must have had and got, `direction: up` or `down` that the
    number must have grown or shrunk; with `order`, that it must have become a later or an earlier one of
    those values, and others are passed over. The times of the events decide, not the order in which they
    arrive. With `within`, changes reported in the window count; the report before may be older.

    The newest `keep` reports (64 unless given) are remembered: with more, there may have been more
    changes than it says. Words are told apart by their first 64 characters.

    With `type: group`, or `identify` in a file about users, it follows a trait and has no `of`. Such
    calls tell the same again and again: of each value the first and the last report in every bucket of
    the window are remembered (without a window of thirty days), for one value in each bucket of the
    window and `keep` more. Where a value comes back within a bucket, in between it may be overlooked:
    free, plus, free, pro and free on one day are taken for free, plus, pro and free.

    ```yaml
    upgrades: {changes: plan, type: group, from: free, to: [plus, pro], within: 30d}
    bigger_tiers: {changes: tier, of: Plan Usage Reported, from: free, to: [plus, pro]}
    growth_spurts: {changes: seats, of: Seats Counted, direction: up, within: 30d}
    steps_up: {changes: tier, of: Plan Usage Reported, direction: up, order: [free, plus, pro]}
    ```
    """

    model_config: ClassVar[ConfigDict] = at_least_one("of", "type")

    kind: Literal["changes"] = Field(default="changes", exclude=True)
    changes: PropertyPath
    type: Literal["track", "page", "screen", "any", "group", "identify"] = Field(  # type: ignore[assignment] # two more
        default="track", description="the calls it listens to"
    )
    of: Names | None = None  # type: ignore[assignment] # or none
    from_: Values | None = Field(default=None, alias="from")
    to: Values | None = None
    direction: Literal["up", "down"] | None = None
    order: Annotated[ValueList, Field(min_length=2)] | None = None
    keep: Annotated[Keep, Field(ge=2)] = KEPT

    plain_type: ClassVar[builtins.type] = NoneType

    counts: ClassVar[bool] = True

    @model_validator(mode="after")
    def _values_or_direction(self) -> Self:
        if self.direction is not None and (self.from_ or self.to):
            raise PydanticCustomError("changes", "expected either `from` and `to` or `direction`, not both")
        if self.order is not None:
            if self.direction is None:
                raise PydanticCustomError("changes", "`order` needs a direction, such as `direction: up`")
            for one, other in combinations(self.order, 2):
                if same(self.value_of(one), self.value_of(other)):
                    raise PydanticCustomError("changes", _TWICE, {"cut": "" if same(one, other) else _CUT})
        if self.trait is None:
            if not self.of:
                raise PydanticCustomError("changes", "expected `of`, or `type: group` for a trait")
        elif self.of or self.where:
            reason = "{type} calls have neither names nor properties: leave out `of` and `where`"
            raise PydanticCustomError("changes", reason, {"type": self.type})
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written; calls that tell traits have none."""
        return self.of or ()

    @property
    def trait(self) -> str | None:
        """Return the trait that it follows from call to call, if it listens to those and to no event."""
        return self.changes if self.type in TELLS else None

    @staticmethod
    def value_of(value: Any) -> Scalar:
        """Return the number, yes or no, or the beginning of the word; None for anything else."""
        found = scalar(value)
        return found[:TEXT_KEPT] if isinstance(found, str) else found

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        what = {"up": "increases", "down": "decreases", None: "changes"}[self.direction]
        before = f" from {_either(self.from_)}" if self.from_ else ""
        after = f" to {_either(self.to)}" if self.to else ""
        where = f" in {self.events_words}" if self.trait is None else ""
        return f"{what} of {self.changes}{before}{after}{where}"

    @property
    def _pairs(self) -> int:
        """Return of how many values in buckets there are reports: what stays is told in every one."""
        return self.keep + (self.window.held if self.window else 0)

    @property
    def _reports(self) -> int:
        """Return how many reports are remembered at most."""
        return self.keep if self.trait is None else 2 * self._pairs

    @property
    def reach(self) -> float:
        """Return the largest number its value can reach."""
        return self._reports - 1

    def remedy(self, bound: str) -> str:  # noqa: ARG002 - it does not say the number
        """Return what to do about a `bound` beyond `reach`."""
        return "raise `keep` of the signal"

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + (8 + TEXT_KEPT) * self._reports

    def is_floor(self, aggregate: Any) -> bool:
        """Return whether older reports may have been forgotten."""
        full: bool = aggregate.full
        return full

    def is_change(self, before: Scalar, after: Scalar) -> bool:
        """Return whether `after` is the change looked for when it follows `before`."""
        if same(before, after):
            return False
        if self.direction is not None:
            low, high = map(self._rank, (before, after) if self.direction == "up" else (after, before))
            return low is not None and high is not None and low < high
        return _among(before, self.from_) and _among(after, self.to)

    def _rank(self, value: Scalar) -> float | None:
        """Return what grows with the value, None for one that is neither more nor less than others."""
        if self.order is None:
            return value if value.__class__ in NUMBERS else None  # type: ignore[return-value] # a number
        return next((place for place, one in enumerate(self.order) if _is(value, one)), None)

    def fresh(self) -> Observed:
        """Return the memory of no report."""
        if self.trait is None:
            return Observed(self.is_change, self.keep)
        return Retold(self.is_change, self._pairs, self.window.width if self.window else MONTH)

    def folded_value(self, cell: Cell) -> Sequence[str]:
        """Return the statements that leave in `x` what is folded, or None to pass the event over."""
        if self.trait is None:
            lines = super().folded_value(cell)
        else:
            lines = [f"x = {cell.constant(self.value_of)}(p.get({cell.constant(folded(self.trait))}))"]
        if self.order is None:
            return lines
        return [*lines, f"if {cell.constant(self._rank)}(x) is None: x = None"]

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that note one report."""
        if self.window is None:
            yield "h.add(time, x)"
        else:
            width, reach = self.window
            bucket = cell.bucket(width)
            yield f"h.add(time, x, (now // {width} - {reach - 1}) * {width}, {bucket})"
        yield "n = h.value"


def _among(value: Scalar, values: tuple[Plain, ...] | None) -> bool:
    return values is None or any(_is(value, one) for one in values)


def _is(value: Scalar, named: Plain) -> bool:
    """Return whether a value, that is cut, is the one that a file names."""
    return same(value, named[:TEXT_KEPT] if isinstance(named, str) else named)


def _either(values: Iterable[Scalar]) -> str:
    """Return values of which one will do, in plain words."""
    return " or ".join(map(said, values))
