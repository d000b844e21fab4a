"""A Lambda function in this process: its environment, its handler, its context."""

from __future__ import annotations

import importlib
import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from pql.dev.logs import Logs

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Context:
    """What Lambda passes beside the event."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    deadline: float
    aws_request_id: str
    function_version: str = "$LATEST"

    @property
    def log_group_name(self) -> str:
        """Return the name of the function's log group."""
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        """Return the one log stream there is."""
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would end the invocation."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class Function:
    """A handler with its environment, as the template declares them.

    `build(env)` is called once, as in Lambda's init phase. Invocations wait for each other, those of
    all functions: they share a process here, and with it what powertools keeps per process.
    """

    _one_at_a_time = threading.RLock()

    def __init__(
        self, name: str, arn: str, properties: Mapping[str, Any], env: dict[str, str], logs: Logs
    ) -> None:
        self.name = name
        self.arn = arn
        self.properties = properties
        self.env = env
        self._logs = logs
        self._handler: Handler | None = None
        self.errors = 0

    def start(self, build: Callable[[Mapping[str, str]], Handler] | None = None) -> None:
        """Build the handler named by the template, or by `build`."""
        if build is None:
            module, _, _ = self.properties["Handler"].rpartition(".")
            build = importlib.import_module(module).build
        # Loggers and metrics take their settings from the process, once.
        with self._logs.of(self.name), patch.dict(os.environ, self.env):
            self._handler = build(self.env)

    def invoke(self, event: Any, request_id: str | None = None) -> Any:
        """Return what the handler makes of `event`; what it raises is raised."""
        if self._handler is None:
            raise RuntimeError(f"{self.name} was not started")
        with self._one_at_a_time, self._logs.of(self.name):
            return self._handler(event, self._context(request_id or str(uuid.uuid4())))

    def failed(self, error: Exception) -> None:
        """Log an invocation that raised, as Lambda does for the event sources it polls for."""
        self.errors += 1
        self._logs.error(self.name, error)

    def _context(self, request_id: str) -> Context:
        return Context(
            function_name=f"pql-{self.name}",
            invoked_function_arn=self.arn,
            memory_limit_in_mb=int(self.properties.get("MemorySize", 128)),
            deadline=time.monotonic() + float(self.properties.get("Timeout", 3)),
            aws_request_id=request_id,
        )
