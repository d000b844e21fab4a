"""The archive on S3, read ahead: its many small objects cost a round trip each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from pql.adapters.s3_log import S3Log
from pql.core.archived import Line
from pql.flows.replay import Stored

# As many connections to a host as boto3 keeps.
AT_ONCE = 10


class S3Lines:
    """The `Lines` port over a log."""

    def __init__(self, log: S3Log) -> None:
        self._log = log

    def stored(self) -> Iterator[Stored]:
        """Yield the objects of all days."""
        return self._log.stored()

    def read(self, stored: Sequence[Stored]) -> Iterator[tuple[Stored, Sequence[Line] | None]]:
        """Yield the lines of each object, in this order, None of one that is gone; a few are fetched ahead.

        Raises `Poison` and `Unavailable`.
        """
        waiting: deque[tuple[Stored, Future[Sequence[Line] | None]]] = deque()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for one in stored:
                    waiting.append((one, pool.submit(self._log.standing, one.key)))
                    if len(waiting) > 2 * AT_ONCE:
                        first, lines = waiting.popleft()
                        yield first, lines.result()
                while waiting:
                    first, lines = waiting.popleft()
                    yield first, lines.result()
            finally:
                pool.shutdown(cancel_futures=True)
