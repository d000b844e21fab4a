"""What an account says at one moment, by the names of one rule file: values, and templates filled in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from pql.core.aggregates.traced import EVENT_DIGITS
from pql.core.lead import Role, Scalar
from pql.core.plain_words import day, said
from pql.engine.account import Account
from pql.engine.scope import FileScope
from pql.rules.conditions import Condition, Derived
from pql.rules.rule import PLACEHOLDER
from pql.rules.signals.elapsed import Elapsed
from pql.rules.where import where_words


class Words:
    """Values and templates of one account at one moment `now`, by the names of one rule file.

    `blank` is the account that nothing is known of, at the same moment.
    """

    def __init__(
        self, account: Account, scope: FileScope, account_id: str, now: int, blank: Account | None = None
    ) -> None:
        self._account = account
        self.scope = scope
        self._id = account_id
        self.now = now
        self._blank = blank or account

    def of(self, scope: FileScope) -> Words:
        """Return the same by the names of another file."""
        return Words(self._account, scope, self._id, self.now, self._blank)

    @property
    def untouched(self) -> Words:
        """Return the same of an account that nothing is known of."""
        return Words(self._blank, self.scope, self._id, self.now)

    def signal(self, name: str) -> Scalar:
        """Return a signal's value."""
        return self.scope.value(name, self._account.values, self.now)

    def shown(self, signal: str) -> Scalar:
        """Return a signal's value as people are shown it: days to two decimals, as no one reads 3.7e-05."""
        value = self.signal(signal)
        days = isinstance(self.scope.spoken[signal], Elapsed)
        return round(value, 2) if days and isinstance(value, float) else value

    def score(self, name: str) -> float:
        """Return a score's points."""
        return self._account.score(self.scope.score_places[name])

    def trait(self, name: str) -> Scalar:
        """Return a trait."""
        return self._account.values[self.scope.trait_index(name)]

    def derived(self, condition: Derived) -> Scalar:
        """Return the number that a condition works out."""
        return condition.number(*self._asked(condition), self.now)

    def shown_of(self, condition: Derived) -> Scalar:
        """Return the number that a condition works out as people are shown it, or why there is none."""
        asked = self._asked(condition)
        value = condition.number(*asked, self.now)
        return condition.unknown(*asked, self.now) if value is None else condition.shown(value)

    def _asked(self, condition: Derived) -> list[Any]:
        return [
            self._account.values[self.scope.trait_index(one.name)]
            if one.what == "trait"
            else self.raw(condition, one.name)
            for one in condition.named()
        ]

    def raw(self, condition: Derived, signal: str) -> Any:
        """Return what a condition takes of a signal: a forecast all its reports, others its value."""
        if condition.takes_held:
            return self._account.values[self.scope.signals[signal].place]
        return self.signal(signal)

    def holds(self, rule: str) -> bool:
        """Return whether a rule's condition holds."""
        return bool(self._account.values[self.scope.book.held[rule]])

    def fired(self, rule: str) -> int:
        """Return when a rule last made a lead, long ago if never."""
        return int(self._account.score(self.scope.book.fired[rule]))

    def passed(self, moment: int) -> int:
        """Return how long ago a moment is."""
        return self.now - moment

    def what(self, signal: str) -> str:
        """Return what a signal measures, and whether it is more than it can count."""
        slot, words = self.scope.signals[signal], self.scope.spoken[signal].words
        held = self._account.aggregates[slot.place]
        floor = held is not None and slot.signal.is_floor(held)
        return f"{words} ({said(self.shown(signal))} or more)" if floor else words

    def called(self, signal: str) -> str:
        """Return what a signal is called, without its window."""
        spoken = self.scope.spoken[signal]
        return spoken.label or f"{spoken.noun}{where_words(spoken.where)}"

    def told(self, condition: Derived) -> str:
        """Return what a condition works out, in plain words."""
        return condition.told(self.called)

    def begun(self, signal: str) -> tuple[str, int | None] | None:
        """Return what would complete what was begun, and until when (epoch ms) it could."""
        slot = self.scope.signals[signal]
        held = self._account.aggregates[slot.place]
        return None if held is None else self.scope.spoken[signal].begun(held, self.now)

    def newest(self, signal: str) -> dict[str, Any]:
        """Return the newest event behind a signal, and when it was."""
        held = self._account.aggregates[self.scope.signals[signal].place]
        return {"event_id": held.event[:EVENT_DIGITS], "at": held.at} if held else {}

    def people(self, condition: Condition) -> Iterator[tuple[Role, Collection[int]]]:
        """Yield whom the signals behind a condition are about: what they have to do with it, their hashes."""
        for scope, element in self.scope.through(condition):
            for one in element.named():
                if one.what == "signal":
                    slot = scope.signals[one.name]
                    held = self._account.aggregates[slot.place]
                    if held is not None:
                        yield slot.signal.role, slot.signal.whom(held)

    def filled(self, template: str) -> str:
        """Return a template with its placeholders filled in."""
        return PLACEHOLDER.sub(lambda found: self._placeholder(found[1]), template)

    def _placeholder(self, name: str) -> str:
        if name == "account" or (name == "user" and name not in {*self.scope.signals, *self.scope.scores}):
            known = self._account.traits.get("name")
            return said(known[2]) if known else self._id
        if name.startswith("traits."):
            trait, bar, otherwise = name.removeprefix("traits.").partition("|")
            found = self.trait(trait)
            return otherwise if bar and found is None else said(day(found))
        if name in self.scope.signals:
            return said(self.shown(name))
        if name in self.scope.scores:
            return said(self.score(name))
        return said(max((self.score(one) for one in self.scope.scores), default=0.0))
