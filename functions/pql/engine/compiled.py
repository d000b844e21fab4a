"""Scores and rules of a pack as expressions, in an order in which each finds what it looks at."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import NamedTuple

from pql.core.lead import Scalar
from pql.core.window import NEVER
from pql.engine.judge import Echo
from pql.engine.scope import FileScope, Rulebook, Ruled
from pql.engine.slots import FlagSlot, RuleSlot, ScoreSlot
from pql.rules.conditions import RuleCondition
from pql.rules.element import fingerprint
from pql.rules.meaning import checksum
from pql.rules.pack import Pack
from pql.rules.parts import Part
from pql.rules.score import DECIMALS

Derived = ScoreSlot | FlagSlot


class Compiled(NamedTuple):
    """What stands behind signals and traits in an account's values, and the rules that look at it.

    `derived` are scores and flags, each after what it builds on; `judged` are the rules, each after
    those whose leads it looks at; `blank` is what an account begins with.
    """

    scores: list[ScoreSlot]
    derived: list[Derived]
    rules: list[RuleSlot]
    judged: list[RuleSlot]
    echoes: list[Echo]
    blank: list[Scalar]


def compiled(pack: Pack, scopes: Mapping[str, FileScope], first: int) -> Compiled:
    """Compile what the files say of scores and rules; `first` is the first free place of the values.

    Drafts are not among the rules; others may look at whether they hold.
    """
    blank: list[Scalar] = []
    places = itertools.count(first)

    def place(beginning: Scalar) -> int:
        blank.append(beginning)
        return next(places)

    book = Rulebook()
    for name, file in pack.files.items():
        scope = scopes[name]
        scope.book = book
        book.rules.update({rule: Ruled(file.rules[rule], scope) for rule in file.rules})
        scope.score_places = {score: place(0.0) for score in file.scores}
        if file.suppress:
            book.suppressing.append((place(False), scope, file.suppress))  # noqa: FBT003 - what it begins with
    for leaf in _of_rules(pack):
        if leaf.fired_within is None and leaf.rule not in book.held:
            book.held[leaf.rule] = place(False)  # noqa: FBT003 - what it begins with
        elif leaf.fired_within is not None and leaf.rule not in book.fired:
            book.fired[leaf.rule] = place(-NEVER)
    scores = [slot for name, file in pack.files.items() for slot in _scores(file.scores, scopes[name])]
    rules = list(_rules(pack, scopes, book))
    derived, judged = _ordered([*scores, *_flags(book)], rules)
    echoes = [rule.echo for rule in rules if rule.echo is not None]
    return Compiled(scores, derived, rules, judged, echoes, blank)


def _of_rules(pack: Pack) -> Iterator[RuleCondition]:
    for file in pack.files.values():
        for _, condition in file.conditions():
            yield from (leaf for leaf in condition.leaves() if isinstance(leaf, RuleCondition))


def _scores(scores: Mapping[str, tuple[Part, ...]], scope: FileScope) -> Iterator[ScoreSlot]:
    for name, parts in scores.items():
        reading = scope.reading()
        source = " + ".join(part.source(reading) for part in parts)
        if not all(part.is_whole(reading) for part in parts):
            source = f"{reading.constant(round)}({source}, {DECIMALS})"
        slot = ScoreSlot(scope.score_places[name], name, parts, source, reading.read())
        scope.scores[name] = slot
        yield slot


def _flags(book: Rulebook) -> Iterator[FlagSlot]:
    for name, place in book.held.items():
        rule, scope = book.rules[name]
        reading = scope.reading()
        yield FlagSlot(place, rule.when.source(reading), reading.read())
    for place, scope, conditions in book.suppressing:
        reading = scope.reading()
        source = " or ".join(one.source(reading) for one in conditions)
        yield FlagSlot(place, source, reading.read())


def _ordered(slots: Sequence[Derived], rules: Sequence[RuleSlot]) -> tuple[list[Derived], list[RuleSlot]]:
    """Return slots and rules, each after what it reads and the rules whose leads it looks at."""
    graph: dict[object, set[object]] = {slot.place: {*slot.reads} for slot in slots}
    graph |= {rule.name: {*rule.reads} for rule in rules}
    graph |= {rule.echo.place: {rule.name} for rule in rules if rule.echo is not None}
    order = {one: position for position, one in enumerate(TopologicalSorter(graph).static_order())}
    derived = sorted(slots, key=lambda slot: order[slot.place])
    listens = any(rule.echo is not None for rule in rules)
    return derived, sorted(rules, key=lambda rule: order[rule.name] if listens else rule.place)


def _rules(pack: Pack, scopes: Mapping[str, FileScope], book: Rulebook) -> Iterator[RuleSlot]:
    places = itertools.count()
    for file_name, file in pack.files.items():
        for name, rule in file.rules.items():
            if rule.status == "draft":
                continue
            reading = scopes[file_name].reading()
            source = reading.holds(name) if name in book.held else rule.when.source(reading)
            bars = [] if rule.unless is None else [rule.unless.source(reading)]
            bars += [reading.at(place) for place, *_ in book.suppressing]
            until = "" if rule.until is None else rule.until.source(reading)
            if rule.requalify is not None and rule.requalify.signal is not None:
                reading.held(rule.requalify.signal)
            yield RuleSlot(
                next(places),
                fingerprint(["rule", name]),
                name,
                checksum(pack, name),
                rule,
                scopes[file_name],
                source,
                reading.read(),
                until,
                " or ".join(bars),
                Echo(book.fired[name]) if name in book.fired else None,
            )
