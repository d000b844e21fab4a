"""How an event is counted: look, file what must leave the row, commit (`pql.flows.count`)."""

from __future__ import annotations

from collections.abc import Iterator

from model.protocol import Protocol
from model.table import IDLE, NOBODY, Event, Known, Row, State, at, chain, led, places, replaced

Steps = Iterator[tuple[str, State]]


class Counting:
    """The steps of a worker that has an event to count, once its members are known."""

    events: list[Event]
    protocol: Protocol

    # P1: rows, one after the other, for a batch of reads is no snapshot. P1b: members again. P2: seen.

    def _where(self, number: int, known: Known) -> list[int]:
        event = self.events[number]
        if event.account != NOBODY:
            return [event.account]
        found = places(event.actor, dict(known))
        found = found if self.protocol.looks_where_it_was else found[:1]
        return found if self.protocol.subject_first else found[::-1]

    def _rows(
        self, state: State, index: int, number: int, known: Known, rows: tuple[Row, ...], tries: int
    ) -> Steps:
        where = self._where(number, known)
        if not self.protocol.row_before_seen and not rows:
            found = any(state.seen[one] >> number & 1 for one in where)
            rows = (Row(filed=found),)  # a place for what was seen too early
            yield "read seen", at(state, index, ("rows", number, known, rows, tries))
            return
        read = len(rows) - (not self.protocol.row_before_seen)
        after = (*rows, state.rows[where[read]])
        then = ("rows", number, known, after, tries)
        if read + 1 == len(where):
            then = ("seen", number, known, after)
            protocol = self.protocol
            again = protocol.reads_members_again and protocol.reads_members_after_rows
            if known and again and (protocol.reads_members_again_after_conflict or not tries):
                then = ("again", number, known, after, tries)
        yield f"read row {where[read]}", at(state, index, then)

    def _again(
        self, state: State, index: int, number: int, known: Known, rows: tuple[Row, ...], tries: int
    ) -> Steps:
        basis = chain(self.events[number].actor, dict(known))
        same = all(state.members[key].version == dict(known)[key].version for key in basis)
        if not same:
            yield "read members: changed", at(state, index, ("members", number, ()))
        elif rows:
            yield "read members", at(state, index, ("seen", number, known, rows))
        else:
            yield "read members", at(state, index, ("rows", number, known, (), tries))

    def _seen(self, state: State, index: int, number: int, known: Known, rows: tuple[Row, ...]) -> Steps:
        where = self._where(number, known)
        if self.protocol.row_before_seen:
            filed = any(
                row.filed and state.seen[one] >> number & 1 for one, row in zip(where, rows, strict=True)
            )
        else:
            filed, rows = rows[0].filed, rows[1:]
        if filed or any(row.pend >> number & 1 for row in rows):
            yield "repeat", at(state, index, ("ack", number))
            return
        if not self.protocol.acknowledges_last:
            state = self._acknowledged(state, number)
        subject = 0 if self.protocol.subject_first else -1
        row = rows[subject]
        then = "spill" if row.pend and self.protocol.spills else "commit"
        yield "new", at(state, index, (then, number, known, where[subject], row))

    # P4 and P5: file the ids that must leave the row, then write it on condition.

    def _spill(self, state: State, index: int, number: int, known: Known, subject: int, row: Row) -> Steps:
        after = state._replace(seen=replaced(state.seen, subject, state.seen[subject] | row.pend))
        yield f"spill {subject}", at(after, index, ("commit", number, known, subject, row))

    def _commit(self, state: State, index: int, number: int, known: Known, subject: int, row: Row) -> Steps:
        protocol, bit = self.protocol, 1 << number
        again = at(state, index, ("rows", number, known, (), 1))
        if state.rows[subject].version != row.version and protocol.commits_on_condition:
            yield "commit: conflict", again
            return
        twice = any(one.counted & bit for one in state.rows)
        held = row.counting(bit, state.rows[subject].version + 1)
        held = held._replace(pend=bit, filed=row.filed or bool(row.pend))
        made = held.fired & ~row.fired
        # With a lead that stands the transaction fails as a whole; it is made again without that one.
        if made & state.leads[subject] and not protocol.adopts_leads_that_stand:
            yield "commit: lead stands", again
            return
        made &= ~state.leads[subject]
        if not protocol.fires_every_rule:
            made &= -made
        after = state._replace(
            rows=replaced(state.rows, subject, held), fault="counted twice" if twice else None
        )
        then = ("ack", number)
        if made and protocol.fires_with_the_row:
            after = led(after, subject, made)
        elif made:
            then = ("lead", number, subject, made)
        yield "commit", at(after, index, then)
        if protocol.answers_may_be_lost:
            then = then if protocol.trusts_lost_answers else ("rows", number, known, (), 1)
            yield "commit: answer lost", at(after, index, then)
            yield "commit: request lost", at(state, index, then)

    def _lead(self, state: State, index: int, number: int, subject: int, made: int) -> Steps:
        """Leads as a write of their own, after the row (no part of the protocol)."""
        yield "lead", at(led(state, subject, made), index, ("ack", number))

    # P6

    def _ack(self, state: State, index: int, number: int) -> Steps:
        yield "ack", at(self._acknowledged(state, number), index, IDLE)

    @staticmethod
    def _acknowledged(state: State, number: int) -> State:
        return state._replace(queue=replaced(state.queue, number, max(0, state.queue[number] - 1)))
