"""Columns of tables: those of Segment's spec and of its warehouses, as lines that an SDK could have sent.

Names may be written `messageId` or `message_id`. `id` stands for the message id, `event_text` goes before
`event` (warehouses keep the name of the event there), and a table named after its calls (`tracks`,
`identifies`, `groups`, `pages`, `screens`, `aliases`) needs no `type`. `properties`, `traits` and `context`
are structs, maps or JSON text. Columns that begin with `context_` belong to the context, `traits_` to the
traits, `properties_` to the properties, and what else a table has is a property, or a trait of an identify or
group.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()
_TABLES = {
    "tracks": "track",
    "identifies": "identify",
    "groups": "group",
    "pages": "page",
    "screens": "screen",
    "aliases": "alias",
}
_FIELDS = {
    "type": "type",
    "messageid": "messageId",
    "id": "messageId",
    "userid": "userId",
    "anonymousid": "anonymousId",
    "previousid": "previousId",
    "groupid": "groupId",
    "event": "event",
    "eventtext": "event",
    "name": "name",
    "category": "category",
    "timestamp": "timestamp",
    "originaltimestamp": "originalTimestamp",
    "sentat": "sentAt",
    "receivedat": "receivedAt",
    "properties": "properties",
    "traits": "traits",
    "context": "context",
}
OBJECTS = ("context", "traits", "properties")
# Where two columns stand for the same, the later of these is taken.
WEAK = ("id", "event")


def kind_of(path: str) -> str | None:
    """Return the type of the calls in a table that is named after them."""
    return _TABLES.get(path.rpartition("/")[2].split(".")[0].lower()) or _TABLES.get(
        path.split("/")[-2].lower() if "/" in path else ""
    )


def holds_lines(names: Sequence[str]) -> bool:
    """Return whether the one column of a table holds JSON."""
    return len(names) == 1 and folded(names[0]) not in _FIELDS


def lines(batch: Any, kind: str | None) -> bytes:
    """Return the rows of a batch as lines; `kind` is the type of those that say none."""
    names = batch.schema.names
    columns = [*map(values_of, batch.columns)]
    if holds_lines(names):
        return b"".join(_line(value) for value in columns[0])
    return _ENCODER.encode_lines(_items(batch.num_rows, names, columns, kind))


def _line(value: Any) -> bytes:
    text = value.encode() if isinstance(value, str) else value
    # In JSON an end of line is space.
    return (text if isinstance(text, bytes) else _ENCODER.encode(value)).replace(b"\n", b" ") + b"\n"


def _items(
    number: int, names: Sequence[str], columns: Sequence[list[Any]], kind: str | None
) -> list[dict[str, Any]]:
    places = [place(name, kind) for name in names]
    if len({outer for outer, _ in places}) == len(places) and not any(inner for _, inner in places):
        items = _plain_items([outer for outer, _ in places], columns)
    else:
        items = _pieced_items(number, names, places, columns)
    for item in items:
        if "type" not in item and (kind or "event" in item):
            item["type"] = kind or "track"
    return items


def _plain_items(fields: Sequence[str], columns: Sequence[list[Any]]) -> list[dict[str, Any]]:
    """Return the items of columns that are a field each; JSON text is written as it is."""
    read = [
        [_raw(value) for value in column] if field in OBJECTS else column
        for field, column in zip(fields, columns, strict=True)
    ]
    return [
        {field: value for field, value in zip(fields, row, strict=True) if value is not None}
        for row in zip(*read, strict=True)
    ]


def _pieced_items(
    number: int, names: Sequence[str], places: Sequence[tuple[str, str]], columns: Sequence[list[Any]]
) -> list[dict[str, Any]]:
    """Return the items of columns of which some are parts of an object, or stand for the same field."""
    order = sorted(range(len(names)), key=lambda index: folded(names[index]) not in WEAK)
    items: list[dict[str, Any]] = [{} for _ in range(number)]
    for index in order:
        outer, inner = places[index]
        for item, value in zip(items, columns[index], strict=True):
            if value is not None:
                _put(item, outer, inner, value)
    return items


def _raw(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{") and "\n" not in value:
        return msgspec.Raw(value)
    value = _decoded(value) if isinstance(value, str | bytes) else value
    return dict(value) if isinstance(value, list) else value  # maps come as pairs


def _put(item: dict[str, Any], outer: str, inner: str, value: Any) -> None:
    if inner:
        held = item.setdefault(outer, {})
        if isinstance(held, dict):
            held.setdefault(inner, value)
    elif outer in OBJECTS:
        value = _decoded(value) if isinstance(value, str | bytes) else value
        value = dict(value) if isinstance(value, list) else value  # maps come as pairs
        held = item.get(outer)
        item[outer] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    else:
        item[outer] = value


def place(name: str, kind: str | None) -> tuple[str, str]:
    """Return the field of an event that a column is, and for part of an object its name inside."""
    if field := _FIELDS.get(folded(name)):
        return field, ""
    for outer in OBJECTS:
        if name.startswith(f"{outer}_"):
            inner = name.removeprefix(f"{outer}_")
            return outer, "groupId" if (outer, folded(inner)) == ("context", "groupid") else inner
    return ("traits" if kind in ("identify", "group") else "properties"), name


def folded(name: str) -> str:
    """Return a column's name without what differs between ways to write it."""
    return name.replace("_", "").lower()


def values_of(column: Any) -> list[Any]:
    """Return the values of a column; times as epoch milliseconds."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("ms", tz=kind.tz), safe=False).cast(pa.int64())
    elif pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    values: list[Any] = column.to_pylist()
    return values


def _decoded(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value
