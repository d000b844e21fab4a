"""Every account that the store in memory has, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from pql.adapters.memory_store import MemoryStore
from pql.flows.ports import Page

PAGE = 3


@dataclass
class MemoryAccounts:
    """The `Accounts` port over a store in memory; pages are small, so that tests turn them."""

    store: MemoryStore

    def page(self, after: str | None) -> Page:
        """Return the page that begins after a place that an earlier one named, or the first one."""
        rest = (subject for subject in sorted(self.store.accounts) if after is None or subject > after)
        subjects = [*islice(rest, PAGE)]
        more = next(rest, None) is not None
        rows = [self.store.accounts[subject] for subject in subjects]
        return Page(rows, float(len(rows)), subjects[-1] if more else None)
