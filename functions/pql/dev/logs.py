"""What the functions print: log lines and metrics, told apart as CloudWatch does.

Handlers print to stdout, which in the local world is also where a person reads. So stdout is
replaced by one that knows, for each thread, whether a function is running.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

LogLine = Callable[[str, dict[str, Any] | str], None]


class Logs:
    """The functions' output: metrics are summed in `metrics`, log lines go to `line(function, entry)`."""

    def __init__(self, line: LogLine | None = None) -> None:
        self.metrics: Counter[str] = Counter()
        self._line = line

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        """Take what this thread prints inside the block as the output of `function`."""
        _STDOUT.install()
        pending = ""

        def take(text: str) -> None:
            nonlocal pending
            *lines, pending = (pending + text).split("\n")
            for line in lines:
                self._take(function, line)

        _STDOUT.running.take = take
        try:
            yield
        finally:
            _STDOUT.running.take = None
            self._take(function, pending)

    def error(self, function: str, error: Exception) -> None:
        """Log what a function raised."""
        if self._line:
            trace = "".join(traceback.format_exception(error))
            self._line(function, {"level": "ERROR", "message": repr(error), "exception": trace})

    def stop(self) -> None:
        """Give stdout back."""
        _STDOUT.remove()

    def _take(self, function: str, line: str) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = line
        if isinstance(entry, dict) and "_aws" in entry:
            self._count(entry)
        elif line and self._line:
            self._line(function, entry if isinstance(entry, dict) else line)

    def _count(self, entry: dict[str, Any]) -> None:
        for directive in entry["_aws"]["CloudWatchMetrics"]:
            for metric in directive["Metrics"]:
                value = entry[metric["Name"]]
                self.metrics[metric["Name"]] += sum(value) if isinstance(value, list) else value


class _Stdout:
    """A stdout that passes on whatever no function printed.

    There is one for the process: a logger keeps the stream it was made with for ever.
    """

    def __init__(self) -> None:
        self.running = threading.local()
        self._real: TextIO | None = None

    def install(self) -> None:
        # Again at every invocation: a test runner may have put its own stdout in between.
        if sys.stdout is not self:
            self._real = sys.stdout
            sys.stdout = self

    def remove(self) -> None:
        if sys.stdout is self and self._real is not None:
            sys.stdout = self._real

    def write(self, text: str) -> int:
        take = getattr(self.running, "take", None)
        if take:
            take(text)
            return len(text)
        return (self._real or sys.stdout).write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


_STDOUT = _Stdout()
