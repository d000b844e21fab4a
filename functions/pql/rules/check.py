"""What a rule file must make sense of beyond its grammar: names, reach, and tests for every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pql.rules.conditions import Condition, ScoreCondition, SignalCondition
from pql.rules.faults import Fault
from pql.rules.links import names_in
from pql.rules.nearest import unknown
from pql.rules.pack import RuleFile
from pql.rules.parts import Bands, Per
from pql.rules.plain import plain
from pql.rules.rule import TierByScore
from pql.rules.score import Span, spans
from pql.rules.source import Source
from pql.rules.tested import test_faults

# 100 items a transaction, less the account's row and room for those who come after.
RULES_LIMIT = 80
STATE_LIMIT = 100_000


def faults_in(file: RuleFile, source: Source) -> list[Fault]:
    """Return every fault of a file that is grammatical."""
    return [
        *_name_faults(file, source),
        *_reach_faults(file, source),
        *_placeholder_faults(file, source),
        *test_faults(file, source),
    ]


def repeated(files: Mapping[str, RuleFile], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield a fault for every rule or score whose name an earlier file has used."""
    owners: dict[tuple[str, str], str] = {}
    for file_name, file in files.items():
        for section, names in (("rules", file.rules), ("scores", file.scores)):
            for name in names:
                owner = owners.setdefault((section, name), file_name)
                if owner != file_name:
                    message = f"`{name}` stands among the {section} of {owner} already"
                    yield sources[file_name].fault((section, name), message, key=True)


def oversized(files: Mapping[str, RuleFile], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield faults for more rules or memory than one write of an account can carry."""
    rules = [(name, rule) for name, file in files.items() for rule in file.rules]
    for name, rule in rules[RULES_LIMIT:]:
        message = f"a pack may have {RULES_LIMIT} rules at most: all may fire in one transaction"
        yield sources[name].fault(("rules", rule), message, key=True)
    size = 0
    for name, file in files.items():
        for signal, element in file.signals.items():
            size += element.most_bytes
            if size > STATE_LIMIT:
                limit = f"{STATE_LIMIT // 1000} KB"
                message = f"with this signal an account could pass {limit}; narrow a window or `keep`"
                yield sources[name].fault(("signals", signal), message, key=True)
                return


def _name_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Rules are looked for in all files (`pql.rules.links`), traits are whatever senders say."""
    legal: dict[str, Mapping[str, object]] = {"signal": file.signals, "score": file.scores}
    for path, one in names_in(file):
        if one.what in legal and one.name not in legal[one.what]:
            yield source.fault(path, unknown(one.what, one.name, legal[one.what]))


def _reach_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """A bound that can never be reached is a mistake, not a strict rule."""

    def reach(signal: str) -> float | None:
        return file.signals[signal].reach if signal in file.signals else None

    span = spans(file.scores, reach)
    for path, condition in file.conditions():
        for below, leaf in condition.below(path):
            reason = _out_of_reach(file, leaf, span)
            if reason:
                yield source.fault(below, reason)
    for name, parts in file.scores.items():
        for index, part in enumerate(parts):
            most = reach(part.signal) if isinstance(part, Bands) and part.signal else None
            if most is not None and isinstance(part, Bands) and part.bounds[-1] > most:
                last = plain(part.bounds[-1])
                reason = f"signal `{part.signal}` can reach {plain(most)} at most, never the band at {last}"
                yield source.fault(("scores", name, index, "bands"), reason)
            if isinstance(part, Per) and part.per in file.signals and file.signals[part.per].is_timed:
                reason = f"signal `{part.per}` changes with time; give its points by `when` or `bands`"
                yield source.fault(("scores", name, index, "per"), reason)
    for name, rule in file.rules.items():
        if isinstance(rule.tier, TierByScore) and rule.tier.score in file.scores:
            most = span(rule.tier.score)[1]
            for tier in ("hot", "warm"):
                bound = getattr(rule.tier, tier)
                if bound is not None and bound > most:
                    what = f"score `{rule.tier.score}` can reach {plain(most)} at most"
                    reason = f"{what}, never {plain(bound)}"
                    yield source.fault(("rules", name, "tier", tier), reason)


def _out_of_reach(file: RuleFile, leaf: Condition, span: Callable[[str], Span]) -> str | None:
    if isinstance(leaf, ScoreCondition) and leaf.score in file.scores:
        least, most = span(leaf.score)
        words = f"never {leaf.test_words} {plain(leaf.threshold)}"
        if _never_below(leaf, least):
            return f"score `{leaf.score}` is {plain(least)} at least, {words}; raise the bound"
        if _never_above(leaf, most):
            what = f"score `{leaf.score}` can reach {plain(most)} at most"
            return f"{what}, {words}; give more points or lower the bound"
        return None
    if isinstance(leaf, SignalCondition) and leaf.signal in file.signals:
        reach = file.signals[leaf.signal].reach
        if reach is not None and _never_above(leaf, reach):
            bound = plain(leaf.threshold)
            what = f"signal `{leaf.signal}` can reach {plain(reach)} at most"
            return f"{what}, never {leaf.test_words} {bound}; {file.signals[leaf.signal].remedy(bound)}"
    return None


def _never_above(leaf: ScoreCondition | SignalCondition, most: float) -> bool:
    return (leaf.at_least is not None and leaf.at_least > most) or (
        leaf.more_than is not None and leaf.more_than >= most
    )


def _never_below(leaf: ScoreCondition, least: float) -> bool:
    return (leaf.at_most is not None and leaf.at_most < least) or (
        leaf.less_than is not None and leaf.less_than <= least
    )


def _placeholder_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    legal = ["account", "score", *file.signals, *file.scores]
    for name, rule in file.rules.items():
        for path, placeholder in rule.placeholders:
            if placeholder not in legal and not placeholder.startswith("traits."):
                yield source.fault(("rules", name, *path), unknown("placeholder", placeholder, legal))
