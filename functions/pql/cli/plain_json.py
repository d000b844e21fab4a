"""JSON as `--json` gives it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def plain_json(document: Any, default: Callable[[Any], Any] | None = None) -> str:
    """Return a document for programs that people may read, too: indented, with letters as they are."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=default)
