"""A pack compiled once: which signals an event touches, and which rules hang on them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, get_args

from pql.core.event import EventType
from pql.core.lead import Scalar
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.fold import Fold
from pql.engine.fold import fold as written
from pql.engine.lesson import LESSONS, lesson
from pql.engine.scope import FileScope
from pql.engine.slots import RuleSlot, ScoreSlot, SignalSlot
from pql.engine.verdict import Question, asked_by
from pql.rules.conditions import ScoreCondition, SignalCondition, TraitCondition
from pql.rules.element import digest
from pql.rules.names import folded
from pql.rules.pack import SHOWN_TRAITS, Pack, RuleFile
from pql.rules.rule import Rule

Values = list[Scalar]
FOLDS_CACHED = 4_096
NAME_CACHED = 200


class Plan:
    """A compiled pack."""

    def __init__(self, pack: Pack) -> None:
        """Compile `pack`; signals with the same meaning share one slot, in whatever file they stand."""
        self.signals: list[SignalSlot] = []
        self.scores: list[ScoreSlot] = []
        self.rules: list[RuleSlot] = []
        self.constants: dict[str, Any] = {}
        self.folds: dict[str, dict[str, Fold]] = {kind: {} for kind in get_args(EventType)}
        self._by_places: dict[tuple[int, ...], Fold] = {}
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
        self._blank: Values = [slot.signal.read(slot.signal.fresh()) for slot in self.signals]
        self._blank += [None] * len(self.traits)
        self._blank += [0.0] * len(self.scores)
        self.question = self._asked_by(range(len(self._blank)))
        self.verdict = self.question.verdict(self.constants)
        self.verdict(self._blank)
        self._lesson = lesson(self.traits, self._asked_by(self.traits.values()), self.constants)
        self.by_fingerprint = {slot.fingerprint: slot for slot in self.signals}
        self.rule_by_fingerprint = {slot.fingerprint: slot for slot in self.rules}
        self.windowed = tuple(
            (slot.place, window, *window, slot.signal.read)
            for slot in self.signals
            if (window := slot.signal.window) is not None
        )
        self._windows = tuple({window for _, window, *_ in self.windowed})

    def earliest_exit(self, time: int) -> int:
        """Return the first moment (epoch ms) at which what happened at `time` can leave a window."""
        return min((window.leaves(window.bucket(time)) for window in self._windows), default=NEVER)

    def account(self, subject: str) -> Account:
        """Return an account that nothing is known of."""
        return Account(subject, self._blank.copy(), len(self.signals))

    def fold(self, kind: str, name: str) -> Fold:
        """Return what an event of this type and name does to an account."""
        known = self.folds[kind]
        fold = known.get(name)
        if fold is None:
            fold = self._lesson if kind in LESSONS else self._folding(kind, folded(name))
            if len(known) < FOLDS_CACHED and len(name) <= NAME_CACHED:
                known[name] = fold
        return fold

    def _folding(self, kind: str, key: str) -> Fold:
        slots = tuple(
            slot for slot in self.signals if slot.signal.type == kind and key in (slot.signal.keys or (key,))
        )
        places = tuple(slot.place for slot in slots)
        if places not in self._by_places:
            asked = self._asked_by(places)
            self._by_places[places] = written(slots, asked, self.constants, self.earliest_exit)
        return self._by_places[places]

    def _asked_by(self, places: Iterable[int]) -> Question:
        return asked_by(places, self.scores, self.rules)

    def _signals_of(self, file: RuleFile, known: dict[str, SignalSlot]) -> FileScope:
        scope = FileScope(self)
        for name, signal in file.signals.items():
            meaning = digest(signal.meaning())
            if meaning not in known:
                fingerprint = int(meaning[:8], 16)
                slot = SignalSlot(len(self.signals), fingerprint, signal)
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
