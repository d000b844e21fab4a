"""What is kept of a subject as JSON: all of it, times as ISO 8601, bytes in hex."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pql.cli.account.shown import Shown
from pql.cli.plain_json import plain_json
from pql.core.account import Row
from pql.core.dated import dated
from pql.core.lead_reference import reference
from pql.core.plain_words import iso
from pql.core.window import MINUTE, SECOND
from pql.engine.contents import Contents

_TIMES = frozenset(
    {"account_at", "as_of", "at", "clock", "cooldown_until", "fired", "last", "profile_at", "user_at"}
)


def document(found: Sequence[Shown]) -> str:
    """Return the JSON document; fields may be added, none is renamed."""
    return plain_json([_one(one) for one in found], default=bytes.hex)


def _one(shown: Shown) -> dict[str, Any]:
    kept, row = shown.kept, shown.kept.row
    return {
        "subject_key": kept.subject,
        "version": row.version if row else None,
        "bytes": kept.size,
        "touched": _iso(kept.touched),
        "wake": _iso(_ms(row.wake if row else None)),
        "expires": _iso(_ms(kept.expires)),
        "moved": row.moved if row else None,
        "scores": kept.scores,
        "unreadable": shown.unreadable,
        "contents": None if shown.contents is None else _contents(shown.contents),
        "ids": None if row is None or row.newer else _ids(row),
        "buckets": kept.buckets,
        "more_buckets": kept.has_more,
        "member": None if kept.member is None else dated(msgspec.to_builtins(kept.member), _TIMES),
        "origins": kept.origins,
        "leads": [reference(key) for key in kept.leads],
    }


def _contents(contents: Contents) -> dict[str, Any]:
    told: dict[str, Any] = dated(msgspec.to_builtins(contents, builtin_types=(bytes,)), _TIMES)
    told["editions"] = [edition(one) for one in contents.editions]
    return told | {"own": edition(contents.own)}


def edition(id: int) -> str:  # noqa: A002 - what it is called everywhere
    """Return an edition as its item in the table is called."""
    return f"{id:08x}"


def _ids(row: Row) -> dict[str, Any]:
    return {
        "grain": row.ledger.grain,
        "pending": [
            {"id": mark.id.hex(), "minute": iso(mark.minute * MINUTE) if mark.timed else None}
            for mark in row.ledger.marks()
        ],
    }


def _ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * SECOND


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)
