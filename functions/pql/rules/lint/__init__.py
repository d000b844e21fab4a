"""What is legal in rule files and yet can hardly be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pql.rules.conditions import Condition, ScoreCondition, SignalCondition, TraitCondition
from pql.rules.conditions.derived import Derived
from pql.rules.element import digest
from pql.rules.lint.booleans import booleans
from pql.rules.lint.findings import Finding, finding
from pql.rules.lint.implications import Known, kept_silent, never_again, shadowed
from pql.rules.lint.loose_ends import Names, of_drafts, unknown_events, unused
from pql.rules.lint.truths import truths
from pql.rules.logic import Domain, Subject, TooManyWays, blind_subject, conflict, domain, ways
from pql.rules.names import folded
from pql.rules.pack import Pack, RuleFile
from pql.rules.score import spans
from pql.rules.source import Source


def lint(pack: Pack, sources: Mapping[str, Source], known: Names | None = None) -> Iterator[Finding]:
    """Yield what is worth a second look; `known` are the events there are, by type and folded name."""
    rules: list[Known] = []
    for name, file in pack.files.items():
        source, subject = sources[name], _subjects(name, file)
        yield from unused(file, source)
        yield from booleans(file, source)
        if known is not None:
            yield from unknown_events(file, source, known)
        for path, condition in file.conditions():
            yield from truths(condition, path, subject, source)
        for rule_name, rule in file.rules.items():
            try:
                found = ways(rule.when, subject, ("rules", rule_name, "when"))
            except TooManyWays:
                continue  # `truths` has said so
            try:
                yield from kept_silent(rule_name, rule, found, subject, source)
                yield from never_again(rule_name, rule, found, subject, source)
            except TooManyWays:
                words = "`when` and what ends or bars it can hold in too many ways to be compared"
                yield finding(source, ("rules", rule_name), "too-many-ways", words, key=True)
            possible = [way for way in found if not conflict(way)]
            rules.append(Known(file.subject, name, rule_name, rule, possible))
    yield from of_drafts(pack, sources)
    yield from shadowed(rules, sources)


def _subjects(file_name: str, file: RuleFile) -> Subject:
    """Return what tells the value that a comparison of this file looks at, and what it can be."""
    span = spans(file.scores, lambda name: file.signals[name].reach)

    def subject(leaf: Condition) -> tuple[str, Domain]:
        if isinstance(leaf, SignalCondition):
            signal = file.signals[leaf.signal]
            return digest(["signal", signal.meaning()]), domain(signal)
        if isinstance(leaf, ScoreCondition):
            least, most = span(leaf.score)
            return digest(["score", file_name, leaf.score]), Domain(numbers=True, least=least, most=most)
        if isinstance(leaf, TraitCondition):
            return digest(["trait", folded(leaf.trait)]), Domain()
        if isinstance(leaf, Derived):
            # Traits are the same in all files, signals of the same name are not.
            of_signals = any(one.what == "signal" for one in leaf.named())
            return digest([*leaf.axis, file_name if of_signals else ""]), Domain()
        return blind_subject(leaf)

    return subject
