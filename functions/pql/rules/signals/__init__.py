"""The signals: what is remembered of an account. One file each, one line each in the union."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from pql.rules.signals.count import Count
from pql.rules.signals.distinct import Distinct
from pql.rules.signals.latest import Latest
from pql.rules.signals.max import Max
from pql.rules.signals.sum import Sum
from pql.rules.tagged import tagged

Kinds = (
    Count
    | Distinct
    | Latest
    | Max
    | Sum
)  # fmt: skip
AnySignal = Annotated[Kinds, Field(discriminator="kind"), BeforeValidator(tagged(Kinds))]

__all__ = ["AnySignal", "Count", "Distinct", "Kinds", "Latest", "Max", "Sum"]
