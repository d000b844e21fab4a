"""The signals: what is remembered of an account. One file each, one line each in the union."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from pql.rules.signals.active_days import ActiveDays
from pql.rules.signals.champion_quiet import ChampionQuiet
from pql.rules.signals.changes import Changes
from pql.rules.signals.count import Count
from pql.rules.signals.days_since import DaysSince
from pql.rules.signals.decayed import Decayed
from pql.rules.signals.distinct import Distinct
from pql.rules.signals.first import First
from pql.rules.signals.gauge import Gauge
from pql.rules.signals.latest import Latest
from pql.rules.signals.max import Max
from pql.rules.signals.min import Min
from pql.rules.signals.sequence import Sequence
from pql.rules.signals.streak import Streak
from pql.rules.signals.sum import Sum
from pql.rules.signals.top_share import TopShare
from pql.rules.signals.trend import Trend
from pql.rules.signals.unfollowed import Unfollowed
from pql.rules.signals.users_each import UsersEach
from pql.rules.tagged import tagged

Kinds = (
    ActiveDays
    | ChampionQuiet
    | Changes
    | Count
    | DaysSince
    | Decayed
    | Distinct
    | First
    | Gauge
    | Latest
    | Max
    | Min
    | Sequence
    | Streak
    | Sum
    | TopShare
    | Trend
    | Unfollowed
    | UsersEach
)  # fmt: skip
AnySignal = Annotated[Kinds, Field(discriminator="kind"), BeforeValidator(tagged(Kinds))]

__all__ = [
    "ActiveDays",
    "AnySignal",
    "ChampionQuiet",
    "Changes",
    "Count",
    "DaysSince",
    "Decayed",
    "Distinct",
    "First",
    "Gauge",
    "Kinds",
    "Latest",
    "Max",
    "Min",
    "Sequence",
    "Streak",
    "Sum",
    "TopShare",
    "Trend",
    "Unfollowed",
    "UsersEach",
]
