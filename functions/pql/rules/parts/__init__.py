"""The parts of a score: what gives points. One file each, one line each in the union."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from pql.rules.parts.bands import Bands
from pql.rules.parts.part import Part
from pql.rules.parts.per import Per
from pql.rules.parts.points import Points
from pql.rules.parts.weighted import Weighted
from pql.rules.tagged import tagged

Kinds = (
    Bands
    | Per
    | Points
    | Weighted
)  # fmt: skip
AnyPart = Annotated[Kinds, Field(discriminator="kind"), BeforeValidator(tagged(Kinds))]

__all__ = ["AnyPart", "Bands", "Kinds", "Part", "Per", "Points", "Weighted"]
