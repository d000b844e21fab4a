"""What leaves its window as time goes on, written as one Python function for all signals of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pql.core.window import NEVER, Window
from pql.engine.account import WIDTHS, Account
from pql.engine.slots import SignalSlot
from pql.engine.verdict import function

Leaving = Callable[[Account, int], int]


def leaving(slots: Sequence[SignalSlot]) -> Leaving:
    """Return the function of (account, now) that lets go what has left its window.

    It returns a bit for each place at which a value may have changed, and leaves in `dues` when the
    next bucket of each width leaves, in `due` the first of them.
    """
    names: dict[str, Any] = {"least": min}
    made: Leaving = function("leaving(a, now)", list(_body(slots, names)), names)
    return made


def _body(slots: Sequence[SignalSlot], names: dict[str, Any]) -> Iterator[str]:
    yield "d = a.dues; g = a.aggregates; v = a.values; fell = 0"
    for width, index in WIDTHS.items():
        # Days leave at midnight only: most of the time nothing but the hours need be looked at.
        yield f"if d[{index}] <= now:"
        yield f"    due = {NEVER}"
        for slot in slots:
            window, place = slot.signal.window, slot.place
            if window is None or window.width != width:
                continue
            names[f"w{place}"], names[f"r{place}"] = window, slot.signal.read
            yield f"    h = g[{place}]"
            yield "    if h is not None:"
            yield f"        leaves = {exit_source('h.first', window)}"
            yield "        if leaves <= now:"
            yield f"            if h.slide(now, w{place}): v[{place}] = r{place}(h); fell |= {1 << place}"
            yield f"            leaves = {exit_source('h.first', window)}"
            yield "        if leaves < due: due = leaves"
        yield f"    d[{index}] = due"
    yield "a.due = least(d)"
    yield "return fell"


def due_source(bucket: str, window: Window) -> Iterator[str]:
    """Yield the statements that make the account `a` due when the bucket leaves the window."""
    index = WIDTHS[window.width]
    yield f"leaves = {exit_source(bucket, window)}"
    yield f"if leaves < a.dues[{index}]:"
    yield f"    a.dues[{index}] = leaves"
    yield "    if leaves < a.due: a.due = leaves"


def exit_source(bucket: str, window: Window) -> str:
    """Return the moment (epoch ms) at which a bucket leaves the window, as an expression."""
    width, reach = window
    return f"({bucket} + {reach}) * {width}"
