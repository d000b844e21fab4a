"""`signal`: what an account did, against a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from pql.rules.comparison import NUMBERS, ORDERED, SYMBOLS, Comparison
from pql.rules.conditions.condition import Condition, Scope
from pql.rules.named import Named


class SignalCondition(Comparison, Condition):
    """Hold a signal's value against a bound.

    ```yaml
    {signal: teammates_invited, at_least: 3}
    ```
    """

    kind: Literal["signal"] = Field(default="signal", exclude=True)
    signal: str

    def source(self, scope: Scope) -> str:
        """Return the comparison; numbers that are always numbers need no guard."""
        if self.operator not in ORDERED:
            return self.expression(scope.signal(self.signal), scope.constant)
        symbol = SYMBOLS[self.operator]
        if scope.is_number(self.signal):
            return scope.compared(self.signal, symbol, self.threshold)
        value = scope.signal(self.signal)
        return f"({value}.__class__ in {scope.constant(NUMBERS)} and {value} {symbol} {self.threshold!r})"

    def wakes(self, scope: Scope) -> Iterator[str]:
        """Yield when time alone takes a timed signal across the bound, or gives it another value."""
        if self.operator in ORDERED:
            crossing = scope.timed(self.signal)
            if crossing is not None:
                yield f"{scope.constant(crossing)}({scope.held(self.signal)}, {self.threshold!r}, now)"
        else:
            moves = scope.moves(self.signal)
            if moves is not None:
                yield f"{scope.constant(moves)}({scope.held(self.signal)}, now)"

    def named(self) -> Iterator[Named]:
        """Yield the signal."""
        yield Named("signal", self.signal, "signal")
