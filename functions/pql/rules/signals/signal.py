"""What all signals share: which events they listen to, a filter and a window."""

from __future__ import annotations

import functools
import math
from abc import abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from pql.core.aggregates import Aggregate
from pql.core.lead import Role, Scalar, Unit
from pql.core.window import NEVER, Window, window
from pql.rules.element import Element
from pql.rules.names import folded
from pql.rules.signals.cell import Cell, Usual
from pql.rules.tagged import kind_of
from pql.rules.where import Where, where_source, where_words
from pql.rules.windows import Within, within_words

ANY: Final = "any"
CALLS: Final = ("track", "page", "screen")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _any_case(names: tuple[str, ...]) -> tuple[str, ...]:
    """Case matters nowhere in names: `Any` is no event of that name."""
    return tuple(ANY if name.casefold() == ANY else name for name in names)


Name = Annotated[str, Field(min_length=1, max_length=200)]
NameList = Annotated[
    tuple[Name, ...], Field(min_length=1, max_length=50, strict=False), AfterValidator(_any_case)
]
Names = Annotated[NameList, BeforeValidator(_listed, json_schema_input_type=Name | NameList)]
Label = Annotated[str, Field(min_length=1, max_length=80)]
# How many of whatever a signal tells apart are followed.
Keep = Annotated[int, Field(ge=1, le=1024)]
_ONE = {"track": "event", "page": "page", "screen": "screen", "any": "call"}
PropertyPath = Annotated[str, Field(min_length=1, max_length=200)]


