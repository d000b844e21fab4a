"""An embedded AWS for the tests of the local world, made once for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pql.dev.embedded_aws import Outages, embedded_aws
from pql.dev.function import Function
from pql.dev.logs import Logs


@pytest.fixture
def outages() -> Iterator[Outages]:
    """AWS in this process, empty."""
    with embedded_aws() as switch:
        yield switch


class Recorded:
    """A function whose handler keeps its events and answers, or raises, what the test queued."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.answers: list[Any] = []
        self.lines: list[Any] = []
        logs = Logs(lambda name, entry: self.lines.append(entry))
        self.function = Function(
            "Fake", "arn:aws:lambda:us-east-1:123456789012:function:pql-Fake", {}, {}, logs
        )
        self.function.start(lambda env: self._handle)

    def _handle(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        answer = self.answers.pop(0) if self.answers else None
        if callable(answer):
            answer = answer(event)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def bodies(self) -> list[list[str]]:
        """The bodies of the queue messages, by invocation."""
        return [[record["body"] for record in event["Records"]] for event in self.events]


@pytest.fixture
def recorded() -> Recorded:
    """A function to watch."""
    return Recorded()
