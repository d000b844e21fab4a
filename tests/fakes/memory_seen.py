"""The ids of everything that the store in memory says was counted."""

from __future__ import annotations

from dataclasses import dataclass

from pql.adapters.memory_store import MemoryStore


@dataclass
class MemorySeen:
    """The `Seen` port over a store in memory."""

    store: MemoryStore

    def all_of(self, subject: str) -> set[bytes]:
        """Return the ids in all seen buckets of a subject."""
        return {one for (pk, _), ids in self.store.buckets.items() if pk == subject for one in ids}