class Signal(Element):
    """Base of all signals.

    `label` is what a card calls it; without one the words are made from the rest.
    """

    UNSAID: ClassVar[frozenset[str]] = frozenset({"label"})

    type: Literal["track", "page", "screen", "any"] = Field(
        default="track", description="the calls it listens to"
    )
    where: Where = Field(default_factory=dict, description="filters on properties that must all hold")
    within: Within | None = Field(default=None, description="a rolling window such as 7d, 24h or 30m")
    label: Label | None = Field(default=None, description="what a card calls it")

    # Whether what conditions compare is another number every millisecond.
    flows: ClassVar[bool] = False
    # Whether its value is a number of things done: whole, never below nothing, and less by what is forgotten.
    counts: ClassVar[bool] = False
    # Whether its value, where it has one, is never below nothing for some other reason.
    measures: ClassVar[bool] = False
    # What the people whom its value is about have to do with a lead.
    role: ClassVar[Role] = "counted"
    # What its value is measured in.
    unit: ClassVar[Unit | None] = None
    # What it means that there is no value.
    nothing: ClassVar[str] = "it is not known"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written; unless said otherwise behind its kind."""
        names: tuple[str, ...] = getattr(self, kind_of(type(self)))
        return names

    @property
    @abstractmethod
    def noun(self) -> str:
        """Return what it measures, in plain words and without filter and window."""

    @abstractmethod
    def fresh(self) -> Aggregate:
        """Return the aggregate of nothing."""

    @abstractmethod
    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the Python statements that fold one event and leave the signal's value in `n`.

        They run after the filter, and after the aggregate has seen the event.
        """

    def usual(self, cell: Cell) -> Usual | None:  # noqa: ARG002 - of use to signals that most events listen to
        """Return what most events do, where that is less than the whole fold."""
        return None

    def folded_value(self, cell: Cell) -> Sequence[str]:  # noqa: ARG002 - of use to signals of a property
        """Return the statements that leave in `x` what is folded, or None to pass the event over.

        None at all for signals that only look at the event itself.
        """
        return ()

    def filter_source(self, cell: Cell) -> str:
        """Return the filter as an expression; nothing if every event is let in."""
        return where_source(self.where, cell)

    @functools.cached_property
    def keys(self) -> tuple[str, ...]:
        """Return the folded names it listens to; none means every event of its type."""
        return () if ANY in self.names else tuple(folded(name) for name in self.names)

    @property
    def calls(self) -> tuple[str, ...]:
        """Return the types of the calls it listens to."""
        return CALLS if self.type == ANY else (self.type,)

    def listens(self, call: str, key: str) -> bool:
        """Return whether it listens to calls of this type and folded name."""
        return call in self.calls and (not self.keys or key in self.keys)

    @property
    def lasts(self) -> str | None:
        """Return how long an event counts, as written, or None for ever."""
        return self.within

    @functools.cached_property
    def window(self) -> Window | None:
        """Return its window, or None for a lifetime."""
        return window(self.lasts) if self.lasts else None

    @property
    def reads_properties(self) -> bool:
        """Return whether the event's properties must be decoded."""
        return bool(self.where)

    @property
    def events_words(self) -> str:
        """Return the events in plain words."""
        if ANY in self.names:
            return f"any {_ONE[self.type]}"
        return " or ".join(self.names)

    @property
    def all_words(self) -> str:
        """Return the events in plain words where all of them are meant: no share is one of any event."""
        return f"all {_ONE[self.type]}s" if ANY in self.names else self.events_words

    @property
    def words(self) -> str:
        """Return what it measures in plain words, for cards and explanations."""
        if self.label:
            return f"{self.label}{within_words(self.within)}"
        return f"{self.noun}{where_words(self.where)}{within_words(self.within)}"

    def read(self, aggregate: Any) -> Any:
        """Return the value that the fold leaves: what conditions compare, unless the signal is timed."""
        return aggregate.value

    @property
    def is_number(self) -> bool:
        """Return whether its value is always a number, from the first moment on."""
        return self.counts

    @property
    def dated_by(self) -> str | None:
        """Return the trait whose date its value hangs on, if there is one."""
        return None

    @property
    def trait(self) -> str | None:
        """Return the trait that it follows from call to call, if it listens to those and to no event."""
        return None

    @property
    def is_timed(self) -> bool:
        """Return whether what conditions compare changes by time alone, beyond leaving a window."""
        return False

    def value_at(self, held: Any, now: int) -> Scalar:  # noqa: ARG002 - of use to timed signals
        """Return what conditions compare at `now` (epoch ms), from the value that the fold has left."""
        value: Scalar = held
        return value

    def value_from(self, held: Any, date: Any) -> Scalar:  # noqa: ARG002 - of use to dated signals
        """Return what conditions compare, from the value that the fold has left and what `dated_by` holds."""
        value: Scalar = held
        return value

    def crossing(self, held: Any, bound: float, now: int) -> int:  # noqa: ARG002 - of use to timed signals
        """Return when, after `now`, time alone takes the value to `bound` or past it; `NEVER` if it does not.

        Sooner is fine, later is not: `at_least` and `more_than` differ by the moment in between.
        """
        return NEVER

    def moves(self, held: Any, now: int) -> int:  # noqa: ARG002 - of use to timed signals
        """Return the next moment after `now` at which time alone changes the value, if there is one.

        Of use where no bound is known; signals that flow have no such moment.
        """
        return NEVER

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + 8 * (self.window.held if self.window else 1)

    @property
    def reach(self) -> float | None:
        """Return the largest number its value can reach, or None if there is no bound."""
        return None

    @property
    def only_numbers(self) -> bool:
        """Return whether its value, where it has one, is a number."""
        return self.counts or self.measures or self.is_number

    @property
    def least(self) -> float:
        """Return the least number its value can be."""
        return 0.0 if self.counts or self.measures else -math.inf

    @property
    def only_shrinks(self) -> bool:
        """Return whether what leaves its window can only make it less: a sum may grow, of amounts below 0."""
        return self.counts

    def remedy(self, bound: str) -> str:
        """Return what to do about a `bound` beyond `reach`."""
        return f"set `keep` of the signal to {bound}"

    def is_floor(self, aggregate: Any) -> bool:  # noqa: ARG002 - of use to signals that forget
        """Return whether the value may be higher than it says, because more was seen than is kept."""
        return False

    def begun(self, aggregate: Any, now: int) -> tuple[str, int | None] | None:  # noqa: ARG002 - of use to signals of several steps
        """Return what would complete what was begun by `now`, and until when (epoch ms) it could."""
        return None

    def whom(self, aggregate: Any) -> Collection[int]:  # noqa: ARG002 - of use to signals that tell people apart
        """Return the hashes of the people that the value is about, as far as they are known."""
        return ()
