"""Who answers leads, and what they make of them.

Somebody answers a lead who claims it, puts it off or dismisses it. A lead keeps who did last, and when
somebody first did: leads answered before that was kept have the former only, and tell no time once converted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import median

import msgspec

from pql.backtest.figures.weeks import monday, mondays, name, per_week
from pql.backtest.figures.wilson import Share, share
from pql.core.lead import LeadRecord
from pql.core.lead_state import STATES
from pql.core.window import DAY


class Handling(msgspec.Struct, frozen=True):
    """What people have made of `live` leads; those in shadow are shown to nobody.

    `states` counts how they stand, `answered` those that somebody has or had, `reasons` why they were
    dismissed ("" for no reason). `days_to_answer` is the median over the `timed`, whose moment is known.
    """

    live: int
    states: dict[str, int]
    answered: Share
    reasons: dict[str, int]
    timed: int
    days_to_answer: float | None


class Owner(msgspec.Struct, frozen=True):
    """The leads that somebody has or had, by the ISO week in which each was made (`2026-W47`)."""

    name: str
    leads: int
    per_week: float | None
    weeks: dict[str, int]


def handling(records: list[LeadRecord], now: int) -> Handling:
    """Return what people have made of leads as they stand at `now`, epoch ms."""
    live = [one for one in records if one.lead.status == "live"]
    standing = [one.at(now) for one in live]
    counts = Counter(one.state for one in standing)
    reasons = Counter(one.reason or "" for one in standing if one.state == "dismissed")
    waits = [wait for one in live if (wait := _answered_after(one)) is not None]
    return Handling(
        live=len(live),
        states={state: counts[state] for state in STATES},
        answered=share(sum(_is_answered(one) for one in live), len(live)),
        reasons=dict(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        timed=len(waits),
        days_to_answer=round(median(waits) / DAY, 1) if waits else None,
    )


def _answered_after(record: LeadRecord) -> int | None:
    """Return how long (ms) after it was made somebody answered a lead; None if that is not known."""
    held = record.standing
    answered = held.answered
    if answered is None and held.owner is not None and held.state != "converted":
        answered = held.changed
    return None if answered is None else max(0, answered - record.lead.created)


def _is_answered(record: LeadRecord) -> bool:
    return record.standing.owner is not None or record.standing.answered is not None


def owners(records: Iterable[LeadRecord], first: int, until: int) -> list[Owner]:
    """Return who has or had leads, most leads first, with the weeks from `first` to `until` (epoch ms)."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for one in records:
        if one.standing.owner is not None:
            found[one.standing.owner][monday(one.lead.created)] += 1
    weeks = mondays(first, until)
    each = [
        Owner(
            who, came.total(), per_week(came.total(), first, until), {name(one): came[one] for one in weeks}
        )
        for who, came in found.items()
    ]
    return sorted(each, key=lambda one: (-one.leads, one.name))
