"""What all conditions share: they write themselves as Python over an account's values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, Protocol

from pql.rules.element import Element


class Scope(Protocol):
    """Where a condition finds what it names while its rule is compiled."""

    def signal(self, name: str) -> str:
        """Return the Python expression for a signal's value."""

    def score(self, name: str) -> str:
        """Return the Python expression for a score's value."""

    def trait(self, name: str) -> str:
        """Return the Python expression for a trait's value."""

    def constant(self, value: Any) -> str:
        """Return a name that stands for `value`."""

    def is_number(self, signal: str) -> bool:
        """Return whether a signal's value is always a number."""


class Condition(Element):
    """Base of all conditions."""

    @abstractmethod
    def source(self, scope: Scope) -> str:
        """Return the condition as a Python expression; it can never raise."""

    @abstractmethod
    def leaves(self) -> Iterator[Condition]:
        """Yield the conditions that look at something, from left to right."""
