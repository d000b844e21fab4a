"""What a signal is not fit for: what looks at it there would never be right, or would have no end."""

from __future__ import annotations

from collections.abc import Iterator

from pql.rules.conditions import ForecastCondition, RatioCondition, SignalCondition
from pql.rules.faults import Fault
from pql.rules.pack import RuleFile
from pql.rules.parts import Per
from pql.rules.signals import Gauge
from pql.rules.source import Path, Source


def misfits(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Yield a fault for every signal that is used for what it is not fit for."""
    for path, name, reason in _flowing(file):
        if name in file.signals and file.signals[name].flows:
            yield source.fault(path, f"signal `{name}` changes all the time{reason}")
    for path, condition in file.conditions():
        for below, leaf in condition.below(path):
            signal = file.signals.get(leaf.forecast) if isinstance(leaf, ForecastCondition) else None
            if signal is not None and not isinstance(signal, Gauge):
                reason = f"a forecast reads a `gauge`, and this is a `{getattr(signal, 'kind', '')}`"
                yield source.fault((*below, "forecast"), reason)


def _flowing(file: RuleFile) -> Iterator[tuple[Path, str, str]]:
    """Yield where an account would have to be looked at every moment, if its signal flows, and what to do."""
    for score, parts in file.scores.items():
        for index, part in enumerate(parts):
            if isinstance(part, Per):
                yield ("scores", score, index, "per"), part.per, "; give its points by `when` or `bands`"
    for path, condition in file.conditions():
        for below, leaf in condition.below(path):
            if isinstance(leaf, SignalCondition) and leaf.operator in ("equals", "is_in"):
                yield below, leaf.signal, ", so that it is no number for long; write `at_least`"
            if isinstance(leaf, RatioCondition):
                for one in leaf.named():
                    yield (*below, one.key), one.name, "; compare it by `signal`"
    for name, rule in file.rules.items():
        if rule.requalify is not None and rule.requalify.signal is not None:
            path = ("rules", name, "requalify", "signal")
            yield path, rule.requalify.signal, ", which is no new evidence; write `after`"
