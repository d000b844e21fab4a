"""How an event is counted for its account and for its person, and how a visitor becomes a person.

Both ways are the same: a row of whoever it was (`n:`, `v:`), a row of whom it turned out to be (`u:`, `p:`),
and one transaction that writes the member and folds both rows (`pql.flows.place`, `pql.flows.attribute`).
What a row that is folded has led to stands for the one it is folded into (`pql.engine.merge`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from model.table import BUSY, IDLE, at, replaced

Steps = Iterator[tuple[str, "Both"]]
# For its account and for its person: the row of whoever it was, and of whom it turned out to be.
SIDES = ((0, 1), (2, 3))
PERSON = 1
# A row that was read, and nothing of others but that they were; or that the id is in one of them.
Side = tuple[Any, ...]
REPEAT: Side = ("repeat",)
Todo = tuple[int, ...]


@dataclass(frozen=True)
class Duty:
    """The precautions. All of them are taken unless a test takes one away."""

    acknowledges_when_both_stand: bool = True
    asks_each_row_for_its_own_ids: bool = True
    looks_where_the_visitor_was: bool = True
    reads_the_member_again: bool = True
    raises_the_version_of_the_visitor: bool = True
    tombstone_keeps_ids: bool = True
    folds_people_with_the_member: bool = True
    folds_people_as_read: bool = True
    carries_standings: bool = True
    carries_with_the_fold: bool = True
    fires_with_the_fold: bool = True


class Held(NamedTuple):
    """A row: what is counted in it, the ids it knows, and whether a lead `stands`, its own or taken over."""

    version: int = 0
    counted: int = 0
    ids: int = 0
    stands: bool = False


class Told(NamedTuple):
    """An event of a device, of a named user, or the call that says whose device it is."""

    name: str
    kind: str
    copies: int


class Both(NamedTuple):
    """Everything there is. `linked` is 1 once the visitor is a person.

    `heirs` are the rows that were folded into while only the other had a lead.
    """

    linked: int
    rows: tuple[Held, ...]
    leads: tuple[int, ...]
    heirs: tuple[int, ...]
    queue: tuple[int, ...]
    workers: tuple[tuple[Any, ...], ...]
    fault: str | None = None


class People:
    """Workers that count events on both sides while one of them tells whose device it is."""

    def __init__(self, events: tuple[Told, ...], duty: Duty) -> None:
        self.events = events
        self.duty = duty

    def start(self, workers: int) -> Both:
        """Return the state in which nothing has happened yet."""
        nothing = (0,) * 4
        queue = tuple(event.copies for event in self.events)
        return Both(0, (Held(),) * 4, nothing, nothing, queue, (IDLE,) * workers)

    def steps(self, state: Both) -> Steps:
        """Yield what can happen next."""
        if state.fault:
            return
        for index, worker in enumerate(state.workers):
            if worker in state.workers[:index]:  # two workers in the same place are the same worker
                continue
            if worker == IDLE:
                for number, copies in enumerate(state.queue):
                    if copies:
                        yield (
                            f"take {self.events[number].name}",
                            at(state, index, ("member", number, (0, 1))),
                        )
                continue
            yield f"crash {index}", at(state, index, IDLE)
            kind, number, *rest = worker
            for label, after in getattr(self, f"_{kind}")(state, index, number, *rest):
                yield f"{label} {self.events[number].name}", after

    # P0: the member says where each side counts it, or that the lesson is known.

    def _member(self, state: Both, index: int, number: int, todo: Todo) -> Steps:
        kind = self.events[number].kind
        if kind == "lesson":
            then = ("ack", number) if state.linked else ("left", number, ())
            yield "read member", at(state, index, then)
            return
        linked = 1 if kind == "user" else state.linked
        yield "place", at(state, index, self._looking(number, linked, todo))

    def _looking(self, number: int, linked: int, todo: Todo) -> tuple[Any, ...]:
        return "rows", number, linked, todo, ((),) * len(todo)

    def _where(self, number: int, linked: int, side: int) -> tuple[int, ...]:
        """Return the rows in which one side looks for copies, the one that counts first."""
        was, now = SIDES[side]
        if not linked:
            return (was,)
        if self.events[number].kind == "user":
            return (now,)
        return (now, was) if side != PERSON or self.duty.looks_where_the_visitor_was else (now,)

    # P1 and P1b: the rows of every side that is still to count, then the member again. Of a side is kept the
    # row that counts and how many were read, or that one of them knows the id.

    def _rows(
        self, state: Both, index: int, number: int, linked: int, todo: Todo, read: tuple[Side, ...]
    ) -> Steps:
        for place, side in enumerate(todo):
            where, got = self._where(number, linked, side), read[place]
            if got != REPEAT and len(got) < len(where):
                row = state.rows[where[len(got)]]
                got = REPEAT if row.ids >> number & 1 else (*got, row if not got else None)
                after = ("rows", number, linked, todo, replaced(read, place, got))
                yield f"read row {where[len(got) - 1]}", at(state, index, after)
                return
        again = self.duty.reads_the_member_again and self.events[number].kind == "device"
        if again and state.linked != linked:
            yield "read member: changed", at(state, index, ("member", number, todo))
        else:
            yield "read member", at(state, index, ("commit", number, linked, todo, read))

    # P5: each side is a write of its own, on a condition of its own.

    def _commit(
        self, state: Both, index: int, number: int, linked: int, todo: Todo, read: tuple[Side, ...]
    ) -> Steps:
        bit, side = 1 << number, todo[0]
        then = ("commit", number, linked, todo[1:], read[1:]) if todo[1:] else ("ack", number)
        if todo[1:] and not self.duty.acknowledges_when_both_stand:
            state = state._replace(queue=replaced(state.queue, number, max(0, state.queue[number] - 1)))
        if read[0] == REPEAT:
            own = self.duty.asks_each_row_for_its_own_ids
            yield "repeat", at(state, index, then if own else ("ack", number))
            return
        subject, row = self._where(number, linked, side)[0], read[0][0]
        again = ("rows", number, linked, todo, ((), *read[1:]))
        if state.rows[subject].version != row.version:
            yield "commit: conflict", at(state, index, again)
            return
        twice = any(state.rows[one].counted & bit for one in SIDES[side])
        after = self._led(state, subject, Held(row.version + 1, row.counted | bit, row.ids | bit, row.stands))
        after = after._replace(fault="counted twice") if twice else after
        yield f"commit {subject}", at(after, index, then)
        yield f"commit {subject}: answer lost", at(after, index, again)

    @staticmethod
    def _led(state: Both, subject: int, held: Held) -> Both:
        """Return the state with the row written, and with its lead if there is to be one."""
        if held.counted.bit_count() < BUSY or held.stands:
            return state._replace(rows=replaced(state.rows, subject, held))
        return state._replace(
            rows=replaced(state.rows, subject, held._replace(stands=True)),
            leads=replaced(state.leads, subject, 1),
            fault="told twice" if state.heirs[subject] or state.leads[subject] else state.fault,
        )

    # The lesson: the rows of each side, which `protocol` reads one by one, then the one transaction.

    def _left(self, state: Both, index: int, number: int, read: tuple[Held, ...]) -> Steps:
        if len(read) < len(state.rows):
            after = ("left", number, (*read, *state.rows[len(read) : len(read) + 2]))
            yield f"read rows {SIDES[len(read) // 2]}", at(state, index, after)
            return
        as_read = range(4) if self.duty.folds_people_as_read else SIDES[0]
        if state.linked or any(state.rows[one].version != read[one].version for one in as_read):
            yield "move: conflict", at(state, index, ("member", number, ()))
            return
        moved = self._folded(state._replace(linked=1), 0, read)
        then: tuple[Any, ...] = ("ack", number)
        if self.duty.folds_people_with_the_member:
            moved = self._folded(moved, PERSON, read)
            if not self.duty.carries_with_the_fold:
                then = ("carry", number)
        else:
            then = ("fold", number, read)
        yield "move", at(moved, index, then)
        yield "move: answer lost", at(moved, index, ("member", number, ()))

    def _folded(self, state: Both, side: int, read: tuple[Held, ...]) -> Both:
        duty, (was, now) = self.duty, SIDES[side]
        left, into = read[was], read[now]
        person = side == PERSON
        raised = left.version + (duty.raises_the_version_of_the_visitor or not person)
        ids = left.ids if duty.tombstone_keeps_ids or not person else 0
        state = state._replace(rows=replaced(state.rows, was, Held(raised, 0, ids, left.stands)))
        if not left.counted:
            return state
        if state.leads[was] and not state.leads[now]:
            state = state._replace(heirs=replaced(state.heirs, now, 1))
        carries = not person or (duty.carries_standings and duty.carries_with_the_fold)
        stands = into.stands or (left.stands and carries)
        held = Held(into.version + 1, left.counted | into.counted, into.ids, stands)
        twice = left.counted & into.counted
        if person and not duty.fires_with_the_fold:
            held = held._replace(stands=stands or held.counted.bit_count() >= BUSY)
            state = state._replace(rows=replaced(state.rows, now, held))
        else:
            state = self._led(state, now, held)
        return state._replace(fault="counted twice") if twice else state

    def _fold(self, state: Both, index: int, number: int, read: tuple[Held, ...]) -> Steps:
        """The fold of people as a write of its own, after the member (no part of the protocol)."""
        if any(state.rows[one].version != read[one].version for one in SIDES[PERSON]):
            read = (*read[:2], *state.rows[2:])
        yield "fold", at(self._folded(state, PERSON, read), index, ("ack", number))

    def _carry(self, state: Both, index: int, number: int) -> Steps:
        """Standings as a write of their own, after the fold (no part of the protocol)."""
        was, now = SIDES[PERSON]
        stands = state.rows[now].stands or state.rows[was].stands
        after = state._replace(rows=replaced(state.rows, now, state.rows[now]._replace(stands=stands)))
        yield "carry", at(after, index, ("ack", number))

    # P6

    def _ack(self, state: Both, index: int, number: int) -> Steps:
        queue = replaced(state.queue, number, max(0, state.queue[number] - 1))
        yield "ack", at(state._replace(queue=queue), index, IDLE)

    # What must hold.

    def fault(self, state: Both) -> str | None:
        """Return what is wrong with a state."""
        if state.fault or not self.finished(state):
            return state.fault
        every = sum(1 << number for number, event in enumerate(self.events) if event.kind != "lesson")
        for was, now in SIDES:
            if state.linked and state.rows[was].counted:
                return "left behind"
            if state.rows[was].counted | state.rows[now].counted != every:
                return "event lost"
            if every.bit_count() >= BUSY and state.linked and not (state.leads[was] or state.leads[now]):
                return "lead lost"
        return None

    @staticmethod
    def finished(state: Both) -> bool:
        """Return whether everything is acknowledged and nobody works."""
        return not any(state.queue) and all(worker == IDLE for worker in state.workers)
