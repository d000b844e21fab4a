"""How a lesson moves somebody: read what is folded, then one transaction (`pql.flows.attribute`)."""

from __future__ import annotations

from collections.abc import Iterator

from model.protocol import Protocol
from model.table import NOBODY, Event, Known, Member, Row, State, at, home, led, places, replaced

Steps = Iterator[tuple[str, State]]


class Moving:
    """The steps of a worker that has a lesson."""

    events: list[Event]
    protocol: Protocol

    # A lesson: the rows that are folded, then the one transaction.

    def _left(self, state: State, index: int, number: int, known: Known, rows: tuple[Row, ...]) -> Steps:
        event, members = self.events[number], dict(known)
        left, into = home(event.actor, members), self._into(event, members)
        if left == event.actor and self.protocol.folds and len(rows) < 2:
            subject = (left, into)[len(rows)]
            after = ("left", number, known, (*rows, state.rows[subject]))
            yield f"read row {subject}", at(state, index, after)
            return
        yield from self._moving(state, index, number, known, rows)

    def _moving(self, state: State, index: int, number: int, known: Known, rows: tuple[Row, ...]) -> Steps:
        event, members, protocol = self.events[number], dict(known), self.protocol
        before = members[event.actor]
        left, into = home(event.actor, members), self._into(event, members)
        again = at(state, index, ("members", number, ()))
        basis = [event.actor]
        if protocol.checks_the_former_user and before.user != NOBODY:
            basis.append(before.user)
        if rows and event.user != NOBODY:
            basis.append(event.user)
        stale = any(state.members[key].version != members[key].version for key in basis)
        conditions = (left, into) if protocol.folds_what_it_read else ()
        stale |= any(
            state.rows[one].version != row.version for one, row in zip(conditions, rows, strict=False)
        )
        if stale:
            yield "move: conflict", again
            return
        former = places(before.user, members) if before.user != NOBODY else [left]
        wiser = Member(
            before.version + 1,
            event.at,
            event.account if event.user == NOBODY else before.account,
            before.user if event.user == NOBODY else event.user,
            tuple(dict.fromkeys([*(one for one in former if one != event.actor), *before.former])),
        )
        moved = state._replace(members=replaced(state.members, event.actor, wiser))
        fold = ("fold", number, left, into, rows)
        if not rows:
            after, then = self._fenced(moved, left), ("ack", number)
        elif protocol.folds_with_the_member:
            after, then = self._folded(moved, left, into, rows), ("ack", number)
            if protocol.removes_with_the_fold is False:
                then = ("remove", number, left, rows[0])
        else:
            after, then = moved, fold
        if protocol.fires_with_the_fold is False and rows and then == ("ack", number):
            then = ("fire", number, into)
        yield "move", at(after, index, then)
        if protocol.answers_may_be_lost:
            yield "move: answer lost", at(after, index, ("members", number, ()))

    def _into(self, event: Event, members: dict[int, Member]) -> int:
        return event.account if event.user == NOBODY else home(event.user, members)

    def _fenced(self, state: State, left: int) -> State:
        row = state.rows[left]
        if not self.protocol.raises_the_left_version:
            return state
        return state._replace(rows=replaced(state.rows, left, row._replace(version=row.version + 1)))

    def _folded(self, state: State, left: int, into: int, rows: tuple[Row, ...]) -> State:
        """Return the table after the fold: as the rows were read, or in their versions conflicts show."""
        protocol = self.protocol
        row, target = rows
        if row.counted:
            held = target.counting(row.counted, state.rows[into].version + 1)
            twice = "counted twice" if target.counted & row.counted else None
            state = state._replace(rows=replaced(state.rows, into, held), fault=twice)
            made = held.fired & ~target.fired & ~state.leads[into]
            if made and protocol.fires_with_the_fold:
                state = led(state, into, made)
        if protocol.removes_with_the_fold:
            state = self._removed(state, left, row)
        return state

    def _removed(self, state: State, left: int, row: Row) -> State:
        protocol = self.protocol
        if not row.version and not protocol.leaves_a_tombstone_of_nothing:
            return state
        version = row.version + 1 if protocol.raises_the_left_version else row.version
        tombstone = Row(version, 0, row.pend, row.filed, row.fired)
        if not protocol.tombstone_keeps_ids:
            tombstone = Row(version, fired=row.fired)
        return state._replace(rows=replaced(state.rows, left, tombstone))

    def _fold(
        self, state: State, index: int, number: int, left: int, into: int, rows: tuple[Row, ...]
    ) -> Steps:
        """A fold as a write of its own, after the member (no part of the protocol)."""
        if (state.rows[left].version, state.rows[into].version) == (rows[0].version, rows[1].version):
            yield "fold", at(self._folded(state, left, into, rows), index, ("ack", number))
        else:
            yield "fold: conflict", at(state, index, ("members", number, ()))

    def _remove(self, state: State, index: int, number: int, left: int, row: Row) -> Steps:
        """The removal of what was folded as a write of its own (no part of the protocol)."""
        if state.rows[left].version == row.version:
            yield "remove", at(self._removed(state, left, row), index, ("ack", number))
        else:
            yield "remove: conflict", at(state, index, ("members", number, ()))

    def _fire(self, state: State, index: int, number: int, into: int) -> Steps:
        """The lead of a fold as a write of its own (no part of the protocol)."""
        made = state.rows[into].fired & ~state.leads[into]
        yield "fire", at(led(state, into, made), index, ("ack", number))
