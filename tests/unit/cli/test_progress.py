"""The bar that shows how far a reading is."""

from __future__ import annotations

import io

import pytest

from pql.cli.progress import Progress, picture, progress


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """Return that it is a terminal."""
        return True


def test_nothing_is_drawn_where_nobody_looks() -> None:
    """A log file gets no bar."""
    stream, now = io.StringIO(), iter(range(100))
    with Progress(stream, lambda: next(now)) as tell:
        tell(0.5)

    assert "" == stream.getvalue()


def test_a_terminal_sees_the_bar_and_then_an_empty_line() -> None:
    """It is drawn ten times a second at most, not at once, and wiped at the end."""
    stream, now = Terminal(), iter([0.0, 0.2, 1.0, 1.05, 2.0])
    with Progress(stream, lambda: next(now)) as tell:
        for done in (0.1, 0.5, 0.52, 0.75):
            tell(done)

    drawn = [f"\r{picture(done, at)}\x1b[K" for done, at in ((0.5, 1.0), (0.75, 2.0))]
    assert "".join([*drawn, "\r\x1b[K"]) == stream.getvalue()


def test_events_pass_while_they_are_counted() -> None:
    """Every two thousand of them it is asked how far they are; who cannot say draws nothing."""
    stream, known = Terminal(), iter([0.25, None, 0.75])
    events = progress(range(6_000), lambda: next(known), Progress(stream, iter(range(9)).__next__))

    assert [*range(6_000)] == [*events]
    assert ("25 %", "75 %") == tuple(one[31:36].strip() for one in stream.getvalue().split("\r")[1:3])


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (0.0, "╌" * 30 + "   0 %"),
        (0.25, "━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  25 %  30 s left"),
        (0.01, "╌" * 30 + "   1 %  16 min left"),
        (1.0, "━" * 30 + " 100 %"),
    ],
)
def test_the_bar_says_how_far_and_how_long(done: float, told: str) -> None:
    """After ten seconds."""
    assert told == picture(done, 10.0)


def test_without_a_standard_error_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind `2>&-`."""
    monkeypatch.setattr("sys.stderr", None)

    assert [1, 2] == [*progress([1, 2], lambda: 0.5)]
