"""How a module of this package becomes a Lambda function without doing anything at import."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

Handler = Callable[[Any, Any], Any]


def entry(build: Callable[[Mapping[str, str]], Handler]) -> Callable[[str], Handler]:
    """Return a module `__getattr__` that builds `handler` from the environment on first access.

    The Lambda runtime looks the attribute up once, in its init phase, where a failure is loud.
    """
    module = build.__module__

    def find(name: str) -> Handler:
        if name != "handler":
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        handler = build(os.environ)
        # What init has made stays: no collection of a later invocation need look through it again.
        gc.freeze()
        setattr(sys.modules[module], name, handler)
        return handler

    return find
