"""Plain data with its moments as people and programs read them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pql.core.plain_words import iso


def dated(node: Any, names: Collection[str]) -> Any:
    """Return the data with ISO 8601 for every whole number (epoch ms) in a field of one of these names."""
    if isinstance(node, dict):
        return {
            key: iso(value)
            if key in names and isinstance(value, int) and not isinstance(value, bool)
            else dated(value, names)
            for key, value in node.items()
        }
    return [dated(one, names) for one in node] if isinstance(node, (list, tuple)) else node
