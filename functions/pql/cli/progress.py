"""A bar on standard error while something is read, where somebody can see it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TextIO, TypeVar

One = TypeVar("One")

_PAUSE = 0.1  # seconds between two pictures
_SOON = 0.5  # what takes less long needs no bar
_WIDTH = 30
_EVERY = 2_000  # events between two looks at the clock


class Progress:
    """Called with how far it is, from 0 to 1, it draws that; nothing where `stream` is no terminal.

    A context manager, which wipes the bar at the end.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._is_seen = self._stream is not None and self._stream.isatty()  # None as behind `2>&-`
        self._clock = clock
        self._begun = clock()
        self._drawn = self._begun + _SOON - _PAUSE

    def __call__(self, done: float) -> None:
        """Draw, unless it was drawn a moment ago."""
        now = self._clock()
        if self._is_seen and now - self._drawn >= _PAUSE:
            self._drawn = now
            self._stream.write(f"\r{picture(done, now - self._begun)}\x1b[K")
            self._stream.flush()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the bar."""
        if self._is_seen:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def progress(
    events: Iterable[One], fraction: Callable[[], float | None], tell: Progress | None = None
) -> Iterator[One]:
    """Yield events, and draw how far they are by `fraction`; None draws nothing."""
    with tell or Progress() as bar:
        for number, event in enumerate(events):
            yield event
            if number % _EVERY == 0 and (done := fraction()) is not None:
                bar(done)


def picture(done: float, seconds: float) -> str:
    """Return the bar, for so long since the beginning, and how long it will still take."""
    full = round(min(max(done, 0.0), 1.0) * _WIDTH)
    left = f"  {_left(seconds * (1 - done) / done)} left" if 0 < done < 1 else ""
    return f"{'━' * full}{'╌' * (_WIDTH - full)} {done * 100:3.0f} %{left}"


def _left(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
