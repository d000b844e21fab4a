"""What the watch reads and writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from pql.core.keys import LeadKey
from pql.flows.legible import Records
from pql.flows.memo import Memo


class Watched(Records, Protocol):
    """What the watch reads and writes; all of it raises `Unavailable`."""

    def made(self, first: int, last: int) -> Iterator[tuple[int, LeadKey]]:
        """Yield the leads made from `first` until before `last`, epoch ms, in no order."""

    def hours(self, first: int) -> Mapping[str, Collection[int]]:
        """Return the hours (of the epoch) since `first` (epoch ms) in which each event arrived."""

    def memo(self) -> Memo:
        """Return what is remembered."""

    def remember(self, memo: Memo) -> None:
        """Write it."""
