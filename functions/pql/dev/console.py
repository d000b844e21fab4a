"""What a person watching the local world sees: lines, and one that is kept up to date."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import TextIO

# Without a terminal a progress line is a line for ever, so fewer of them are written.
PLAIN_SECONDS = 2.0
_CLEAR = "\r\x1b[2K"


class Console:
    """Writes lines to `stream`; on a terminal the progress line stays below them.

    `gone` is called when nobody reads any more, as after `pql dev | head`.
    """

    def __init__(
        self,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        self._stream = stream
        self._gone = gone
        self._clock = clock
        self._live = stream.isatty()
        self._lock = threading.Lock()
        self._progress = ""
        self._written = clock()

    @property
    def columns(self) -> int:
        """Return how wide the terminal is, 80 columns without one."""
        return shutil.get_terminal_size().columns if self._live else 80

    def line(self, text: str = "") -> None:
        """Write `text`, which may be several lines."""
        with self._lock:
            below = self._progress if self._live else ""
            self._write(f"{_CLEAR if below else ''}{text}\n{below}")

    def progress(self, text: str, *, settled: bool) -> None:
        """Show `text` as the state of things if it changed.

        Without a terminal it is written once things are `settled`, or after a while.
        """
        with self._lock:
            if text == self._progress:
                return
            if self._live:
                # A line that wraps cannot be cleared: on a narrow terminal the end of it is left out.
                self._write(_CLEAR + text[: self.columns - 1])
            elif settled or self._clock() - self._written > PLAIN_SECONDS:
                self._write(text + "\n")
                self._written = self._clock()
            else:
                return
            self._progress = text

    def end(self, text: str) -> None:
        """Write the last line in place of the progress."""
        with self._lock:
            self._write(f"{_CLEAR if self._live and self._progress else ''}{text}\n")
            self._progress = ""

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # nobody reads, or nothing more can be written
            self._gone()
