"""Place events: where each is counted, for its account and for its person, by what members are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pql.core.errors import Conflict, NewerVersion
from pql.core.event import Event
from pql.core.keys import in_logs, is_person
from pql.core.member import (
    Members,
    basis,
    keys_of,
    other_people,
    other_subjects,
    person_basis,
    person_of,
    subject_of,
)
from pql.engine.plan import Plan
from pql.flows.learn import Learner
from pql.flows.outcome import Outcome, is_contended
from pql.flows.sight import Placed


class Arrived(NamedTuple):
    """An event of a message, and where it is counted: once for its account, and once for its person.

    Of the second kind there are only events that rules about people look at.
    """

    message: str
    placed: Placed

    @property
    def is_of_person(self) -> bool:
        """Return whether it is counted for its person."""
        return is_person(self.placed.subject)


class Placer:
    """Places events, once what they teach is written.

    `people` is the plan of the rules about people, if there are any; `ends` says which events end leads:
    those are counted for their person whatever the rules look at, for it is one whose leads they end.
    """

    def __init__(self, learner: Learner, people: Plan | None, ends: Callable[[Event], bool] | None) -> None:
        self._learner = learner
        self._people = people
        self._ends = ends

    def place(self, events: Sequence[tuple[str, Event]], outcome: Outcome) -> tuple[list[Arrived], set[str]]:
        """Place (message, event) pairs, and return the messages whose members could not be learned.

        Raises `Unavailable`.
        """
        members, failed = self._members(events, outcome)
        arrived = []
        for message, event in events:
            if message not in failed:
                arrived.append(Arrived(message, _in_account(event, members)))
                if self._concerns(event) and person_of(event, members) is not None:
                    arrived.append(Arrived(message, _as_person(event, members)))
        return arrived, failed

    def again(self, moved: Sequence[Arrived], outcome: Outcome) -> tuple[list[Arrived], set[str]]:
        """Place again what has arrived, each for what it was to be counted for; otherwise as `place`."""
        members, failed = self._members([(one.message, one.placed.event) for one in moved], outcome)
        arrived = [
            one._replace(placed=(_as_person if one.is_of_person else _in_account)(one.placed.event, members))
            for one in moved
            if one.message not in failed
        ]
        return arrived, failed

    def _members(self, events: Sequence[tuple[str, Event]], outcome: Outcome) -> tuple[Members, set[str]]:
        people = [event for _, event in events if self._concerns(event)]
        members, faults = self._learner.learn([event for _, event in events], people)
        outcome.faults += ((in_logs(key), error) for key, error in faults.items())
        for error in {id(error): error for error in faults.values()}.values():
            outcome.counts["AccountsContended"] += is_contended(error)
            outcome.counts["AccountsFailed"] += not isinstance(error, (Conflict, NewerVersion))
        failed = {message for message, event in events if any(key in faults for key in keys_of(event))}
        return members, failed

    def _concerns(self, event: Event) -> bool:
        """Return whether an event is counted for its person, too."""
        if self._people is None:
            return False
        return self._people.concerns(event) or (self._ends is not None and self._ends(event))


def _in_account(event: Event, members: Members) -> Placed:
    return Placed(event, subject_of(event, members), other_subjects(event, members), basis(event, members))


def _as_person(event: Event, members: Members) -> Placed:
    subject = person_of(event, members) or ""
    return Placed(event, subject, other_people(event, members), person_basis(event, members))
