"""Bounds that can never be reached are mistakes, not strict rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pql.rules.conditions import Condition, ScoreCondition, SignalCondition
from pql.rules.faults import Fault
from pql.rules.pack import RuleFile
from pql.rules.parts import Bands
from pql.rules.plain import plain
from pql.rules.rule import TierByScore
from pql.rules.score import Span, spans
from pql.rules.source import Source


def reach_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Yield a fault for every bound, band and tier that is out of reach."""

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
                reason = (
                    f"{_most(f'signal `{part.signal}`', most)}, never the band at {plain(part.bounds[-1])}"
                )
                yield source.fault(("scores", name, index, "bands"), reason)
    for name, rule in file.rules.items():
        if isinstance(rule.tier, TierByScore) and rule.tier.score in file.scores:
            most = span(rule.tier.score)[1]
            for tier in ("hot", "warm"):
                bound = getattr(rule.tier, tier)
                if bound is not None and bound > most:
                    reason = f"{_most(f'score `{rule.tier.score}`', most)}, never {plain(bound)}"
                    yield source.fault(("rules", name, "tier", tier), reason)


def _out_of_reach(file: RuleFile, leaf: Condition, span: Callable[[str], Span]) -> str | None:
    if isinstance(leaf, ScoreCondition) and leaf.score in file.scores:
        least, most = span(leaf.score)
        words = f"never {leaf.test_words} {plain(leaf.threshold)}"
        if _never_below(leaf, least):
            return f"score `{leaf.score}` is {plain(least)} at least, {words}; raise the bound"
        if _never_above(leaf, most):
            return f"{_most(f'score `{leaf.score}`', most)}, {words}; give more points or lower the bound"
        return None
    if isinstance(leaf, SignalCondition) and leaf.signal in file.signals:
        signal = file.signals[leaf.signal]
        if signal.reach is not None and _never_above(leaf, signal.reach):
            bound = plain(leaf.threshold)
            what = _most(f"signal `{leaf.signal}`", signal.reach)
            return f"{what}, never {leaf.test_words} {bound}; {signal.remedy(bound)}"
    return None


def _most(what: str, most: float) -> str:
    """Return how far something reaches; what only comes near a number stays below it."""
    near = float(plain(most).replace(",", "")) if abs(most) < 1e15 else most
    return f"{what} stays below {plain(most)}" if near > most else f"{what} can reach {plain(most)} at most"


def _never_above(leaf: ScoreCondition | SignalCondition, most: float) -> bool:
    return (leaf.at_least is not None and leaf.at_least > most) or (
        leaf.more_than is not None and leaf.more_than >= most
    )


def _never_below(leaf: ScoreCondition, least: float) -> bool:
    return (leaf.at_most is not None and leaf.at_most < least) or (
        leaf.less_than is not None and leaf.less_than <= least
    )
