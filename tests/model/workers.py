"""Some workers on a scope: what can happen next, what can go wrong, and what must hold.

A step reads or writes one item, or is one transaction. Between any two steps every other worker may
do anything, a worker may crash, the answer of a write may be lost, and a message that is not
acknowledged may be delivered again.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from typing import Any

from model.counting import Counting
from model.moving import Moving
from model.protocol import Protocol
from model.table import IDLE, NOBODY, Known, Member, Scope, State, at, chain, home

Steps = Iterator[tuple[str, State]]


class Workers(Moving, Counting):
    """The workers of a scope under a protocol."""

    def __init__(self, scope: Scope, protocol: Protocol) -> None:
        self.events = [event for event, _ in scope.events]
        self.keys = len(scope.members)
        self.protocol = protocol

    def steps(self, state: State) -> Steps:
        """Yield what can happen next."""
        if state.fault:
            return
        taken = set()
        for index, worker in enumerate(state.workers):
            if worker in taken:  # two workers in the same place are the same worker
                continue
            taken.add(worker)
            if worker[0] == "idle":
                for number, copies in enumerate(state.queue):
                    if copies:
                        yield f"take {self.events[number].name}", at(state, index, self._begin(number))
                continue
            yield f"crash {index}", at(state, index, IDLE)
            kind, number, *rest = worker
            for label, after in getattr(self, f"_{kind}")(state, index, number, *rest):
                yield f"{label} {self.events[number].name}", after

    def _begin(self, number: int) -> tuple[Any, ...]:
        event = self.events[number]
        if event.teaches or event.account == NOBODY:
            return "members", number, ()
        return "rows", number, (), (), 0

    # P0: the members that decide where the event belongs, or that a lesson is about.

    def _members(self, state: State, index: int, number: int, known: Known) -> Steps:
        event = self.events[number]
        members = dict(known)
        wanted = [event.actor]
        if event.actor in members:
            wanted += chain(event.actor, members)
        if event.user != NOBODY:
            wanted.append(event.user)
        missing = next((key for key in wanted if key not in members), None)
        if missing is not None:
            after = (*known, (missing, state.members[missing]))
            yield f"read member {missing}", at(state, index, ("members", number, after))
        elif not event.teaches:
            yield "place", at(state, index, self._looking(number, known))
        elif event.at <= members[event.actor].at:
            yield "know", at(state, index, ("ack", number))
        else:
            yield "decide", at(state, index, ("left", number, known, ()))

    def _looking(self, number: int, known: Known) -> tuple[Any, ...]:
        first_again = self.protocol.reads_members_again and not self.protocol.reads_members_after_rows
        return ("again" if first_again else "rows"), number, known, (), 0

    # What must hold.

    def fault(self, state: State) -> str | None:
        """Return what is wrong with a state."""
        if state.fault or not self.finished(state):
            return state.fault
        counted = functools.reduce(operator.or_, (row.counted for row in state.rows))
        if any(not counted >> number & 1 for number, event in enumerate(self.events) if not event.teaches):
            return "event lost"
        members = dict(enumerate(state.members))
        for key in range(self.keys):
            if home(key, members) != key and state.rows[key].counted and self._folded_by_now(members[key]):
                return "left behind"
        if any(row.fired & ~leads for row, leads in zip(state.rows, state.leads, strict=True)):
            return "lead lost"
        return None

    @staticmethod
    def _folded_by_now(member: Member) -> bool:
        return member.account != NOBODY or member.user != NOBODY

    @staticmethod
    def finished(state: State) -> bool:
        """Return whether everything is acknowledged and nobody works."""
        return not any(state.queue) and all(worker[0] == "idle" for worker in state.workers)
