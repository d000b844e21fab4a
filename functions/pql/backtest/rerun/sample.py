"""Rules on a sample of events: which accounts qualify under which, and whether any two say the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pql.backtest.figures.population import root
from pql.backtest.rerun.rerun import Rerun
from pql.core.canonical import Arrival, canonical
from pql.core.errors import Refused
from pql.core.event import Event
from pql.core.places import finder
from pql.core.times import written_time
from pql.core.window import NEVER
from pql.rules.lint.findings import Finding, finding
from pql.rules.names import folded
from pql.rules.pack import Pack
from pql.rules.source import Source

OVERLAP = 0.9
# Of fewer accounts two rules may have the same by chance.
FEWEST = 5
_CLOCKS = ("receivedAt", "sentAt", "timestamp", "originalTimestamp")


class Sample:
    """What a sample of events, one JSON object a line as SDKs send them, says about a pack.

    Lines are taken one by one, in the order of the file, through the same reader as at the front door and
    the same rerun as a backtest; none is too late. `names` are the events there are, by type and folded
    name; `unread` counts the lines that are no events.
    """

    def __init__(self, pack: Pack, lines: Iterable[bytes]) -> None:
        self.names: dict[str, dict[str, str]] = {}
        self.unread = 0
        self.qualified: dict[str, set[str]] = {
            name: set() for file in pack.files.values() for name in file.rules
        }
        self._files = {name: file_name for file_name, file in pack.files.items() for name in file.rules}
        self._clock = 0
        account_of = finder()
        rerun = Rerun(pack, horizon=NEVER)
        for index, line in enumerate(lines):
            event = self._read(line, index, account_of) if line.strip() else None
            if event is not None:
                rerun.take(event)
        course = rerun.finish(near=False)
        for one in course.qualified:
            if not one.suppressed:
                self.qualified[one.rule].add(root(course, one.subject))

    def overlaps(self, sources: Mapping[str, Source]) -> Iterator[Finding]:
        """Yield the rules under which more than nine of ten accounts are those of an earlier rule."""
        for one, other in itertools.combinations(self.qualified, 2):
            either = self.qualified[one] | self.qualified[other]
            both = self.qualified[one] & self.qualified[other]
            if len(either) >= FEWEST and len(both) > OVERLAP * len(either):
                words = (
                    f"of {len(either)} accounts in the sample that qualify under `{one}` or `{other}` "
                    f"{len(both)} ({100 * len(both) // len(either)} %) qualify under both"
                )
                source = sources[self._files[other]]
                yield finding(source, ("rules", other), "overlap", words, key=True)

    def _read(self, line: bytes, index: int, account_of: Any) -> Event | None:
        """Return the event in a line; without a time of its own it came with the line before."""
        try:
            item = msgspec.json.decode(line)
            said = (written_time(item.get(clock)) for clock in _CLOCKS) if isinstance(item, dict) else ()
            self._clock = next((one for one in said if one is not None and one >= 0), self._clock)
            event = canonical(item, index, Arrival(self._clock, "sample", "sample", account_of)).event
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Refused):
            self.unread += 1
            return None
        if event.name:
            self.names.setdefault(event.type, {}).setdefault(folded(event.name), event.name)
        return event
