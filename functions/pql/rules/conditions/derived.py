"""What conditions share that look at a number worked out from several values and the clock."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from pql.core.lead import Scalar, Unit
from pql.core.window import DAY, duration
from pql.rules.conditions.condition import Condition, Scope
from pql.rules.named import Named


class Derived(Condition):
    """Base of conditions on a derived number.

    Subclasses are comparisons too: they have `holds`, `threshold` and the words for both.
    """

    @property
    @abstractmethod
    def words(self) -> str:
        """Return what the number is, in plain words."""

    # On the axis of all conditions on the same number it may be told the other way round.
    sign: ClassVar[int] = 1

    @property
    def axis(self) -> Sequence[str]:
        """Return what is the same for conditions on the same number."""
        return [type(self).__name__, *(name for one in self.named() for name in (one.what, one.name))]

    @property
    @abstractmethod
    def threshold(self) -> Any:
        """Return what the number is held against."""

    @property
    @abstractmethod
    def test_words(self) -> str:
        """Return the comparison in plain words."""

    @property
    @abstractmethod
    def opposite_words(self) -> str:
        """Return what holds when the comparison does not."""

    @property
    def unit(self) -> Unit | None:
        """Return what the number is measured in."""
        return None

    def told(self, called: Callable[[str], str]) -> str:  # noqa: ARG002 - of use to conditions on signals
        """Return what the number is, with signals as they are `called`."""
        return self.words

    def shown(self, value: Scalar) -> Scalar:
        """Return the number as people are shown it: text where the bare number would be a riddle."""
        return value

    def unknown(self, *values: Any) -> str | None:  # noqa: ARG002 - of use where more than the number is known
        """Return what is known where there is no number, from what `number` takes."""
        return None

    def remedy(self, value: Scalar) -> str:  # noqa: ARG002 - of use where the number alone says too little
        """Return what must become true if something else than the number must."""
        return ""

    # Whether it takes what a signal's fold has left, and not the value that other conditions compare.
    takes_held: ClassVar[bool] = False

    @abstractmethod
    def number(self, *values: Any) -> Scalar:
        """Return the number, from the values of what is `named`, in that order, and the clock (epoch ms)."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Return whether the number passes."""

    def source(self, scope: Scope) -> str:
        """Return the comparison of the derived number."""
        of_signal = scope.held if self.takes_held else scope.signal
        values = [
            of_signal(one.name) if one.what == "signal" else scope.trait(one.name) for one in self.named()
        ]
        return f"{scope.constant(self._asked)}({', '.join(values)}, now)"

    def wakes(self, scope: Scope) -> Iterator[str]:
        """Yield when time alone gives a timed signal that it looks at another value."""
        for one in self.named():
            moves = scope.moves(one.name) if one.what == "signal" else None
            if moves is not None:
                yield f"{scope.constant(moves)}({scope.held(one.name)}, now)"

    def _asked(self, *values: Any) -> bool:
        return self.holds(self.number(*values))

    @abstractmethod
    def named(self) -> Iterator[Named]:
        """Yield the signals and traits it looks at, as `number` takes them."""


class DaysLeft(Derived):
    """Base of conditions on how many days are left: `bound` at most."""

    @property
    @abstractmethod
    def bound(self) -> str:
        """Return how long before, as written."""

    @property
    def threshold(self) -> float:
        """Return the bound in days."""
        return duration(self.bound) / DAY

    @property
    def test_words(self) -> str:
        """Return the comparison in plain words."""
        return "at most"

    @property
    def opposite_words(self) -> str:
        """Return what holds when the comparison does not."""
        return "more than"
