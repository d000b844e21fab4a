"""What signals of a property share: where it is read, and what counts as a value."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import Properties, getter
from pql.rules.signals.signal import SKIP, Names, Recorder, Signal, Skip
from pql.rules.where import matcher

Taker = Callable[[Any, Event, Any, int], Scalar]


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

    @abstractmethod
    def taker(self) -> Taker:
        """Return the function that folds one value into the aggregate.

        It takes the aggregate, the event, the value and the account's clock, and returns what
        conditions compare.
        """

    @property
    def reads_properties(self) -> bool:
        """Return that the property must be decoded."""
        return True

    def recorder(self) -> Recorder:
        """Return the function that folds one event's value."""
        matches = matcher(self.where)
        get = getter(self.path)
        value_of, take = self.value_of, self.taker()

        def record(held: Any, event: Event, properties: Properties, clock: int) -> Scalar | Skip:
            if matches is not None and not matches(properties):
                return SKIP
            value = value_of(get(properties))
            return SKIP if value is None else take(held, event, value, clock)

        return record
