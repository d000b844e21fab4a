"""A pack: every rule file of a directory, checked together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.lead import About
from pql.rules.conditions import AnyCondition, Condition
from pql.rules.element import Element
from pql.rules.names import IDENTIFIER, folded
from pql.rules.rule import Rule
from pql.rules.score import Score
from pql.rules.signals import AnySignal
from pql.rules.signals.signal import ANY, Names
from pql.rules.source import Path
from pql.rules.timeline import Timeline

Identifier = Annotated[str, Field(pattern=f"^{IDENTIFIER}$")]
SHOWN_TRAITS = ("name", "plan", "industry", "employees", "website")


def _named(conversions: tuple[str, ...]) -> tuple[str, ...]:
    if ANY in conversions:
        raise PydanticCustomError("conversions", "`any` is no conversion: name the events that are")
    return conversions


class RuleFile(Element):
    """One file: signals, scores and rules, then the tests of the rules.

    With `subject: user` all of it is about single people, whatever accounts they belong to: what they
    do is counted for each, and their traits come from identify calls. Otherwise it is about accounts,
    and about users who have none.

    `traits` adds to the traits that a card shows (name, plan, industry, employees, website). While any
    condition of `suppress` holds, no rule about the same kind of subject fires, in whatever file it
    stands. An event in `conversions` (track calls) ends the leads of whoever it is of, those of the
    whole pack: they were worth it.

    ```yaml
    conversions: [Subscription Started, Order Completed]
    suppress:
      - {trait: domain, in: [ourselves.test, competitor.test]}
    signals:
      exports: {count: Report Exported}
    rules:
      heavy_export:
        when: {signal: exports, at_least: 10}
        title: "{account} exports a lot"
        reason: Ask who reads it.
    tests:
      - name: ten exports
        timeline: [0d Report Exported x10]
        expect: fires at 0d
      - name: nine of them
        timeline: [0d Report Exported x9]
        expect: silent
    ```
    """

    subject: About = "account"
    signals: dict[Identifier, AnySignal] = Field(default_factory=dict)
    # Where each builds on the one before, whatever follows them goes as deep as there are.
    scores: dict[Identifier, Score] = Field(default_factory=dict, max_length=100)
    rules: dict[Identifier, Rule] = Field(min_length=1)
    suppress: Annotated[tuple[AnyCondition, ...], Field(max_length=50, strict=False)] = ()
    conversions: Annotated[Names, AfterValidator(_named)] = ()
    traits: Annotated[tuple[str, ...], Field(max_length=20, strict=False)] = ()
    tests: Annotated[tuple[Timeline, ...], Field(strict=False)] = ()

    def conditions(self) -> Iterator[tuple[Path, Condition]]:
        """Yield every condition and where it stands; not those inside of others."""
        for name, parts in self.scores.items():
            for index, part in enumerate(parts):
                for one in part.conditions():
                    yield ("scores", name, index, "when"), one
        for name, rule in self.rules.items():
            for field in ("when", "until", "unless"):
                if getattr(rule, field) is not None:
                    yield ("rules", name, field), getattr(rule, field)
        for index, one in enumerate(self.suppress):
            yield ("suppress", index), one

    def traits_named(self) -> Iterator[str]:
        """Yield the traits that conditions, scores, signals and templates of the file look at."""
        for _, condition in self.conditions():
            for leaf in condition.leaves():
                yield from (one.name for one in leaf.named() if one.what == "trait")
        for parts in self.scores.values():
            for part in parts:
                yield from (one.name for one in part.named() if one.what == "trait")
        for signal in self.signals.values():
            yield from (name for name in (signal.dated_by, signal.trait) if name is not None)
        for rule in self.rules.values():
            for _, placeholder in rule.placeholders:
                if placeholder.startswith("traits."):
                    yield placeholder.removeprefix("traits.").partition("|")[0]


class Pack(NamedTuple):
    """Rule files by name, in the order of their names. Rule ids are unique across them."""

    files: dict[str, RuleFile]

    @property
    def conversions(self) -> frozenset[str]:
        """Return the folded names of the events that convert whom they are of, from all files."""
        return frozenset(folded(name) for file in self.files.values() for name in file.conversions)

    @property
    def announced(self) -> list[str]:
        """Return the rules of which somebody is told when they fire: neither drafts nor shadows."""
        rules = (rule for file in self.files.values() for rule in file.rules.items())
        return [name for name, rule in rules if rule.status not in {"draft", "shadow"}]

    @property
    def judges(self) -> bool:
        """Return whether any rule makes leads, be it in shadow: drafts are only tested."""
        return any(rule.status != "draft" for file in self.files.values() for rule in file.rules.values())

    def about(self, subject: About) -> Pack:
        """Return the files about this kind of subject."""
        return Pack({name: file for name, file in self.files.items() if file.subject == subject})

    def rehearsed(self) -> Pack:
        """Return the pack with its drafts live: what the tests inside the files run against."""
        return Pack({name: _rehearsed(file) for name, file in self.files.items()})


def _rehearsed(file: RuleFile) -> RuleFile:
    rules = {name: rule.model_copy(update={"status": "live"}) for name, rule in file.rules.items()}
    return file.model_copy(update={"rules": rules})
