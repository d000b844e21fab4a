"""The archive and the quarantine in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pql.core.event import Event


@dataclass
class MemoryArchive:
    """The `Archive` port over a dictionary of batches."""

    batches: dict[str, list[tuple[str, Event]]] = field(default_factory=dict)

    def append(self, lines: Sequence[tuple[str, Event]], batch: str) -> None:
        """Keep the lines of a batch; the same batch overwrites itself."""
        self.batches[batch] = list(lines)


@dataclass
class MemoryQuarantine:
    """The `Quarantine` port over a list."""

    kept: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, body: str, reason: str) -> None:
        """Keep `body` with `reason`."""
        self.kept.append((body, reason))
