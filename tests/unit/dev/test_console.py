"""What a person watching sees."""

from __future__ import annotations

import io

from fakes.clock import Clock
from pql.dev.console import Console


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_pipe_gets_one_line_for_each_settled_change() -> None:
    """Without a terminal the progress is a line when things have settled and changed."""
    stream = io.StringIO()
    console = Console(stream, Clock())
    console.progress("1", settled=True)
    console.progress("1", settled=True)
    console.progress("2", settled=False)
    console.progress("3", settled=True)

    assert stream.getvalue() == "1\n3\n"


def test_a_pipe_is_not_kept_waiting_for_ever() -> None:
    """Where things never settle a line is written every now and then."""
    stream, clock = io.StringIO(), Clock()
    console = Console(stream, clock)
    for clock.now in (1.0, 3.0, 4.0):
        console.progress(f"at {clock.now}", settled=False)

    assert stream.getvalue() == "at 3.0\n"


def test_a_terminal_keeps_the_progress_below() -> None:
    """On a terminal the progress is cleared for a line and written again under it."""
    stream = Terminal()
    console = Console(stream)
    console.progress("busy", settled=False)
    console.line("news")
    console.end("bye")

    assert stream.getvalue() == "\r\x1b[2Kbusy\r\x1b[2Knews\nbusy\r\x1b[2Kbye\n"
