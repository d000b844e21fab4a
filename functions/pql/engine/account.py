"""The working copy of an account that a batch of events is folded into."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from pql.core.aggregates import Aggregate
from pql.core.aggregates.distinct import hash_of
from pql.core.lead import Scalar
from pql.core.window import BUCKETS, NEVER

PEOPLE_KEPT = 16
PERSON_ID_LIMIT = 64
WIDTHS = {width: index for index, width in enumerate(BUCKETS)}


class Standing(NamedTuple):
    """How an account stands with a rule: leads so far, when the last one was, and whether it may fire.

    `armed` is false from a lead until the condition has been seen not to hold (or, where the rule has
    an exit, that to hold). Without a lead `fired` is when the account was held back from one. `mark`
    is what the signal whose growth makes the rule fire again was at.

    Not armed without a lead it stands behind the rule's baseline, and so it does after leads that other
    words of the rule made, with a `mark` of infinity: it must cease to hold before it may fire.
    """

    cycle: int
    fired: int
    armed: bool
    mark: float = 0.0

    @property
    def is_silent(self) -> bool:
        """Return whether nothing but ceasing to hold lets the rule fire."""
        return not self.armed and (not self.cycle or self.mark == math.inf)

    def silenced(self, now: int) -> Standing:
        """Return the standing of a rule that holds at `now`, without its being news."""
        if not self.cycle:
            return Standing(0, now, armed=False)
        return self._replace(armed=False, mark=math.inf)


# Of a rule that has never held.
UNKNOWN = Standing(0, 0, armed=True)


class Followed:
    """A person whom an account follows: events so far, when the newest was (epoch ms), the hash of the id."""

    __slots__ = ("events", "hash", "last")

    def __init__(self, events: int, last: int, hashed: int) -> None:
        self.events = events
        self.last = last
        self.hash = hashed


class _Touched:
    """What every event touches: slots of a base come first, and so these lie side by side in memory."""

    __slots__ = ("aggregates", "alert", "ceiling", "clock", "newest", "people", "values", "waiting")


class Account(_Touched):
    """Aggregates, traits, people and standings of one subject, in the order of a plan's slots.

    `values` mirrors them as conditions read them: signals first, then traits, then scores. `foreign`
    carries what another version of the rules remembered, untouched.

    No bucket of a width (`WIDTHS`) leaves a window before its `dues` (epoch ms), and `due` is the first
    of them. `holding` has the bits of the rules that held when they were last judged, none for rules without
    a standing, with those of their exits and bars; `waiting` those that hold and wait for a cooldown, for
    new evidence, or for what bars them to end. `known` has the bits of the rules with a standing, `disarmed`
    those of the standings that are not armed.
    No event it remembers was counted at a later time than `newest` (epoch ms).
    `suppressed` names the rules that would have fired but for a bar, since the account was read.
    Before `wake` and `due` (epoch ms) time alone makes no rule fire; a `wake` of 0 is to be worked out.
    Before `alert`, never later than either, there is nothing to be done about an event but to fold it.
    `editions` name the rules that have judged it (`pql.engine.editions`). `unmet` has the bits of those
    with a baseline that have not: until the account is brought to the present none of them makes a lead.
    `is_new` says that there are rules which have never been asked about it at all.
    """

    __slots__ = (
        "_due",
        "_wake",
        "crowded",
        "disarmed",
        "dues",
        "editions",
        "foreign",
        "holding",
        "is_new",
        "known",
        "standings",
        "subject",
        "suppressed",
        "traits",
        "unmet",
    )

    def __init__(self, subject: str, blank: list[Scalar], signals: int) -> None:
        self.subject = subject
        self.clock = 0
        self.alert = 0
        self._due = NEVER
        self._wake = NEVER
        self.values = blank
        self.aggregates: list[Aggregate | None] = [None] * signals
        self.traits: dict[str, tuple[int, str, Scalar]] = {}
        self.people: dict[str, Followed] = {}
        self.crowded = False
        self.ceiling = NEVER
        self.standings: dict[int, Standing] = {}
        self.foreign: list[Any] = []
        self.dues = [NEVER] * len(WIDTHS)
        self.known = 0
        self.newest = -1
        self.disarmed = 0
        self.waiting = 0
        self.suppressed: list[str] = []
        self.holding = 0
        self.editions: tuple[int, ...] = ()
        self.unmet = 0
        self.is_new = True

    @property
    def is_account(self) -> bool:
        """Return whether the subject is an account, not a user who has none yet."""
        return self.subject.startswith("a:")

    @property
    def due(self) -> int:
        """Return when the first bucket may leave its window."""
        return self._due

    @due.setter
    def due(self, moment: int) -> None:
        self._due = moment
        self.alert = min(self.alert, moment)

    @property
    def wake(self) -> int:
        """Return when time alone may make a rule fire."""
        return self._wake

    @wake.setter
    def wake(self, moment: int) -> None:
        self._wake = moment
        self.alert = min(self.alert, moment)

    def rest(self) -> None:
        """Be alert no sooner than time has something to do, once all rules have been asked about it."""
        self.alert = 0 if self.unmet or self.is_new else min(self._due, self._wake)

    @property
    def has_leads(self) -> bool:
        """Return whether any rule has made a lead of the subject, one that nobody knows any more, too."""
        foreign = self.foreign[1] if self.foreign else []
        return any(one.cycle for one in self.standings.values()) or any(cycle for _, cycle, *_ in foreign)

    def stand(self, rule: int, standing: Standing) -> None:
        """Take how the account stands with the rule at this place of the plan."""
        self.standings[rule] = standing
        self.known |= 1 << rule
        if standing.armed:
            self.disarmed &= ~(1 << rule)
        else:
            self.disarmed |= 1 << rule

    def score(self, place: int) -> float:
        """Return the score at `place` of the values."""
        value = self.values[place]
        return float(value) if isinstance(value, (int, float)) else 0.0

    def meet(self, person: str, time: int) -> None:
        """Count one event of `person` at `time`.

        At most 16 people are followed: those with the lowest hash, because only a fixed choice gives
        the same people and the same counts in whatever order the events arrive. Whoever hashes above
        `ceiling` cannot become one of them.
        """
        person = person[:PERSON_ID_LIMIT]
        known = self.people.get(person)
        if known is not None:
            known.events += 1
            known.last = max(known.last, time)
            return
        self.people[person] = Followed(1, time, hash_of(person))
        if len(self.people) > PEOPLE_KEPT:
            self.crowded = True
            # Of two with one hash the last by id goes.
            *_, (self.ceiling, _), (_, last) = sorted((one.hash, name) for name, one in self.people.items())
            del self.people[last]
