"""A pack compiled once: which signals an event touches, and which rules hang on them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, get_args

from pql.core.event import Event, EventType, opened
from pql.core.keys import is_person
from pql.core.lead import About, Scalar
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.alarm import alarm, falling
from pql.engine.compiled import compiled
from pql.engine.editions import Editions
from pql.engine.fold import Fold, noted
from pql.engine.fold import fold as written
from pql.engine.judge import next_chance
from pql.engine.leaving import leaving
from pql.engine.lesson import LESSONS, lesson
from pql.engine.scope import FileScope
from pql.engine.slots import SignalSlot
from pql.engine.verdict import Question, Verdict, asked_by
from pql.rules.element import digest, fingerprint
from pql.rules.names import folded
from pql.rules.pack import SHOWN_TRAITS, Pack, RuleFile

Values = list[Scalar]
FOLDS_CACHED = 4_096
NAME_CACHED = 200
ANSWERS_CACHED = 256
WORTHWHILE = 100


class Plan:
    """What a pack says about accounts, compiled; with `subject` user, what it says about people.

    `people` is the plan of the rules about people, if any of them makes leads. `is_blank` says that no
    file of the pack is about this kind of subject. `shadowed` are the rules that are in shadow whatever
    their file says.
    """

    def __init__(self, pack: Pack, subject: About = "account") -> None:
        """Compile `pack`; signals with the same meaning share one slot, in whatever file they stand."""
        self.subject = subject
        others = pack.about("user")
        self.people = Plan(pack, "user") if subject == "account" and others.judges else None
        pack = pack.about(subject)
        self.is_blank = not pack.files
        self.shadowed: frozenset[str] = frozenset()
        self._heard: dict[tuple[str, str], bool] = {}
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
        self.guarded = sum(slot.bit for slot in self.rules if slot.rule.baseline != "none")
        self.editions = Editions(self.rules)
        self._alarm, self._alarming = alarm(self.rules, self.constants)
        taught = lesson(self.traits, self._asked_by(self.traits.values()), self.constants)
        self._lessons: dict[str, Fold] = {kind: self._noting(kind) or taught for kind in LESSONS}
        self.by_fingerprint = {slot.fingerprint: slot for slot in self.signals}
        self.rule_by_fingerprint = {slot.fingerprint: slot for slot in self.rules}
        self.leaving = leaving(self.signals)
        self._answers: dict[int, tuple[Verdict, int]] = {}
        self._asked: dict[int, int] = {}
        self._falling = falling(self.rules, self.derived, self.signals, self.constants)

    @property
    def every(self) -> tuple[Plan, ...]:
        """Return the plan, and behind it that of the rules about people, if any of them makes leads."""
        return (self, self.people) if self.people else (self,)

    def of(self, subject: str) -> Plan:
        """Return the plan that judges a subject: one without rules for people that no rule is about."""
        if self.subject == "user" or not is_person(subject):
            return self
        return self.people or self._nothing

    def shadow(self, rules: frozenset[str]) -> bool:
        """Put these rules into shadow, and no others; return whether that changed anything."""
        changed = rules != self.shadowed
        self.shadowed = rules
        if self.people:
            self.people.shadow(rules)
        return changed

    def judging(self, rule: str) -> Plan:
        """Return the plan that has the rule of this name."""
        return self.people if self.people and rule in self.people.ruled else self

    @functools.cached_property
    def ruled(self) -> tuple[str, ...]:
        """Return the names of all its rules, drafts among them."""
        return tuple(dict.fromkeys(rule for scope in self.scopes.values() for rule in scope.book.rules))

    def concerns(self, event: Event) -> bool:
        """Return whether an event says anything of a person that the rules remember or show."""
        if event.type == "identify":
            return any(folded(name) in self.traits for name in opened(event.traits))
        key = (event.type, event.name)
        heard = self._heard.get(key)
        if heard is None:
            heard = bool(self._listening(event.type, folded(event.name)))
            if len(self._heard) < FOLDS_CACHED and len(event.name) <= NAME_CACHED:
                self._heard[key] = heard
        return heard

    @functools.cached_property
    def _nothing(self) -> Plan:
        return Plan(Pack({}), "user")

    def wake(self, account: Account, now: int) -> int:
        """Return the next moment after `now` (epoch ms) at which time alone may make a rule fire."""
        soonest = NEVER if self._alarm is None else self._alarm(account.values, now)
        aggregates = account.aggregates
        for may, windows in self._falling:
            if may is not None and not may(account.values):
                continue
            for place, window in windows:
                held = aggregates[place]
                if held is not None:
                    # `first` may lie below what is really held, never above.
                    leaves = window.leaves(held.first)
                    if now < leaves < soonest:
                        soonest = leaves
        return min(soonest, next_chance(self.rules, account, now)) if account.waiting else soonest

    def answers(self, changed: int) -> tuple[Verdict, int]:
        """Return the verdict on what values at the places with these bits can change, and its mask.

        Where conditions hang on the clock that is everything, and for what is changed together seldom.
        """
        if self._alarm is not None:
            return self.verdict, self.mask
        known = self._answers.get(changed)
        if known is None:
            # To write one takes as long as to ask everything a hundred times: so often it was asked before.
            times = self._asked[changed] = self._asked.get(changed, 0) + 1
            if times < WORTHWHILE or len(self._answers) >= ANSWERS_CACHED:
                if len(self._asked) >= FOLDS_CACHED:
                    self._asked.clear()
                return self.verdict, self.mask
            question = self._asked_by([slot.place for slot in self.signals if changed >> slot.place & 1])
            known = self._answers[changed] = question.verdict(self.constants), question.mask
        return known

    def account(self, subject: str) -> Account:
        """Return an account that nothing is known of."""
        return Account(subject, self._blank.copy(), len(self.signals))

    def fold(self, kind: str, name: str) -> Fold:
        """Return what an event of this type and name does to an account."""
        known = self.folds[kind]
        fold = known.get(name)
        if fold is None:
            fold = self._lessons.get(kind) or self._folding(kind, folded(name))
            if len(known) < FOLDS_CACHED and len(name) <= NAME_CACHED:
                known[name] = fold
        return fold

    def _noting(self, kind: str) -> Fold | None:
        """Return what a call that tells traits does, if there are signals that fold them."""
        slots = self._listening(kind, "")
        if not slots:
            return None
        asked = self._asked_by([*self.traits.values(), *(slot.place for slot in slots)])
        return lesson(self.traits, asked, self.constants, noted(slots, self.constants))

    def _folding(self, kind: str, key: str) -> Fold:
        slots = self._listening(kind, key)
        places = tuple(slot.place for slot in slots)
        if places not in self._by_places:
            asked = self._asked_by(places)
            self._by_places[places] = written(
                slots,
                asked,
                self.constants,
                alarming=self._alarming,
            )
        return self._by_places[places]

    def _listening(self, kind: str, key: str) -> tuple[SignalSlot, ...]:
        return tuple(slot for slot in self.signals if slot.signal.listens(kind, key))

    def _asked_by(self, places: Iterable[int]) -> Question:
        return asked_by(places, self.derived, self._judged)

    def _signals_of(self, file: RuleFile, known: dict[str, SignalSlot]) -> FileScope:
        scope = FileScope(self)
        for name, signal in file.signals.items():
            meaning = digest(signal.meaning())
            if meaning not in known:
                slot = SignalSlot(len(self.signals), fingerprint(signal.meaning()), signal)
                known[meaning] = slot
                self.signals.append(slot)
            scope.signals[name] = known[meaning]
            scope.spoken[name] = signal
        return scope
