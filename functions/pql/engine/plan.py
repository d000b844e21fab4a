"""A pack compiled once: which signals an event touches, and which rules hang on them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pql.core.aggregates import Aggregate
from pql.core.lead import Scalar
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.scope import FileScope
from pql.engine.slots import ScoreSlot, SignalSlot
from pql.engine.verdict import Verdict, compiled
from pql.rules.conditions import ScoreCondition, SignalCondition, TraitCondition
from pql.rules.element import digest
from pql.rules.names import folded
from pql.rules.pack import SHOWN_TRAITS, Pack, RuleFile
from pql.rules.rule import Rule
from pql.rules.signals.signal import Recorder

Values = list[Scalar]
ROUTES_CACHED = 4_096
NAME_CACHED = 200


class RuleSlot(NamedTuple):
    """One rule: its fingerprint in the table, its checksum, and its condition as a Python expression."""

    place: int
    fingerprint: int
    name: str
    checksum: str
    rule: Rule
    scope: FileScope
    source: str
    reads: frozenset[int]

    @property
    def bit(self) -> int:
        """Return the bit that stands for the rule in what a verdict returns."""
        return 1 << self.place


Fold = tuple[int, Recorder, Callable[[], Aggregate]]


class Route(NamedTuple):
    """What one kind of event touches, and the verdict on it.

    `folds` are (place, recorder, what makes a fresh aggregate) for each signal that listens.
    `verdict` brings the scores up to date and returns the bits of the rules that hold; `mask` has
    the bits of all rules it judges.
    """

    folds: tuple[Fold, ...]
    rules: tuple[RuleSlot, ...]
    verdict: Verdict
    mask: int
    reads_properties: bool
    learns: bool = False


LESSONS = ("group", "identify")
LESSON = Route((), (), lambda _: 0, 0, reads_properties=False, learns=True)


class Plan:
    """A compiled pack."""

    def __init__(self, pack: Pack) -> None:
        """Compile `pack`; signals with the same meaning share one slot, in whatever file they stand."""
        self.signals: list[SignalSlot] = []
        self.scores: list[ScoreSlot] = []
        self.rules: list[RuleSlot] = []
        self.constants: dict[str, Any] = {}
        self.routes: dict[tuple[str, str], Route] = {}
        self._by_places: dict[tuple[int, ...], Route] = {}
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
        self.whole = self._judging(range(len(self._blank)))
        self.whole.verdict(self._blank)
        self.by_traits = self._judging(self.traits.values())
        self.by_fingerprint = {slot.fingerprint: slot for slot in self.signals}
        self.rule_by_fingerprint = {slot.fingerprint: slot for slot in self.rules}
        self.windowed = tuple(
            (slot, slot.signal.window) for slot in self.signals if slot.signal.window is not None
        )
        self._windows = {window for _, window in self.windowed}

    def earliest_exit(self, time: int) -> int:
        """Return the first moment (epoch ms) at which what happened at `time` can leave a window."""
        return min((window.leaves(window.bucket(time)) for window in self._windows), default=NEVER)

    def account(self, subject: str) -> Account:
        """Return an account that nothing is known of."""
        return Account(subject, self._blank.copy(), len(self.signals))

    def route(self, kind: str, name: str) -> Route:
        """Return what an event of this type and name touches."""
        route = self.routes.get((kind, name))
        if route is None:
            route = LESSON if kind in LESSONS else self._find_route(kind, folded(name))
            if len(self.routes) < ROUTES_CACHED and len(name) <= NAME_CACHED:
                self.routes[kind, name] = route
        return route

    def _find_route(self, kind: str, key: str) -> Route:
        slots = tuple(
            slot for slot in self.signals if slot.signal.type == kind and key in (slot.signal.keys or (key,))
        )
        places = tuple(slot.place for slot in slots)
        if places not in self._by_places:
            self._by_places[places] = self._judging(places, slots)
        return self._by_places[places]

    def _judging(self, places: Iterable[int], signals: tuple[SignalSlot, ...] = ()) -> Route:
        touched = set(places)
        scores = [score for score in self.scores if score.reads & touched]
        touched.update(score.place for score in scores)
        rules = tuple(rule for rule in self.rules if rule.reads & touched)
        verdict = compiled(
            {score.place: score.source for score in scores},
            {rule.bit: rule.source for rule in rules},
            self.constants,
        )
        folds = tuple((slot.place, slot.record, slot.fresh) for slot in signals)
        reads_properties = any(slot.signal.reads_properties for slot in signals)
        return Route(folds, rules, verdict, sum(rule.bit for rule in rules), reads_properties)

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
            slot = ScoreSlot(next(width), name, parts, expression, scoped.read())
            self.scores.append(slot)
            scope.scores[name] = slot
        for name, rule in file.rules.items():
            scoped = scope.reading()
            fingerprint = int(digest(["rule", name])[:8], 16)
            self.rules.append(
                RuleSlot(
                    len(self.rules),
                    fingerprint,
                    name,
                    _checksum(rule, file),
                    rule,
                    scope,
                    rule.when.source(scoped),
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
