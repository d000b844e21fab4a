"""What the watch remembers from one look to the next.

It stands apart from `pql.flows.watch` so that who only notes events (`process`) does not load that.
"""

from __future__ import annotations

import msgspec


class Cohort(msgspec.Struct):
    """Leads that a rule made in one week, and how many of them have converted in time."""

    made: int = 0
    converted: int = 0


class Left(msgspec.Struct):
    """The band, from `low` to `high`, that a rule was found out of at the moment `since` (epoch ms)."""

    low: float
    high: float
    since: int


class Memo(msgspec.Struct):
    """Since when the watch knows each rule by its checksum, cohorts, what it has said.

    `cohorts` are by `rule checksum` and week of the epoch, those of the weeks before `ripened` are there.
    `said` are the moments (epoch ms) and `left` the bands by `kind rule event`. `silent`
    are events that have stopped: since which hour of the epoch, and the longest gap before, in hours.
    `outages` are since which hours those that came again had stopped.
    """

    known: dict[str, tuple[str, int]] = {}
    cohorts: dict[str, dict[int, Cohort]] = {}
    ripened: int = 0
    said: dict[str, int] = {}
    left: dict[str, Left] = {}
    silent: dict[str, tuple[int, int]] = {}
    outages: dict[str, list[int]] = {}
