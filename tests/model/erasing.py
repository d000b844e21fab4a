"""How an account is erased while workers count for it (`pql.flows.erase` beside `pql.flows.count`).

The row loses its state and keeps its ids; its leads are deleted. Whoever erases may die and starts over.
Of what was erased nothing may come back, neither by a copy that is still on its way nor by a worker that
has read the row before, and no lead may tell of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from model.table import BUSY, IDLE, at, replaced

Steps = Iterator[tuple[str, "Erased"]]
ASKED: tuple[Any, ...] = ("asked",)
DONE: tuple[Any, ...] = ("done",)


@dataclass(frozen=True)
class Fence:
    """The precautions. All of them are taken unless a test takes one away."""

    keeps_ids: bool = True
    raises_the_version: bool = True
    blanks_what_it_read: bool = True
    deletes_leads_last: bool = True
    starts_over: bool = True


class Holding(NamedTuple):
    """The row: what is counted in it, the ids it knows, and whether its rule has fired."""

    version: int = 0
    counted: int = 0
    ids: int = 0
    fired: bool = False


class Erased(NamedTuple):
    """Everything there is. `lead` are the events a lead tells of, `gone` those that were erased."""

    row: Holding
    lead: int
    gone: int
    queue: tuple[int, ...]
    eraser: tuple[Any, ...]
    workers: tuple[tuple[Any, ...], ...]
    fault: str | None = None


class Erasing:
    """Workers that count events of one account, of which so many copies come, and one who erases it."""

    def __init__(self, copies: tuple[int, ...], fence: Fence) -> None:
        self.copies = copies
        self.fence = fence

    def start(self, workers: int) -> Erased:
        """Return the state in which nothing has happened yet."""
        return Erased(Holding(), 0, 0, self.copies, ASKED, (IDLE,) * workers)

    def steps(self, state: Erased) -> Steps:
        """Yield what can happen next."""
        if state.fault:
            return
        yield from self._eraser(state)
        for index, worker in enumerate(state.workers):
            if worker in state.workers[:index]:
                continue
            if worker == IDLE:
                for number, copies in enumerate(state.queue):
                    if copies:
                        yield f"take {number}", at(state, index, ("row", number))
                continue
            yield f"crash {index}", at(state, index, IDLE)
            kind, number, *rest = worker
            for label, after in getattr(self, f"_{kind}")(state, index, number, *rest):
                yield f"{label} {number}", after

    # Whoever erases: the row as it is read, then the leads that stand.

    def _eraser(self, state: Erased) -> Steps:
        kind, *rest = state.eraser
        last = self.fence.deletes_leads_last
        if kind == "asked":
            yield "erase", state._replace(eraser=("read",) if last else ("leads",))
            return
        if kind == "done":
            return
        if self.fence.starts_over:
            yield "eraser dies", state._replace(eraser=ASKED)
        elif kind != "read":
            yield "eraser dies", state._replace(eraser=DONE)
        if kind == "read":
            blank = not (state.row.counted or state.row.fired)
            after = ("leads",) if last else DONE
            yield "read row", state._replace(eraser=after if blank else ("blank", state.row))
        elif kind == "leads":
            yield "delete leads", state._replace(lead=0, eraser=DONE if last else ("read",))
        else:
            yield from self._blank(state, *rest)

    def _blank(self, state: Erased, read: Holding) -> Steps:
        fence = self.fence
        if state.row.version != read.version and fence.blanks_what_it_read:
            yield "blank: conflict", state._replace(eraser=("read",))
            return
        after = Holding(read.version + fence.raises_the_version, 0, state.row.ids if fence.keeps_ids else 0)
        then = ("leads",) if fence.deletes_leads_last else DONE
        blank = state._replace(row=after, gone=state.gone | state.row.counted)
        yield "blank", blank._replace(eraser=then)
        yield "blank: answer lost", blank._replace(eraser=("read",))

    # Whoever counts.

    def _row(self, state: Erased, index: int, number: int) -> Steps:
        repeat = state.row.ids >> number & 1
        yield (
            "read row",
            at(state, index, ("ack", number) if repeat else ("commit", number, state.row, 0)),
        )

    def _commit(self, state: Erased, index: int, number: int, read: Holding, adopts: int) -> Steps:
        if state.row.version != read.version:
            yield "commit: conflict", at(state, index, ("row", number))
            return
        counted = read.counted | 1 << number
        fires = not read.fired and counted.bit_count() >= BUSY
        if fires and state.lead and not adopts:
            yield "commit: lead stands", at(state, index, ("commit", number, read, 1))
            return
        fault = "counted twice" if (state.row.counted | state.gone) >> number & 1 else None
        row = Holding(read.version + 1, counted, state.row.ids | 1 << number, read.fired or fires)
        lead = counted if fires and not adopts else state.lead
        after = state._replace(row=row, lead=lead, fault=fault)
        yield "commit", at(after, index, ("ack", number))
        yield "commit: answer lost", at(after, index, ("row", number))

    def _ack(self, state: Erased, index: int, number: int) -> Steps:
        queue = replaced(state.queue, number, max(0, state.queue[number] - 1))
        yield "ack", at(state._replace(queue=queue), index, IDLE)

    # What must hold.

    def fault(self, state: Erased) -> str | None:
        """Return what is wrong with a state."""
        if state.fault or not self.finished(state):
            return state.fault
        if state.row.counted & state.gone:
            return "came back"
        if state.lead & state.gone:
            return "lead tells of it"
        everything = (1 << len(self.copies)) - 1
        return "event lost" if (state.row.counted | state.gone) != everything else None

    @staticmethod
    def finished(state: Erased) -> bool:
        """Return whether everything is erased and acknowledged and nobody works."""
        return state.eraser == DONE and not any(state.queue) and all(one == IDLE for one in state.workers)
