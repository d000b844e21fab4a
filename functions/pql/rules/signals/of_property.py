"""What signals of a property share: where it is read, and what counts as a value."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from pql.rules.properties import property_source
from pql.rules.signals.signal import Cell, Names, Signal


class OfEvents(Signal):
    """Base of signals that name their events with `of`."""

    of: Names

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.of


class OfProperty(OfEvents):
    """Base of signals that fold one property; events without a value in it are passed over."""

    @property
    @abstractmethod
    def path(self) -> str:
        """Return where the property is."""

    @staticmethod
    @abstractmethod
    def value_of(value: Any) -> Any:
        """Return what is folded for what was found there, or None to pass the event over."""

    # What `value_of` leaves as it is: sparing it the call.
    plain_type: ClassVar[type] = int

    @property
    def reads_properties(self) -> bool:
        """Return that the property must be decoded."""
        return True

    def folded_value(self, cell: Cell) -> Sequence[str]:
        """Return the statements that leave in `x` what is folded, or None to pass the event over."""
        read = property_source(self.path, cell.constant)
        plain, value_of = cell.constant(self.plain_type), cell.constant(self.value_of)
        return [f"x = {read}", f"if x.__class__ is not {plain}: x = {value_of}(x)"]
