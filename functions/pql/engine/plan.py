"""A pack compiled once: which signals an event touches, and which rules hang on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pql.core.event import EventType
from pql.core.lead import Scalar
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.alarm import alarm, falling
from pql.engine.compiled import compiled
from pql.engine.fold import Fold
from pql.engine.fold import fold as written
from pql.engine.judge import next_chance
from pql.engine.lesson import LESSONS, lesson
from pql.engine.scope import FileScope
from pql.engine.slots import RuleSlot, SignalSlot
from pql.engine.verdict import Question, asked_by
from pql.rules.element import digest
from pql.rules.names import folded
from pql.rules.pack import SHOWN_TRAITS, Pack, RuleFile

Values = list[Scalar]
FOLDS_CACHED = 4_096
NAME_CACHED = 200


class Plan:
    """A compiled pack."""

    def __init__(self, pack: Pack) -> None:
        """Compile `pack`; signals with the same meaning share one slot, in whatever file they stand."""
        self.signals: list[SignalSlot] = []
        self.constants: dict[str, Any] = {}
        self.folds: dict[str, dict[str, Fold]] = {kind: {} for kind in get_args(EventType)}
        self._by_places: dict[tuple[int, ...], Fold] = {}
        self.shown = tuple(
            dict.fromkeys([*SHOWN_TRAITS, *(t for f in pack.files.values() for t in f.traits)])
        )
        by_meaning: dict[str, SignalSlot] = {}
        scopes = {name: self._signals_of(file, by_meaning) for name, file in pack.files.items()}
        self.scopes = scopes
        named = [t for file in pack.files.values() for t in file.traits_named()]
        names = dict.fromkeys(folded(trait) for trait in [*self.shown, *named])
        self.traits = {trait: len(self.signals) + i for i, trait in enumerate(names)}
        whole = compiled(pack, scopes, len(self.signals) + len(self.traits))
        self.scores, self.derived, self.rules = whole.scores, whole.derived, whole.rules
        self._judged = whole.judged
        self._blank: Values = [slot.signal.read(slot.signal.fresh()) for slot in self.signals]
        self._blank += [None] * len(self.traits)
        self._blank += whole.blank
        self.question = self._asked_by(range(len(self._blank)))
        self.verdict = self.question.verdict(self.constants)
        self.mask = self.question.mask
        self.verdict(self._blank, 0)
        for echo in whole.echoes:
            echo.ask(self._asked_by([echo.place]), self.constants)
        self.held_open = sum(slot.bit for slot in self.rules if slot.until)
        self.requalifying = sum(slot.bit for slot in self.rules if slot.rule.requalify is not None)
        self.edition = _edition(self.rules)
        self._alarm, self._alarming = alarm(self.rules, self.constants)
        self._lesson = lesson(self.traits, self._asked_by(self.traits.values()), self.constants)
        self.by_fingerprint = {slot.fingerprint: slot for slot in self.signals}
        self.rule_by_fingerprint = {slot.fingerprint: slot for slot in self.rules}
        self.windowed = tuple(
            (slot.place, window, *window, slot.signal.read)
            for slot in self.signals
            if (window := slot.signal.window) is not None
        )
        self._windows = tuple({window for _, window, *_ in self.windowed})
        self._falling = falling(self.rules, self.derived, self.signals)

    def earliest_exit(self, time: int) -> int:
        """Return the first moment (epoch ms) at which what happened at `time` can leave a window."""
        return min((window.leaves(window.bucket(time)) for window in self._windows), default=NEVER)

    def wake(self, account: Account, now: int) -> int:
        """Return the next moment after `now` (epoch ms) at which time alone may make a rule fire."""
        moments = [NEVER] if self._alarm is None else [self._alarm(account.values, now)]
        for place, window in self._falling:
            held = account.aggregates[place]
            # `first` may lie below what is really held, never above.
            if held is not None and (leaves := window.leaves(held.first)) > now:
                moments.append(leaves)
        if account.waiting:
            moments.append(next_chance(self.rules, account, now))
        return min(moments)

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
            self._by_places[places] = written(
                slots,
                asked,
                self.constants,
                self.earliest_exit,
                alarming=not self._alarming.isdisjoint(places),
            )
        return self._by_places[places]

    def _asked_by(self, places: Iterable[int]) -> Question:
        return asked_by(places, self.derived, self._judged)

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


def _edition(rules: Sequence[RuleSlot]) -> int:
    """Return what changes with the rules that have a baseline, 0 if none has."""
    watched = sorted([one.name, one.checksum] for one in rules if one.rule.baseline != "none")
    return int(digest(watched)[:8], 16) if watched else 0
