"""Queues of moto that stay quick when many messages wait in them.

moto works out all attributes of a queue for every message sent to it, three of them by asking every
message for the time: at 600 messages that is 76 ms each, and the deadline of `ingest` passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.core.utils import camelcase_to_underscores
from moto.sqs.models import Queue

_EVERY = Queue.attributes


class _OneByOne(Mapping[str, Any]):
    """The attributes of a queue, each worked out when somebody asks for it."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __getitem__(self, name: str) -> Any:
        if name in Queue.BASE_ATTRIBUTES:
            value = getattr(self._queue, camelcase_to_underscores(name))
            return str(value).lower() if isinstance(value, bool) else value
        if name in Queue.FIFO_ATTRIBUTES and not self._queue.fifo_queue:
            raise KeyError(name)
        return self._every()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._every())

    def __len__(self) -> int:
        return len(self._every())

    def _every(self) -> dict[str, Any]:
        every: dict[str, Any] = _EVERY.__get__(self._queue)
        return every


def quick_queues() -> AbstractContextManager[Any]:
    """Return a context in which moto's queues work out only what is asked of them."""
    return patch.object(Queue, "attributes", property(_OneByOne))
