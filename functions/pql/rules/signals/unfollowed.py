"""`unfollowed`: how long ago something was done that nothing followed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.aggregates import LastWord
from pql.core.window import DAY
from pql.rules.names import folded
from pql.rules.signals.cell import Cell
from pql.rules.signals.elapsed import Elapsed
from pql.rules.signals.signal import ANY
from pql.rules.signals.steps import AnyStep


class Unfollowed(Elapsed):
    """Tell how many days have passed since something was last done that was not followed `by` another.

    Nothing if it never was, or was followed since. Parts of days count, and the times of the events
    decide, not the order in which they arrive: of both at one time the other followed. It grows by time
    alone, so a rule on it fires without an event. With `within`, what is older is given up.

    ```yaml
    left_unfinished: {unfollowed: Integration Started, by: Integration Finished, within: 30d}
    trial_not_used:
      unfollowed: {event: Plan Chosen, where: {plan: trial}}
      by: [Report Created, Chart Created]
    ```
    """

    kind: Literal["unfollowed"] = Field(default="unfollowed", exclude=True)
    unfollowed: AnyStep
    by: AnyStep

    measures: ClassVar[bool] = True

    nothing: ClassVar[str] = "nothing is open"

    @model_validator(mode="after")
    def _can_be_followed(self) -> Self:
        done, by = ({folded(name) for name in step.event} for step in (self.unfollowed, self.by))
        if not self.unfollowed.where and (by <= done or ANY in self.unfollowed.event):
            raise PydanticCustomError(
                "by",
                "every event in `by` is one of `unfollowed` too, so that nothing follows; "
                "for silence write `days_since`",
            )
        return self

    @property
    def only_shrinks(self) -> bool:
        """Return that what leaves its window is given up."""
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return tuple(dict.fromkeys([*self.unfollowed.event, *self.by.event]))

    @property
    def events_words(self) -> str:
        """Return both in plain words."""
        return f"{self.unfollowed.words} without {self.by.words}"

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"days since {self.events_words}"

    @property
    def reads_properties(self) -> bool:
        """Return whether the event's properties must be decoded."""
        return bool(self.where or self.unfollowed.where or self.by.where)

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 40

    @property
    def reach(self) -> float | None:
        """Return the largest number its value can reach: just less than the window is long."""
        return None if self.window is None else (self.window.buckets * self.window.width - 1) / DAY

    def remedy(self, bound: str) -> str:  # noqa: ARG002 - it does not say the number
        """Return what to do about a `bound` beyond `reach`."""
        return "widen `within`"

    def fresh(self) -> LastWord:
        """Return the memory of nothing."""
        return LastWord()

    def folded_value(self, cell: Cell) -> Sequence[str]:
        """Return the statements that leave in `x` whether an event follows; what is both does not."""
        done, follows = self.unfollowed.source(cell), self.by.source(cell)
        return [
            f"s = {cell.constant(folded)}(e.name)",
            f"x = False if {done} else True if {follows} else None",
        ]

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that take one event."""
        if self.window is None:
            yield "h.add(time, answers=x)"
        else:
            width, reach = self.window
            bucket = cell.bucket(width)
            yield f"if {bucket} > now // {width} - {reach}: h.add(time, answers=x, bucket={bucket})"
        yield "n = h.value"
