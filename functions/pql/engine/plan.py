"""A pack compiled once: which signals an event touches, and every rule as one Python function.

Conditions write themselves as expressions over the account's values; their constants are bound by
name, so nothing a rule file says is ever part of the source. Twelve rules cost about 2 µs this way
against 9 µs in the fastest expression engine on PyPI and 50-170 µs in most.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pql.core.aggregates import Aggregate
from pql.core.lead import Scalar
from pql.core.window import NEVER, Window
from pql.engine.scope import FileScope
from pql.rules.conditions import ScoreCondition, SignalCondition, TraitCondition
from pql.rules.element import digest
from pql.rules.names import folded
from pql.rules.pack import SHOWN_TRAITS, Pack, RuleFile
from pql.rules.rule import Rule
from pql.rules.score import Points
from pql.rules.signals.signal import Recorder, Signal

Values = list[Scalar]
ROUTES_CACHED = 4_096
NAME_CACHED = 200


class SignalSlot(NamedTuple):
    """One signal: its place in `values`, its fingerprint in the table, and how it folds."""

    place: int
    fingerprint: int
    signal: Signal
    record: Recorder
    fresh: Callable[[], Aggregate]


class ScoreSlot(NamedTuple):
    """One score: its place in `values` and the function that adds up its points."""

    place: int
    name: str
    parts: tuple[Points, ...]
    add_up: Callable[[Values], float]
    reads: frozenset[int]


class RuleSlot(NamedTuple):
    """One rule: its fingerprint in the table, its checksum, and the function that judges it."""

    place: int
    fingerprint: int
    name: str
    checksum: str
    rule: Rule
    scope: FileScope
    holds: Callable[[Values], bool]
    reads: frozenset[int]


class Route(NamedTuple):
    """What one kind of event touches."""

    signals: tuple[SignalSlot, ...]
    scores: tuple[ScoreSlot, ...]
    rules: tuple[RuleSlot, ...]
    reads_properties: bool
    learns: bool = False


LESSONS = ("group", "identify")
LESSON = Route((), (), (), reads_properties=False, learns=True)


class Plan:
    """A compiled pack."""

    def __init__(self, pack: Pack) -> None:
        """Compile `pack`; signals with the same meaning share one slot, in whatever file they stand."""
        self.signals: list[SignalSlot] = []
        self.scores: list[ScoreSlot] = []
        self.rules: list[RuleSlot] = []
        self._routes: dict[tuple[str, str], Route] = {}
        self.shown = tuple(
            dict.fromkeys([*SHOWN_TRAITS, *(t for f in pack.files.values() for t in f.traits)])
        )
        by_meaning: dict[str, SignalSlot] = {}
        scopes = {name: self._signals_of(file, by_meaning) for name, file in pack.files.items()}
        named = [t for file in pack.files.values() for t in _traits_named(file)]
        names = dict.fromkeys(folded(trait) for trait in [*self.shown, *named])
        self.traits = {trait: len(self.signals) + i for i, trait in enumerate(names)}
        width = itertools.count(len(self.signals) + len(self.traits))
        for name, file in pack.files.items():
            self._scores_and_rules_of(file, scopes[name], width)
        self._blank: Values = [slot.signal.read(slot.fresh()) for slot in self.signals]
        self._blank += [None] * len(self.traits)
        self._blank += [0.0] * len(self.scores)
        for score in self.scores:
            self._blank[score.place] = score.add_up(self._blank)
        self.by_fingerprint = {slot.fingerprint: slot for slot in self.signals}
        self.rule_by_fingerprint = {slot.fingerprint: slot for slot in self.rules}
        self.windowed = tuple(
            (slot, slot.signal.window) for slot in self.signals if slot.signal.window is not None
        )
        self._shortest = min((window for _, window in self.windowed), key=Window.span, default=None)

    def earliest_exit(self, time: int) -> int:
        """Return the first moment (epoch ms) at which what happened at `time` can leave a window."""
        shortest = self._shortest
        if shortest is None:
            return NEVER
        return (time // shortest.width + shortest.buckets) * shortest.width

    def blank(self) -> Values:
        """Return the values of an account that nothing is known of."""
        return self._blank.copy()

    def route(self, kind: str, name: str) -> Route:
        """Return what an event of this type and name touches."""
        route = self._routes.get((kind, name))
        if route is None:
            route = LESSON if kind in LESSONS else self._find_route(kind, folded(name))
            if len(self._routes) < ROUTES_CACHED and len(name) <= NAME_CACHED:
                self._routes[kind, name] = route
        return route

    def _find_route(self, kind: str, key: str) -> Route:
        slots = tuple(
            slot for slot in self.signals if slot.signal.type == kind and key in (slot.signal.keys or (key,))
        )
        return self.touching([slot.place for slot in slots], slots)

    def touching(self, indexes: Iterable[int], signals: tuple[SignalSlot, ...] = ()) -> Route:
        """Return what hangs on the values at `indexes`."""
        touched = set(indexes)
        scores = tuple(score for score in self.scores if score.reads & touched)
        touched.update(score.place for score in scores)
        rules = tuple(rule for rule in self.rules if rule.reads & touched)
        return Route(signals, scores, rules, any(slot.signal.reads_properties for slot in signals))

    def _signals_of(self, file: RuleFile, known: dict[str, SignalSlot]) -> FileScope:
        scope = FileScope(self)
        for name, signal in file.signals.items():
            meaning = digest(signal.meaning())
            if meaning not in known:
                fingerprint = int(meaning[:8], 16)
                slot = SignalSlot(len(self.signals), fingerprint, signal, signal.recorder(), signal.fresh)
                known[meaning] = slot
                self.signals.append(slot)
            scope.signals[name] = known[meaning]
        return scope

    def _scores_and_rules_of(self, file: RuleFile, scope: FileScope, width: itertools.count[int]) -> None:
        for name, parts in file.scores.items():
            scoped = scope.reading()
            expression = " + ".join(f"({p.points!r} if {p.when.source(scoped)} else 0.0)" for p in parts)
            slot = ScoreSlot(next(width), name, parts, scoped.function(expression), scoped.read())
            self.scores.append(slot)
            scope.scores[name] = slot
        for name, rule in file.rules.items():
            scoped = scope.reading()
            holds = scoped.function(rule.when.source(scoped))
            fingerprint = int(digest(["rule", name])[:8], 16)
            self.rules.append(
                RuleSlot(
                    len(self.rules),
                    fingerprint,
                    name,
                    _checksum(rule, file),
                    rule,
                    scope,
                    holds,
                    scoped.read(),
                )
            )


def _traits_named(file: RuleFile) -> list[str]:
    conditions = [rule.when for rule in file.rules.values()]
    conditions += [part.when for score in file.scores.values() for part in score]
    named = [leaf.trait for one in conditions for leaf in one.leaves() if isinstance(leaf, TraitCondition)]
    templated = [
        name.removeprefix("traits.")
        for rule in file.rules.values()
        for _, name in rule.placeholders
        if name.startswith("traits.")
    ]
    return named + templated


def _checksum(rule: Rule, file: RuleFile) -> str:
    """Return the hash of what the rule means: not its words, not its name, not its neighbours."""
    leaves = list(rule.when.leaves())
    scores = {leaf.score for leaf in leaves if isinstance(leaf, ScoreCondition)}
    for score in scores:
        leaves += [below for part in file.scores[score] for below in part.when.leaves()]
    signals = {leaf.signal for leaf in leaves if isinstance(leaf, SignalCondition)}
    return digest(
        {
            "rule": rule.meaning(),
            "scores": {name: [part.meaning() for part in file.scores[name]] for name in sorted(scores)},
            "signals": {name: file.signals[name].meaning() for name in sorted(signals)},
        }
    )


def compiled(pack: Pack) -> Plan:
    """Return the plan of `pack`."""
    return Plan(pack)


__all__ = ["Plan", "Route", "RuleSlot", "ScoreSlot", "SignalSlot", "compiled"]
