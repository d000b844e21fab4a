"""What all signals share: which events they listen to, a filter and a window."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.aggregates import Aggregate
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.core.window import Window, window
from pql.rules.element import Element
from pql.rules.names import folded
from pql.rules.properties import Properties
from pql.rules.where import Where, where_words


class Skip:
    """The event is none of this signal's business."""


SKIP: Final = Skip()
ANY: Final = "any"
Recorder = Callable[[Any, Event, Properties, int], "Scalar | Skip"]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _legal_window(text: str) -> str:
    try:
        window(text)
    except ValueError as error:
        raise PydanticCustomError("window", "{reason}", {"reason": str(error)}) from error
    return text


Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[
    tuple[Name, ...], BeforeValidator(_listed), Field(min_length=1, max_length=50, strict=False)
]
Label = Annotated[str, Field(min_length=1, max_length=80)]
Within = Annotated[str, AfterValidator(_legal_window)]
PropertyPath = Annotated[str, Field(min_length=1, max_length=200)]


class Signal(Element):
    """Base of all signals.

    `label` is what a card calls it; without one the words are made from the rest.
    """

    UNSAID: ClassVar[frozenset[str]] = frozenset({"label"})

    type: Literal["track", "page", "screen"] = "track"
    where: Where = Field(default_factory=dict)
    within: Within | None = None
    label: Label | None = None

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""

    @property
    @abstractmethod
    def noun(self) -> str:
        """Return what it measures, in plain words and without filter and window."""

    @abstractmethod
    def fresh(self) -> Aggregate:
        """Return the aggregate of nothing."""

    @abstractmethod
    def recorder(self) -> Recorder:
        """Return the function that folds one event into the aggregate.

        It takes the aggregate, the event, its properties and the account's clock, and returns the
        new value, or `SKIP` when the filter does not let the event in.
        """

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the folded names it listens to; none means every event of its type."""
        return () if ANY in self.names else tuple(folded(name) for name in self.names)

    @functools.cached_property
    def window(self) -> Window | None:
        """Return its window, or None for a lifetime."""
        return window(self.within) if self.within else None

    @property
    def reads_properties(self) -> bool:
        """Return whether the event's properties must be decoded."""
        return bool(self.where)

    @property
    def events_words(self) -> str:
        """Return the events in plain words."""
        if ANY in self.names:
            return {"track": "any event", "page": "any page", "screen": "any screen"}[self.type]
        return " or ".join(self.names)

    @property
    def words(self) -> str:
        """Return what it measures in plain words, for cards and explanations."""
        if self.label:
            return f"{self.label}{within_words(self.within)}"
        return f"{self.noun}{where_words(self.where)}{within_words(self.within)}"

    def read(self, aggregate: Any) -> Scalar:
        """Return the value conditions compare."""
        value: Scalar = aggregate.value
        return value

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + 8 * (self.window.buckets if self.window else 1)

    @property
    def reach(self) -> float | None:
        """Return the largest number its value can reach, or None if there is no bound."""
        return None


def within_words(within: str | None) -> str:
    """Return a window in plain words."""
    if within is None:
        return ""
    unit = {"h": "hour", "d": "day"}[within[-1]]
    count = int(within[:-1])
    return f" in the last {count} {unit}s" if count > 1 else f" in the last {unit}"
