"""An explanation as JSON: the fields of `pql.engine.explain`, with times as ISO 8601."""

from __future__ import annotations

import msgspec

from pql.cli.plain_json import plain_json
from pql.core.dated import dated
from pql.engine.explain import Explanation

_TIMES = frozenset(
    {
        *("answered", "as_of", "at", "changed", "comes", "converted_at", "cooldown_until"),
        *("created", "fired", "last", "until"),
    }
)


def document(explanation: Explanation) -> str:
    """Return the JSON document."""
    return plain_json(dated(msgspec.to_builtins(explanation), _TIMES))
