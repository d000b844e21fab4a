"""Bounds that can never be reached are mistakes, not strict rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pql.core.plain_words import said
from pql.rules.comparison import is_number, written
from pql.rules.conditions import Condition, RatioCondition, ScoreCondition, SignalCondition
from pql.rules.faults import Fault
from pql.rules.pack import RuleFile
from pql.rules.parts import Bands
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
            elif isinstance(leaf, SignalCondition | RatioCondition) and _is_below_nothing(file, leaf):
                reason = _never_less(f"signal `{_signal(leaf)}`", 0, leaf.threshold)
                yield source.fault((*below, written(leaf.operator)), reason)
    for name, parts in file.scores.items():
        for index, part in enumerate(parts):
            reason = _band(file, part) if isinstance(part, Bands) else None
            if reason:
                yield source.fault(("scores", name, index, "bands"), reason)
    for name, rule in file.rules.items():
        if isinstance(rule.tier, TierByScore) and rule.tier.score in file.scores:
            for tier in ("hot", "warm"):
                reason = _tier(rule.tier.score, getattr(rule.tier, tier), span(rule.tier.score))
                if reason:
                    yield source.fault(("rules", name, "tier", tier), reason)


def _band(file: RuleFile, part: Bands) -> str | None:
    """Return why a signal never comes to a band, or never to where one begins."""
    signal = file.signals.get(part.signal or "")
    what = f"signal `{part.signal}`"
    if signal is not None and signal.reach is not None and part.bounds[-1] > signal.reach:
        return f"{_most(what, signal.reach)}, never the band at {said(part.bounds[-1])}"
    if part.bounds[0] < 0 and _counts(file, part.signal):
        return _never_less(what, 0, part.bounds[0])
    return None


def _tier(score: str, bound: float | None, span: Span) -> str | None:
    """Return why a score never comes to a tier, or never to where it begins."""
    least, most = span
    if bound is None or least <= bound <= most:
        return None
    what = f"score `{score}`"
    return _never_less(what, least, bound) if bound < least else f"{_most(what, most)}, never {said(bound)}"


def _out_of_reach(file: RuleFile, leaf: Condition, span: Callable[[str], Span]) -> str | None:
    if isinstance(leaf, ScoreCondition) and leaf.score in file.scores:
        least, most = span(leaf.score)
        words = f"never {leaf.test_words} {said(leaf.threshold)}"
        if _never_below(leaf, least):
            return f"score `{leaf.score}` is {said(least)} at least, {words}; raise the bound"
        if _never_above(leaf, most):
            return f"{_most(f'score `{leaf.score}`', most)}, {words}; give more points or lower the bound"
        return None
    if isinstance(leaf, SignalCondition) and leaf.signal in file.signals:
        signal = file.signals[leaf.signal]
        if signal.reach is not None and _never_above(leaf, signal.reach):
            bound = said(leaf.threshold)
            what = _most(f"signal `{leaf.signal}`", signal.reach)
            return f"{what}, never {leaf.test_words} {bound}; {signal.remedy(bound)}"
    return None


def _is_below_nothing(file: RuleFile, leaf: SignalCondition | RatioCondition) -> bool:
    """Return whether what is never below nothing is held against a number that is."""
    bound = leaf.threshold
    return is_number(bound) and bound < 0 and _counts(file, _signal(leaf))


def _signal(leaf: SignalCondition | RatioCondition) -> str:
    return leaf.signal if isinstance(leaf, SignalCondition) else leaf.ratio


def _counts(file: RuleFile, signal: str | None) -> bool:
    return signal in file.signals and file.signals[signal].least >= 0


def _never_less(what: str, least: float, bound: float) -> str:
    return f"{what} is {said(least)} at least, so that {said(bound)} says nothing; raise it"


def _most(what: str, most: float) -> str:
    """Return how far something reaches; what only comes near a number stays below it."""
    near = float(said(most).replace(",", "")) if abs(most) < 1e15 else most
    return f"{what} stays below {said(most)}" if near > most else f"{what} can reach {said(most)} at most"


def _never_above(leaf: ScoreCondition | SignalCondition, most: float) -> bool:
    return (leaf.at_least is not None and leaf.at_least > most) or (
        leaf.more_than is not None and leaf.more_than >= most
    )


def _never_below(leaf: ScoreCondition, least: float) -> bool:
    return (leaf.at_most is not None and leaf.at_most < least) or (
        leaf.less_than is not None and leaf.less_than <= least
    )
