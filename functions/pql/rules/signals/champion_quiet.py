"""`champion_quiet`: how long the most active person has done nothing."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Usage
from pql.core.lead import Role, Scalar
from pql.core.window import DAY, NEVER, window
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_users import OfUsers
from pql.rules.signals.signal import Names
from pql.rules.windows import WithinDays


class ChampionQuiet(OfUsers):
    """Tell for how many UTC days, today included, the person with most events in the window did none of them.

    Nothing if nobody did any. It grows by time alone, at midnights: ten may be nine days and an hour. Up to
    `keep` people (64 unless given) in a day are told apart, those with the lowest hash; of several with as
    many events it is the latest seen.

    ```yaml
    champion_silent: {champion_quiet: any, within: 60d}
    ```
    """

    kind: Literal["champion_quiet"] = Field(default="champion_quiet", exclude=True)
    champion_quiet: Names
    within: WithinDays

    measures: ClassVar[bool] = True
    role: ClassVar[Role] = "champion"

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"days without {self.events_words} by the most active person"

    @property
    def is_timed(self) -> bool:
        """Return that it grows by time alone."""
        return True

    def whom(self, aggregate: Usage) -> Collection[int]:
        """Return the most active person, several if they are equal."""
        return aggregate.leaders

    def read(self, aggregate: Usage) -> int | None:
        """Return the last day of the most active person."""
        return last_day(aggregate)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event of a person."""
        yield self.counting(cell)
        yield f"n = {cell.constant(last_day)}(h)"

    def value_at(self, held: Any, now: int) -> Scalar:
        """Return how many days later than `held` today is."""
        return None if held is None else max(0, now // DAY - held)

    @property
    def reach(self) -> int:
        """Return the largest number its value can reach: then the window forgets the last day."""
        return window(self.within).buckets - 1

    def remedy(self, bound: str) -> str:  # noqa: ARG002 - it does not say the number
        """Return what to do about a `bound` beyond `reach`."""
        return "widen `within`"

    def moves(self, held: Any, now: int) -> int:
        """Return the next midnight, as long as anybody is remembered."""
        return NEVER if held is None else max(now // DAY, held) * DAY + DAY

    def crossing(self, held: Any, bound: float, now: int) -> int:
        """Return the midnight at which there will be so many, and then the one from which there are more."""
        if held is None:
            return NEVER
        midnights = ((held + days) * DAY for days in (math.ceil(bound), math.floor(bound) + 1))
        return next((moment for moment in midnights if moment > now), NEVER)


def last_day(usage: Usage) -> int | None:
    """Return the last day on which the person with most events did one, None if there is nobody."""
    best, newest_first = usage.leaders, sorted(usage.cells, reverse=True)
    return next((day for day in newest_first if not best.isdisjoint(usage.cells[day])), None)
