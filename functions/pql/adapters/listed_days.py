"""Objects of an archive that somebody has listed, and what has become of them when they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pql.adapters.archive_pieces import LocalDays
from pql.adapters.event_pieces import Gone, Piece
from pql.core.archived import Merged, merged


class ListedDays:
    """The `Days` of some objects; `list_now` returns those that stand under a prefix of keys by now.

    A day that is listed again holds what its objects have been merged into or written anew as, with what
    else went into that. One that is gone without a trace raises `Gone`: nobody knows what it held.
    """

    is_live = True

    def __init__(self, pieces: Sequence[Piece], list_now: Callable[[str], Iterable[Piece]]) -> None:
        self._listed = LocalDays(pieces)
        self._list_now = list_now
        self._met: set[str] = set()
        self.size = self._listed.size

    def days(self) -> Sequence[str]:
        """Return the days that the objects lie under, in order."""
        return self._listed.days()

    def pieces(self, day: str) -> Sequence[Piece]:
        """Return the objects of a day as they were listed, and when asked again as they stand now."""
        listed = self._listed.pieces(day)
        if day not in self._met:
            self._met.add(day)
            return listed
        now = [*self._list_now(listed[0].path.rpartition("/")[0] + "/")]
        named = {old.path for old in listed}
        found = {one.path: one for one in now if one.path in named}
        told = ((one, merged(one.path.rpartition("/")[2])) for one in now)
        mergers = [(one, known) for one, known in told if known is not None]
        for old in listed:
            if old.path not in found:
                became = [one for one, known in mergers if _may_hold(one, known, old)]
                if not became:
                    raise Gone(f"{old.name} is gone, and nothing holds what it held: start again")
                found |= {one.path: one for one in became}
        return [*found.values()]


def _may_hold(one: Piece, known: Merged, old: Piece) -> bool:
    """Return whether `old` lies in the stretch of counting that a merged object was made of."""
    return one.counted_at <= old.counted_at <= known.last
