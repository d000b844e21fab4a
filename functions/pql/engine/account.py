"""The working copy of an account that a batch of events is folded into."""

from __future__ import annotations

from typing import Any, NamedTuple

from pql.core.aggregates import Aggregate
from pql.core.aggregates.distinct import known_hash
from pql.core.lead import Scalar
from pql.core.window import NEVER

PEOPLE_KEPT = 16
PERSON_ID_LIMIT = 64


class Standing(NamedTuple):
    """How an account stands with a rule: leads so far, when the last one was, and whether it may fire.

    `armed` is false from a lead until the condition has been seen not to hold.
    """

    cycle: int
    fired: int
    armed: bool


class Account:
    """Aggregates, traits, people and standings of one subject, in the order of a plan's slots.

    `values` mirrors them as conditions read them: signals first, then traits, then scores. `foreign`
    carries what another version of the rules remembered, untouched.

    Nothing leaves a window before `due` (epoch ms), as long as no event comes that is older than the
    `earliest` since. `holding` has the bits of the rules that held when they were last judged, none
    for rules that never fired; `waiting` those that hold, are armed and wait for their cooldown.
    """

    __slots__ = (
        "_last",
        "aggregates",
        "clock",
        "crowded",
        "due",
        "earliest",
        "foreign",
        "holding",
        "people",
        "standings",
        "subject",
        "traits",
        "values",
        "waiting",
    )

    def __init__(self, subject: str, blank: list[Scalar], signals: int) -> None:
        self.subject = subject
        self.clock = 0
        self.values = blank
        self.aggregates: list[Aggregate | None] = [None] * signals
        self.traits: dict[str, tuple[int, str, Scalar]] = {}
        self.people: dict[str, list[int]] = {}
        self.crowded = False
        self._last: tuple[int, str] | None = None
        self.standings: dict[int, Standing] = {}
        self.foreign: list[Any] = []
        self.due = 0
        self.earliest = NEVER
        self.waiting = 0
        self.holding = 0

    @property
    def is_account(self) -> bool:
        """Return whether the subject is an account, not a user who has none yet."""
        return self.subject.startswith("a:")

    def settle(self, holding: int) -> None:
        """Take the bits of all rules that hold: what a stored account begins with, and a slid one."""
        self.holding = holding & sum(1 << place for place in self.standings)
        self.waiting = self.holding & sum(1 << place for place, one in self.standings.items() if one.armed)

    def arm(self, rule: int) -> None:
        """Let a rule that has fired fire again, once its cooldown is over."""
        self.standings[rule] = self.standings[rule]._replace(armed=True)

    def score(self, place: int) -> float:
        """Return the score at `place` of the values."""
        value = self.values[place]
        return float(value) if isinstance(value, (int, float)) else 0.0

    def meet(self, person: str, minute: int) -> None:
        """Count one event of `person` at `minute` since the epoch.

        At most 16 people are followed: those with the lowest hash, because only a fixed choice gives
        the same people and the same counts in whatever order the events arrive.
        """
        known = self.people.get(person)
        if known is not None:
            known[0] += 1
            if minute > known[1]:
                known[1] = minute
            return
        if len(self.people) >= PEOPLE_KEPT:
            self.crowded = True
            if self._last is None:
                self._last = max((known_hash(one), one) for one in self.people)
            if (known_hash(person), person) > self._last:
                return
            del self.people[self._last[1]]
            self._last = None
        self.people[person] = [1, minute]
