"""Retold: what is told again and again, and how often it changed."""

from __future__ import annotations

from bisect import bisect_left

from pql.core.aggregates.observed import Change, Observed
from pql.core.aggregates.oldest import Told


class Retold(Observed):
    """Of each value in every `width` ms the first report and the last.

    Lost is what lies between the two: the same again, mostly, but also where it came back and went again
    in that time. The newest `keep` pairs of bucket and value are remembered, of one bucket those
    that sort last: a choice that no order of arrival can change. With a window, `width` is that of its
    buckets, and the newest bucket before `since` is kept whole: which of its reports is the last may yet
    change.
    """

    __slots__ = ("width",)

    def __init__(self, are_change: Change, keep: int, width: int) -> None:
        super().__init__(are_change, keep)
        self.width = width

    @property
    def full(self) -> bool:
        """Return whether older reports that matter may have been forgotten."""
        return len(self._pairs()) >= self.keep

    def _add(self, report: Told) -> None:
        if self._says_the_last_again(report):
            self.reports[-1] = report
            del self.reports[: self._needed(self.since)]
            self._look()
            return
        place = bisect_left(self.reports, report)
        if place < len(self.reports) and self.reports[place] == report:
            return
        self.reports.insert(place, report)
        del self.reports[: self._needed(self.since)]
        pair = self._pair(report)
        same = [one for one in self.reports if self._pair(one) == pair]
        between = same[1:-1]
        pairs = self._pairs()
        gone = min(pairs) if len(pairs) > self.keep else None
        self.reports = [one for one in self.reports if one not in between and self._pair(one) != gone]
        self._look()

    def _says_the_last_again(self, report: Told) -> bool:
        """Return whether it takes the last one's place: most calls of a browser do, and cost a third so."""
        if len(self.reports) < 2 or report <= self.reports[-1]:
            return False
        return self._pair(report) == self._pair(self.reports[-1]) == self._pair(self.reports[-2])

    def _needed(self, since: int) -> int:
        place = super()._needed(since)
        if place == len(self.reports):
            return place
        bucket = self.reports[place][0] // self.width
        return bisect_left(self.reports, (bucket * self.width,))

    def _pair(self, report: Told) -> Told:
        time, kind, value = report
        return time // self.width, kind, value

    def _pairs(self) -> set[Told]:
        return {self._pair(one) for one in self.reports[self._needed(self.since) :]}
