"""What the watch remembers from one look to the next.

It stands apart from `pql.flows.watch` so that who only notes events (`process`) does not load that.
"""

from __future__ import annotations

import msgspec


class Cohort(msgspec.Struct):
    """Leads that a rule made in one week, and how many of them have converted in time."""

    made: int = 0
    converted: int = 0


class Memo(msgspec.Struct):
    """Since when the watch knows each rule by its checksum, cohorts, what it has said.

    `cohorts` are by rule and week of the epoch, `said` the moments (epoch ms) by `kind rule event`. `silent`
    are events that have stopped: since which hour of the epoch, and the longest gap before, in hours.
    `outages` are since which hours those that came again had stopped.
    """

    known: dict[str, tuple[str, int]] = {}
    cohorts: dict[str, dict[int, Cohort]] = {}
    ripe: int = 0
    said: dict[str, int] = {}
    silent: dict[str, tuple[int, int]] = {}
    outages: dict[str, list[int]] = {}
