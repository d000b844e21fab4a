"""Where the names in a rule file lead, while it is compiled and when it is explained."""

from __future__ import annotations

from typing import Any, Protocol

from pql.engine.slots import ScoreSlot, SignalSlot
from pql.rules.names import folded


class _Pack(Protocol):
    traits: dict[str, int]
    constants: dict[str, Any]


class FileScope:
    """The signals and scores that one file names, and the traits of the whole pack."""

    def __init__(self, plan: _Pack) -> None:
        self._plan = plan
        self.signals: dict[str, SignalSlot] = {}
        self.scores: dict[str, ScoreSlot] = {}

    def trait_index(self, name: str) -> int:
        """Return the place of a trait in an account's values."""
        return self._plan.traits[folded(name)]

    def constant(self, value: Any) -> str:
        """Return a name, of the whole pack, that stands for `value`."""
        name = f"c{len(self._plan.constants)}"
        self._plan.constants[name] = value
        return name

    def reading(self) -> Reading:
        """Return a fresh scope for compiling one expression."""
        return Reading(self)


class Reading:
    """One expression while it is written, and what it reads."""

    def __init__(self, names: FileScope) -> None:
        self._names = names
        self._read: set[int] = set()

    def signal(self, name: str) -> str:
        """Return the expression for a signal's value."""
        return self._value(self._names.signals[name].place)

    def score(self, name: str) -> str:
        """Return the expression for a score's value."""
        return self._value(self._names.scores[name].place)

    def trait(self, name: str) -> str:
        """Return the expression for a trait's value."""
        return self._value(self._names.trait_index(name))

    def constant(self, value: Any) -> str:
        """Return a name that stands for `value`."""
        return self._names.constant(value)

    def is_number(self, signal: str) -> bool:
        """Return whether a signal's value is always a number."""
        return self._names.signals[signal].signal.is_number

    def read(self) -> frozenset[int]:
        """Return the places that the expression reads."""
        return frozenset(self._read)

    def _value(self, index: int) -> str:
        self._read.add(index)
        return f"v[{index}]"
