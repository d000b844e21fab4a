"""Where the template's functions run: a sandbox each, which ends when something kills it.

All go by one clock, which is also Lambda's own; their pauses let it go on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import boto3

from fakes.crashing_store import Killed
from fire.wire import Line
from pql.dev.function import Context
from pql.handlers import ingest, notify, process, slack, sweep, webhook
from pql.handlers.entry import Handler
from pql.rules.pack import Pack

HANDLERS: Final = {
    "Ingest": ingest, "Process": process, "Notify": notify, "Slack": slack, "Webhook": webhook, "Sweep": sweep
}  # fmt: skip
WITH_PAUSE: Final = ("Process", "Slack", "Sweep")


class SandboxDied(Exception):
    """What Lambda tells an event source of an invocation that never ended."""


@dataclass
class Clock:
    """Everybody's time, epoch ms."""

    now: int

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * 1000)


class Invocation:
    """What Lambda says of an invocation, by that clock."""

    def __init__(self, clock: Clock, context: Context) -> None:
        self.aws_request_id = context.aws_request_id
        self._clock = clock
        self._ends = clock.now + context.get_remaining_time_in_millis()

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would end it."""
        return max(0, self._ends - self._clock.now)


class Sandboxes:
    """The sandboxes of a deployment whose calls go over a line."""

    def __init__(self, clock: Clock, line: Line) -> None:
        self.clock = clock
        self._line = line
        self._running: dict[str, Handler] = {}

    def end(self) -> None:
        """End all of them, as Lambda does with those that nobody needs for a while."""
        self._running.clear()

    def build(self, name: str, env: Mapping[str, str]) -> Handler:
        """Return the function of this name as its event sources know it."""

        def handle(event: Any, context: Any) -> Any:
            handler = self._running.get(name) or self._running.setdefault(name, self._new(name, env))
            self._line.wire.live = True
            try:
                return handler(event, Invocation(self.clock, context))
            except Killed:
                del self._running[name]
                raise SandboxDied from None
            finally:
                self._line.wire.live = False

        return handle

    def _new(self, name: str, env: Mapping[str, str]) -> Handler:
        more = {"pause": self.clock.pause} if name in WITH_PAUSE else {}
        with patch.dict(os.environ, env):
            built: Handler = HANDLERS[name].build(env, clock=lambda: self.clock.now / 1000, **more)
        return built


@contextmanager
def frugal(pack: Pack) -> Iterator[None]:
    """Run the block with rules and clients that are made once: both take longer than a story does."""
    with ExitStack() as stack:
        # Whoever asks for the same patience gets the same client.
        stack.enter_context(patch.object(boto3, "client", _kept(boto3.client)))
        for module in (process, sweep):
            stack.enter_context(patch.object(module, "load", lambda _: pack))
        yield


def _kept(make: Callable[..., Any]) -> Callable[..., Any]:
    made: dict[str, Any] = {}

    def kept(service: str, *, config: Any, **more: Any) -> Any:
        key = f"{service} {config.retries}"
        if key not in made:
            made[key] = make(service, config=config, **more)
        return made[key]

    return kept
