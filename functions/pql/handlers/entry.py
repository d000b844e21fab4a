"""How a module of this package becomes a Lambda function without doing anything at import.

The runtime writes the message of an exception into the log. Ours never hold what somebody sent, others may:
they leave here by the name of their type, with the way they came.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from pql.core.errors import PqlError

Handler = Callable[[Any, Any], Any]
# So many objects an invocation makes before it looks for cycles. Accounts and events hold none: they go once
# nobody holds them, and to look through them after every 700 takes a tenth of the time of a batch.
COLLECT_AFTER = 50_000


class Unforeseen(Exception):
    """Something that nobody thought of; its message is the type of what it was."""


def entry(build: Callable[[Mapping[str, str]], Handler]) -> Callable[[str], Handler]:
    """Return a module `__getattr__` that builds `handler` from the environment on first access.

    The Lambda runtime looks the attribute up once, in its init phase, where a failure is loud.
    """
    module = build.__module__

    def find(name: str) -> Handler:
        if name != "handler":
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        handler = discreet(build(os.environ))
        # What init has made stays: no collection of a later invocation need look through it again.
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        setattr(sys.modules[module], name, handler)
        return handler

    return find


def discreet(handler: Handler) -> Handler:
    """Return the handler, such that no exception of its own tells what was in an event."""

    def handle(event: Any, context: Any) -> Any:
        try:
            return handler(event, context)
        except PqlError:
            raise
        except Exception as error:  # noqa: BLE001 - it goes on, under another name
            told = Unforeseen(type(error).__name__)
            raise told.with_traceback(error.__traceback__) from None

    return handle
