"""What all conditions share: they write themselves as Python over an account's values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from pql.rules.element import Element
from pql.rules.named import Named
from pql.rules.source import Path


class Scope(Protocol):
    """Where a condition finds what it names while its rule is compiled."""

    def signal(self, name: str) -> str:
        """Return the Python expression for a signal's value."""

    def score(self, name: str) -> str:
        """Return the Python expression for a score's value."""

    def trait(self, name: str) -> str:
        """Return the Python expression for a trait's value."""

    def holds(self, rule: str) -> str:
        """Return the Python expression for whether a rule's condition holds."""

    def fired(self, rule: str) -> str:
        """Return the Python expression for when a rule last made a lead, long ago if never."""

    def constant(self, value: Any) -> str:
        """Return a name that stands for `value`."""

    def timed(self, name: str) -> Callable[[Any, float, int], int] | None:
        """Return the signal's `crossing` if its value changes by time alone."""

    def moves(self, name: str) -> Callable[[Any, int], int] | None:
        """Return the signal's `moves` if its value changes by time alone."""

    def held(self, name: str) -> str:
        """Return the Python expression for the value that a signal's fold has left."""

    def compared(self, signal: str, symbol: str, bound: float) -> str:
        """Return the Python expression for whether a signal's value, always a number, is beyond a bound."""

    def is_number(self, signal: str) -> bool:
        """Return whether a signal's value is always a number."""

    def counts(self, signal: str) -> bool:
        """Return whether a signal's value is a number of things done."""


class Condition(Element):
    """Base of all conditions."""

    @abstractmethod
    def source(self, scope: Scope) -> str:
        """Return the condition as a Python expression; it can never raise."""

    def wakes(self, scope: Scope) -> Iterator[str]:  # noqa: ARG002 - of use to conditions that time changes
        """Yield expressions for the next moment (epoch ms) at which time alone may change the answer.

        They may read the clock as `now`, and are `NEVER` when there is no such moment.
        """
        yield from ()

    def below(self, path: Path) -> Iterator[tuple[Path, Condition]]:
        """Yield the same as `leaves`, each with its place in the file, for one that stands at `path`.

        That is itself, but for conditions that turn or join others.
        """
        yield path, self

    def leaves(self) -> Iterator[Condition]:
        """Yield the conditions that look at something, from left to right."""
        return (leaf for _, leaf in self.below(()))

    def named(self) -> Iterator[Named]:
        """Yield what it names, if it looks at something itself."""
        yield from ()
