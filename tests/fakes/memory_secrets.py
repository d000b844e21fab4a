"""Shared secrets in memory, for tests and rehearsals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pql.core.errors import Unavailable


class MemorySecrets:
    """The `Secrets` port on a mapping.

    `rotate` changes what the next refresh finds; `available` off makes every read fail that is not
    cached, as a store that is down does.
    """

    def __init__(self, stored: Mapping[str, Sequence[str]]) -> None:
        self.stored: dict[str, Sequence[str]] = dict(stored)
        self.available = True
        self.refreshes = 0
        self._cached: dict[str, tuple[bytes, ...]] = {}

    def values(self, name: str, deadline: float = math.inf) -> tuple[bytes, ...]:
        """Return the values as they were last read."""
        return self._cached[name] if name in self._cached else self._read(name)

    def refresh(self, name: str, deadline: float = math.inf) -> tuple[bytes, ...]:
        """Return the values as they are now."""
        self.refreshes += 1
        return self._read(name)

    def rotate(self, name: str, *values: str) -> None:
        """Change the stored values, current first."""
        self.stored[name] = values

    def _read(self, name: str) -> tuple[bytes, ...]:
        if not self.available or name not in self.stored:
            if name in self._cached:
                return self._cached[name]
            raise Unavailable("the secret store is down")
        self._cached[name] = tuple(value.encode() for value in self.stored[name])
        return self._cached[name]
