"""An explanation as JSON: the fields of `pql.engine.explain`, with times as ISO 8601."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from pql.core.plain_words import iso
from pql.engine.explain import Explanation

_TIMES = frozenset(
    {
        *("as_of", "at", "changed", "comes", "converted_at", "cooldown_until"),
        *("created", "fired", "last", "until"),
    }
)


def document(explanation: Explanation) -> str:
    """Return the JSON document."""
    return json.dumps(_plain(msgspec.to_builtins(explanation)), indent=2, ensure_ascii=False)


def _plain(node: Any, name: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _plain(value, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(one) for one in node]
    return iso(node) if name in _TIMES and isinstance(node, int) else node
