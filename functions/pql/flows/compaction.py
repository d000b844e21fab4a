"""Compaction: many small objects of the archive become few large ones, and nobody notices.

No line is lost, and all are read in the order in which they were counted, before, after and between. Objects
are merged that follow each other in that order and lie under the same day. What they become is written under
a new name that stands where the first of them stood, read back, and held against the archive once more; then
the first of them is deleted, which says that the others may go, and then the others. Whoever reads in between
meets lines twice, as after any redelivery, and never a gap.

Beside an erasure: what it changed meanwhile is merged anew, and it looks for new names before it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby, zip_longest

from pql.core.archived import ENDING, Merged, merged
from pql.core.errors import Conflict, Poison
from pql.core.times import day_of, written_time
from pql.core.window import DAY, HOUR
from pql.flows.dwell import DWELL_DAYS
from pql.flows.replay import Stored
from pql.flows.shelf import Body, Shelf
from pql.flows.tries import TRIES

TARGET = 50_000  # lines of an object: some five megabytes, and fifty in memory
AGE_DAYS = 2
# A delivery is written within its function's half minute; this is for clocks.
SETTLED = HOUR
_ORIGINAL = "0"


@dataclass
class Compacted:
    """What came of a compaction: objects and bytes that are gone, those they became, and repeats left out.

    `days` are the objects that are gone by the day they were counted on, `unread` what is no archive.
    """

    gone: int = 0
    made: int = 0
    before: int = 0
    repeats: int = 0
    days: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


@dataclass
class _Group:
    """Objects to be merged into one, what is known of their bodies, and leftovers that end with them."""

    held: list[Stored] = field(default_factory=list)
    bodies: dict[str, Body] = field(default_factory=dict)
    distinct: set[bytes] = field(default_factory=set)
    lines: int = 0
    until: int = 0

    def is_full(self, after: Stored, target: int) -> bool:
        """Return whether `after` belongs into another: never of the same moment, or inside a merged one."""
        return self.lines >= target and after.counted_at > self.until

    def is_within(self, end: int) -> bool:
        """Return whether all that went into the merged ones among them was counted before `end`.

        Else somebody with a later clock may be about to delete what is not here, and is left alone: what is
        taken for a leftover could be all that holds it.
        """
        return all(known is None or known.last < end for known in (merged(one.order) for one in self.held))


class _Changed(Exception):
    """Somebody has changed what was read."""


@dataclass(frozen=True)
class Compaction:
    """Compacts as of `now` (epoch ms); `token` returns a word that no two objects share.

    Two may run at once, and one may be stopped anywhere: the next does the rest.
    """

    shelf: Shelf
    now: int
    token: Callable[[], str]
    target: int = TARGET

    def run(self, first: str, last: str, *, force: bool = False) -> Compacted:
        """Compact what was counted on the days from `first` to `last`; raises `Conflict` and `Unavailable`.

        Days of the last two days are left alone, unless forced: then only what is younger than an hour is.
        """
        found = Compacted()
        ends = self.now - SETTLED if force else (self.now // DAY - AGE_DAYS + 1) * DAY
        late = self._late_before(first)
        for day in self._days(first, last):
            if _start(day) >= ends:
                break
            self._day(day, min(_start(day) + DAY, ends), late, found)
            late = [one for one in late if one.counted_at >= _start(day) + DAY]
            late += [one for one in self.shelf.stored(day, day) if one.counted_at >= _start(day) + DAY]
        return found

    def _days(self, first: str, last: str) -> list[str]:
        """Return the days of which anything is there, in their order: each is listed for itself."""
        begin = (date.fromisoformat(first) - timedelta(days=DWELL_DAYS + 1)).isoformat()
        days: set[str] = set()
        for one in self.shelf.stored(begin, _next(last)):
            days |= {one.day, day_of(one.counted_at)}
        return sorted(day for day in days if first <= day <= last)

    def _late_before(self, first: str) -> list[Stored]:
        """Return what lies under earlier days and was counted after them: a message may wait so long."""
        begin = (date.fromisoformat(first) - timedelta(days=DWELL_DAYS + 1)).isoformat()
        before = (date.fromisoformat(first) - timedelta(days=1)).isoformat()
        return [one for one in self.shelf.stored(begin, before) if one.counted_at >= _start(one.day) + DAY]

    def _day(self, day: str, end: int, late: list[Stored], found: Compacted) -> None:
        for _ in range(TRIES):
            try:
                gone = found.gone
                for group in self._groups(day, end, late, found):
                    self._merge(group, found)
            except _Changed:
                self._refresh(late)
                continue
            finally:
                if found.gone > gone:
                    found.days[day] = found.days.get(day, 0) + found.gone - gone
            return
        raise Conflict(f"somebody else changes the archive of {day} again and again")

    def _refresh(self, late: list[Stored]) -> None:
        days = sorted({one.day for one in late})
        late[:] = [
            one for day in days for one in self.shelf.stored(day, day) if one.counted_at >= _start(day) + DAY
        ]

    def _groups(self, day: str, end: int, late: Sequence[Stored], found: Compacted) -> Iterator[_Group]:
        """Yield what is to be merged of what was counted on a day; it may lie under that day or another."""
        around = [*late, *self.shelf.stored(day, _next(day))]
        counted = sorted(
            (one for one in around if _start(day) <= one.counted_at < end),
            key=lambda one: (one.order, one.key),
        )
        runs = [[*run] for _, run in groupby(counted, key=lambda one: one.day)]
        for run, following in zip_longest(runs, runs[1:]):
            yield from self._run(run, following[0].counted_at + 1 if following else end, found)

    def _run(self, run: Sequence[Stored], end: int, found: Compacted) -> Iterator[_Group]:
        self.shelf.expect([one.key for one in run if merged(one.order) is None])
        group = _Group()
        for one in run:
            if group.held and group.is_full(one, self.target):
                yield group
                group = _Group()
            try:
                self._add(one, group)
            except Poison as error:  # it stays where it is, and nothing is merged across it
                if str(error) not in found.unread:  # the day may be begun anew
                    found.unread.append(str(error))
                if group.is_within(one.counted_at + 1):
                    yield group
                group = _Group()
        if group.is_within(end):
            yield group

    def _add(self, one: Stored, group: _Group) -> None:
        known = merged(one.order)
        if known and not group.held:
            group.lines = known.lines  # it may be large enough to be left alone, unread
        else:
            for each in (*group.held[: not group.distinct], one):
                group.distinct.update(self._body(each, group).lines)
            group.lines = len(group.distinct)
        group.until = max(group.until, known.last if known else one.counted_at)
        group.held.append(one)

    def _body(self, one: Stored, group: _Group) -> Body:
        if one.key not in group.bodies:
            body = self.shelf.body(one.key)
            if body is None:
                raise _Changed
            group.bodies[one.key] = body
        return group.bodies[one.key]

    def _merge(self, group: _Group, found: Compacted) -> None:
        if len(group.held) < 2:
            return
        sources, pending = _sources(group.held)
        first = sources[0]
        every = [line for one in sources for line in self._body(one, group).lines]
        lines = [*dict.fromkeys(every)]
        stem, token = _name(first)
        into = Merged(stem, group.until, len(lines), self.token(), token)
        key = self.shelf.put(first.day, into.name, lines)
        if not self._stands(key, lines, {one.key: group.bodies[one.key].tag for one in sources}):
            self.shelf.delete([key])
            raise _Changed
        self.shelf.delete([first.key])
        self.shelf.delete([one.key for one in (*sources[1:], *pending)])
        found.gone += len(group.held)
        found.made += 1
        found.before += sum(one.size for one in group.held)
        found.repeats += len(every) - len(lines)

    def _stands(self, key: str, lines: Sequence[bytes], sources: Mapping[str, str]) -> bool:
        """Return whether what was written is there, and what it was made of is still as it was read."""
        body = self.shelf.body(key)
        if body is None or [*body.lines] != [*lines]:
            return False
        now = self.shelf.between(min(key, *sources), max(key, *sources))
        return key in now and all(now.get(one) == tag for one, tag in sources.items())


def _sources(held: Sequence[Stored]) -> tuple[list[Stored], list[Stored]]:
    """Return what is to be merged, and what an earlier compaction has left that was stopped too soon.

    As long as the first object that it merged is there, nobody has deleted any: so all of them are there, and
    what it wrote was perhaps never held against them. It ends with them.
    """
    there = {_name(one) for one in held}
    sources: list[Stored] = []
    pending: list[Stored] = []
    for one in held:
        known = merged(one.order)
        (pending if known and (known.stem, known.first) in there else sources).append(one)
    return sources, pending


def _name(one: Stored) -> tuple[str, str]:
    """Return the stem and the token of an object's name."""
    known = merged(one.order)
    return (known.stem, known.token) if known else (one.order.removesuffix(ENDING), _ORIGINAL)


def _start(day: str) -> int:
    return written_time(day) or 0


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
