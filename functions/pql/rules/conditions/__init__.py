"""The conditions: when something holds. One file each, one line each in the union."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from pql.rules.conditions.all import All
from pql.rules.conditions.any import Any
from pql.rules.conditions.condition import Condition, Scope
from pql.rules.conditions.derived import Derived
from pql.rules.conditions.forecast import ForecastCondition
from pql.rules.conditions.joined import Joined
from pql.rules.conditions.not_ import Not
from pql.rules.conditions.ratio import RatioCondition
from pql.rules.conditions.rule import RuleCondition
from pql.rules.conditions.score import ScoreCondition
from pql.rules.conditions.signal import SignalCondition
from pql.rules.conditions.since import SinceCondition
from pql.rules.conditions.trait import TraitCondition
from pql.rules.conditions.until import UntilCondition
from pql.rules.tagged import tagged

Kinds = (
    All
    | Any
    | ForecastCondition
    | Not
    | RatioCondition
    | RuleCondition
    | ScoreCondition
    | SignalCondition
    | SinceCondition
    | TraitCondition
    | UntilCondition
)  # fmt: skip
AnyCondition = Annotated[Kinds, Field(discriminator="kind"), BeforeValidator(tagged(Kinds))]

for _joining in (All, Any, Not):
    _joining.model_rebuild(_types_namespace={"AnyCondition": AnyCondition})

__all__ = [
    "All",
    "Any",
    "AnyCondition",
    "Condition",
    "Derived",
    "ForecastCondition",
    "Joined",
    "Kinds",
    "Not",
    "RatioCondition",
    "RuleCondition",
    "Scope",
    "ScoreCondition",
    "SignalCondition",
    "SinceCondition",
    "TraitCondition",
    "UntilCondition",
]
