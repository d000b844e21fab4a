"""`sequence`: one thing after another within a span of time."""

from __future__ import annotations

from bisect import bisect_left
from collections import abc
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.aggregates import DailySteps, Steps
from pql.core.window import DAY, NEVER, duration
from pql.rules.names import folded
from pql.rules.signals.cell import Cell
from pql.rules.signals.signal import Keep, Signal
from pql.rules.signals.steps import AnyStep, Step, in_turn
from pql.rules.where import where_words
from pql.rules.windows import Within, span_words, within_words

KEPT = 64
# Up to 49 days a gap between two moments takes 5 bytes.
MOMENT_BYTES = 6
DAY_BYTES = 2


class Sequence(Signal):
    """Count how many times the last step was reached after all steps before it, in order.

    An event of the last step counts if the steps before it were taken at earlier times, one after
    the other, the first at most `within` before it (any time before it, without). The times of the
    events decide, not the order in which they arrive. With `lasting`, it counts for that long.

    With `by: day` every step must be taken on a later UTC day than the one before, and days on which
    the last step was reached are what counts.

    The newest `keep` moments (64 unless given) of each step are remembered: once a step was taken
    more often, the number may be higher than it says. Costs up to 6 bytes for each, by day 2.

    ```yaml
    checkouts: {sequence: [Cart Viewed, Checkout Started], within: 3d}
    discoveries:
      sequence: [Signed Up, [Report Created, Chart Created], {event: Feature Used, where: {feature: export}}]
      within: 7d
      lasting: 30d
    came_back: {sequence: [Project Created, any, any, any], by: day, within: 29d, lasting: 30d}
    ```
    """

    kind: Literal["sequence"] = Field(default="sequence", exclude=True)
    sequence: Annotated[tuple[AnyStep, ...], Field(min_length=2, max_length=5, strict=False)]
    by: Literal["day"] | None = None
    lasting: Within | None = None
    keep: Keep = KEPT

    counts: ClassVar[bool] = True

    @model_validator(mode="after")
    def _days_by_day(self) -> Self:
        if self.by and any(span and not span.endswith("d") for span in (self.within, self.lasting)):
            raise PydanticCustomError("sequence", "`by: day` counts in days: write `within` and `lasting` so")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return tuple(dict.fromkeys(name for step in self.sequence for name in step.event))

    @property
    def lasts(self) -> str | None:
        """Return how long a completed sequence counts, as written, or None for ever."""
        return self.lasting

    @property
    def events_words(self) -> str:
        """Return the steps in plain words."""
        return in_turn(self.sequence)

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        days = " on different days" if self.by else ""
        return f"{self.events_words}{where_words(self.where)}{days}{span_words(self.within)}"

    @property
    def words(self) -> str:
        """Return what it measures in plain words, for cards and explanations."""
        done = "" if self.label or self.lasting is None else ", completed"
        return f"{self.label or self.noun}{done}{within_words(self.lasting)}"

    @property
    def reads_properties(self) -> bool:
        """Return whether the event's properties must be decoded."""
        return bool(self.where) or any(step.where for step in self.sequence)

    @property
    def reach(self) -> float:
        """Return the largest number its value can reach."""
        return self.keep

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        each = DAY_BYTES if self.by else MOMENT_BYTES
        return 30 + each * self.keep * len(self.sequence)

    def begun(self, aggregate: Steps, now: int) -> tuple[str, int | None] | None:
        """Return the steps that would complete what was begun, and until when (epoch ms) they could."""
        for taken in range(len(self.sequence) - 1, 0, -1):
            start = _start(aggregate.moments[:taken])
            if start is not None:
                # The last of the days counts until it is over.
                more = DAY if self.by else 1
                end = None if self.within is None else start + duration(self.within) + more
                if end is None or end > now:
                    return self._rest(self.sequence[taken:]), end
        return None

    def _rest(self, steps: abc.Sequence[Step]) -> str:
        """Return the steps that are still to be taken."""
        days = " on a later day" if len(steps) == 1 else ", each on a later day,"
        return f"{in_turn(steps)}{days if self.by else ''}"

    def is_floor(self, aggregate: Any) -> bool:
        """Return whether older moments may have been forgotten."""
        full: bool = aggregate.full
        return full

    def fresh(self) -> Steps:
        """Return the memory of no step."""
        span = duration(self.within) if self.within else None
        return (DailySteps if self.by else Steps)(len(self.sequence), span, self.keep)

    def folded_value(self, cell: Cell) -> abc.Sequence[str]:
        """Return the statements that leave in `x` the bits of the steps that an event takes, if any."""
        bits = [f"({1 << place} if {step.source(cell)} else 0)" for place, step in enumerate(self.sequence)]
        return [f"s = {cell.constant(folded)}(e.name)", f"x = {' | '.join(bits)} or None"]

    def fold(self, cell: Cell) -> abc.Iterable[str]:
        """Yield the statements that note the moment of one event; a last step must be in the window."""
        if self.window is None:
            yield "h.add(x, time)"
        else:
            width, reach = self.window
            bucket = cell.bucket(width)
            last = 1 << len(self.sequence) - 1
            yield f"if x >= {last} and {bucket} <= now // {width} - {reach}: x -= {last}"
            yield f"if x: h.add(x, time, {bucket})"
        yield "n = h.completed"


def _start(moments: abc.Sequence[list[int]]) -> int | None:
    """Return when somebody last began who took the steps of these moments in order; None if nobody did."""
    start = NEVER
    for taken in reversed(moments):
        place = bisect_left(taken, start)
        if not place:
            return None
        start = taken[place - 1]
    return start
