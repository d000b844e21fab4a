"""Folds by time: always learned from older subjects, always tried on newer ones, never at random."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 10  # who convert, and who do not, to learn from, below which a fold is passed over


class Rows(NamedTuple):
    """Subjects by the time they came of age: `at` (epoch ms, rising), columns, and 1.0 for who converts."""

    at: NDArray[np.int64]
    columns: NDArray[np.float64]
    converts: NDArray[np.float64]

    def part(self, first: int, last: int) -> Rows:
        """Return the subjects from `first` up to, not with, `last`."""
        return Rows(self.at[first:last], self.columns[first:last], self.converts[first:last])


class Split(NamedTuple):
    """What is learned from and what it is tried on.

    `overlaps` says that not every outcome among the older was known when the first of the newer was scored.
    """

    older: Rows
    newer: Rows
    overlaps: bool


def blocks(rows: Rows, count: int) -> list[int]:
    """Return where up to `count` blocks with about as many conversions each begin, and the end of the last.

    Subjects that came of age at the same moment stay together.
    """
    import numpy as np  # noqa: PLC0415 - of the extra `calibrate`

    so_far = np.cumsum(rows.converts)
    total = float(so_far[-1]) if len(so_far) else 0.0
    cuts = [int(np.searchsorted(so_far, total * index / count)) + 1 for index in range(1, count)]
    apart = [int(np.searchsorted(rows.at, rows.at[min(cut, len(rows.at) - 1)])) for cut in cuts]
    return sorted({0, *apart, len(rows.at)})


def walk(rows: Rows, within: int, count: int) -> Iterator[Split]:
    """Yield each block but the first with all that was known before it began.

    Where that leaves too little to learn from for every block, as where all subjects came within less
    than `within` ms, all older subjects are learned from, and it is said.
    """
    edges = blocks(rows, count)
    pairs = list(itertools.pairwise(edges[1:]))
    known = [_split(rows, first, last, within) for first, last in pairs]
    enough = [one for one in known if _teaches(one.older)]
    if not enough:
        late = [_split(rows, first, last, None) for first, last in pairs]
        enough = [one for one in late if _teaches(one.older)]
    yield from enough


def hold_out(rows: Rows, within: int, blocks_of: int, held: int) -> Split | None:
    """Return the last `held` of the blocks apart from what was known before them; None of too little."""
    edges = blocks(rows, blocks_of)
    if len(edges) <= held + 1:
        return None
    first = edges[-1 - held]
    for one in (_split(rows, first, edges[-1], within), _split(rows, first, edges[-1], None)):
        if _teaches(one.older):
            return one
    return None


def _teaches(older: Rows) -> bool:
    """Return whether there are enough of both kinds: who all convert have nothing to be told from."""
    converting = older.converts.sum()
    return bool(converting >= LEAST and len(older.converts) - converting >= LEAST)


def _split(rows: Rows, first: int, last: int, within: int | None) -> Split:
    import numpy as np  # noqa: PLC0415

    # Within no time at all those of the same moment are not older.
    known = None if within is None else int(np.searchsorted(rows.at, rows.at[first] - within, "right"))
    end = first if known is None else min(first, known)
    return Split(rows.part(0, end), rows.part(first, last), within is None)
