"""A pack: every rule file of a directory, checked together."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import Field

from pql.rules.element import Element
from pql.rules.rule import Rule
from pql.rules.score import Score
from pql.rules.signals import AnySignal
from pql.rules.timeline import Timeline

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
SHOWN_TRAITS = ("name", "plan", "industry", "employees", "website")


class RuleFile(Element):
    """One file: signals, scores and rules, then the tests of the rules.

    `traits` adds to the traits that a card shows (name, plan, industry, employees, website).
    """

    signals: dict[Identifier, AnySignal] = Field(default_factory=dict)
    scores: dict[Identifier, Score] = Field(default_factory=dict)
    rules: dict[Identifier, Rule] = Field(min_length=1)
    traits: Annotated[tuple[str, ...], Field(max_length=20, strict=False)] = ()
    tests: Annotated[tuple[Timeline, ...], Field(strict=False)] = ()


class Pack(NamedTuple):
    """Rule files by name, in the order of their names. Rule ids are unique across them."""

    files: dict[str, RuleFile]
