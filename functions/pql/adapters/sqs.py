"""The event queue on Amazon SQS.

A call either stores an entry, fails it, or leaves it unknown. Only what is known to be stored
counts; sending the rest once more is harmless, because a repeat of an event counts nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pql.adapters.outages import code
from pql.core.errors import Unavailable

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
ENTRIES_LIMIT = 10
BYTES_LIMIT = 1024 * 1024
CONNECT_TIMEOUT = 1.0
READ_TIMEOUT = 1.5
# A call may begin only while it can still fail by its own timeouts before the deadline.
LONGEST_CALL = CONNECT_TIMEOUT + READ_TIMEOUT
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 1.0
_PERMANENT = frozenset({400, 403, 404})
Message = tuple[str, str]


class SqsQueue:
    """The `EventQueue` port on SQS.

    The client must not retry by itself: retries are made here, inside the deadline. `clock` is
    monotonic; `jitter` returns a number in [0, 1).
    """

    def __init__(
        self,
        client: Any,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    def send(self, messages: Sequence[Message], deadline: float) -> None:
        """Send (group, body) pairs and return only when the queue has all of them.

        Raises `Unavailable` when `deadline`, on the monotonic clock, leaves no room for another
        call, or when SQS refuses for good: our mistake, but the sender keeps the events.
        """
        for batch in batches(messages):
            self._send_batch(batch, deadline)

    def _send_batch(self, batch: list[Message], deadline: float) -> None:
        ceiling = FIRST_PAUSE
        while True:
            if deadline - self._clock() < LONGEST_CALL:
                raise Unavailable("no time left to reach the queue", retry_after=2.0)
            batch, cause = self._unsent(batch)
            if not batch:
                return
            pause = ceiling * self._jitter()  # full jitter
            ceiling = min(ceiling * 2, LONGEST_PAUSE)
            if deadline - self._clock() - pause < LONGEST_CALL:
                raise Unavailable(f"the queue did not take every message in time: {cause}", retry_after=2.0)
            self._sleep(pause)

    def _unsent(self, batch: list[Message]) -> tuple[list[Message], str]:
        """Make one call; return what is not known to be stored, and why, as SQS or the network names it."""
        entries = [
            {"Id": str(number), "MessageBody": body, "MessageGroupId": group}
            for number, (group, body) in enumerate(batch)
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        except ClientError as error:
            if _is_permanent(error):
                raise Unavailable(f"the queue refuses the call: {code(error)}", retry_after=30.0) from error
            return batch, code(error)
        except BotoCoreError as error:
            return batch, type(error).__name__
        stored = {entry["Id"] for entry in answer.get("Successful", ())}
        causes = {str(entry.get("Code")) for entry in answer.get("Failed", ())}
        unsent = [message for number, message in enumerate(batch) if str(number) not in stored]
        return unsent, ", ".join(sorted(causes)) or "no answer for some"


def batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Cut messages into calls of at most 10 entries and 1 MiB; bodies are ASCII."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        length = len(message[1])
        if batch and (len(batch) == ENTRIES_LIMIT or size + length > BYTES_LIMIT):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


def _is_permanent(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    name = code(error)
    return status in _PERMANENT and "Throttl" not in name and "TooMany" not in name
