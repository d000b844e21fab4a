"""What rows of a table say as senders say it, column by column: none is written as a line and read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import msgspec

from pql.adapters.event_columns import OBJECTS, WEAK, folded, holds_lines, place, values_of
from pql.adapters.event_sent import LINE_LIMIT, Sent
from pql.core.event import NOTHING
from pql.core.strict_json import DEPTH_LIMIT

_ENCODER = msgspec.json.Encoder()
_read = msgspec.json.Decoder(msgspec.Raw).decode
_NULL = msgspec.Raw(b"null")
_IDS = ("messageId", "userId", "anonymousId", "previousId", "groupId")
_TIMES = ("receivedAt", "sentAt", "timestamp", "originalTimestamp")
_FIELDS = (
    *("type", *_IDS, "event", "name", "category"),
    *_TIMES,
    *("properties", "traits", "context"),
)
# So many different objects of a table are remembered as they are written.
_KEPT = 4_096
# In JSON a character of a text takes six bytes at most.
_TEXT_LIMIT = LINE_LIMIT // 2 // 6
_OBJECT_LIMIT = LINE_LIMIT // 8
# Around an object is that of the event.
_BRACKETS = (DEPTH_LIMIT - 1) // len(OBJECTS)


class _Part(NamedTuple):
    """A column that is part of an object: its number in the table, its name there, if it is remembered."""

    column: int
    name: str
    is_plain: bool


class _Object:
    """One of an event's objects: a column of them, or columns that are its parts."""

    def __init__(self) -> None:
        self.whole: int | None = None
        self.parts: list[_Part] = []
        self._known: dict[tuple[Any, ...], msgspec.Raw] = {}

    @property
    def is_clear(self) -> bool:
        """Return whether nothing stands in it twice."""
        names = [part.name for part in self.parts]
        return len({*names}) == len(names) and (self.whole is None or not names)

    def written(self, columns: Sequence[Sequence[Any]]) -> Iterator[msgspec.Raw]:
        """Yield the object of each row; what lines alone can tell is null."""
        if self.whole is not None:
            return map(_written, columns[self.whole])
        return self._together(columns)

    def _together(self, columns: Sequence[Sequence[Any]]) -> Iterator[msgspec.Raw]:
        names = [part.name for part in self.parts]
        rows = zip(*(columns[part.column] for part in self.parts), strict=True)
        if not all(part.is_plain for part in self.parts):
            for row in rows:
                yield _joined(names, row)
            return
        known = self._known
        for row in rows:
            raw = known.get(row)
            if raw is None:
                if len(known) >= _KEPT:
                    known.clear()
                raw = known[row] = _joined(names, row)
            yield raw


class Shape:
    """How the columns of a table become what its rows say (`shape_of`); ids may be numbers."""

    def __init__(
        self, kind: str | None, fields: dict[str, list[int]], objects: dict[str, _Object], numbers: set[str]
    ) -> None:
        self._kind = kind
        self._numbers = numbers
        self._fields = fields
        self._objects = objects

    def __call__(self, batch: Any) -> list[Sent] | None:
        """Return what the rows say; None if some may be so long that lines have to be looked at."""
        whole = {one.whole for one in self._objects.values()}
        if not _is_short([one for index, one in enumerate(batch.columns) if index not in whole]):
            return None
        columns = [*map(values_of, batch.columns)]
        told: dict[str, Any] = {
            name: _merged([columns[one] for one in found]) for name, found in self._fields.items()
        }
        for name in self._numbers:
            told[name] = [None if one is None else str(one) for one in told[name]]
        told["type"] = self._types(told, batch.num_rows)
        objects = {name: one.written(columns) for name, one in self._objects.items()}
        sources = [
            objects.get(name, repeat(NOTHING)) if name in OBJECTS else told.get(name, repeat(None))
            for name in _FIELDS
        ]
        return [Sent(*row) for row in zip(*sources)]  # noqa: B905 - what is repeated has no end

    def _types(self, told: dict[str, Sequence[Any]], rows: int) -> Sequence[Any]:
        said, names = told.get("type", [None] * rows), told.get("event", [None] * rows)
        other = self._kind or "track"
        return [
            one if one is not None else other if self._kind or name is not None else None
            for one, name in zip(said, names, strict=True)
        ]


def shape_of(schema: Any, kind: str | None) -> Shape | None:
    """Return how the rows of a table say what they say; None where only lines tell.

    `schema` is Arrow's, `kind` the type of calls that say none.
    """
    if holds_lines(schema.names):
        return None
    fields: dict[str, list[int]] = {}
    objects: dict[str, _Object] = {}
    numbers: set[str] = set()
    order = sorted(range(len(schema.names)), key=lambda index: folded(schema.names[index]) not in WEAK)
    for index in order:
        outer, inner = place(schema.names[index], kind)
        form = _form(schema.types[index])
        if inner:
            objects.setdefault(outer, _Object()).parts.append(_Part(index, inner, form != "float"))
        elif outer in OBJECTS:
            held = objects.setdefault(outer, _Object())
            if held.whole is not None:
                return None
            held.whole = index
        else:
            fields.setdefault(outer, []).append(index)
            numbers |= {outer} if form == "whole" and outer in _IDS else set()
        if not _is_fit(form, outer, inner):
            return None
    is_clear = all(one.is_clear for one in objects.values())
    return Shape(kind, fields, objects, numbers) if is_clear else None


def _is_fit(form: str, outer: str, inner: str) -> bool:
    """Return whether a column has a form that needs no lines."""
    if inner:
        return form in ("text", "moment", "whole", "float", "truth", "nothing")
    if outer in OBJECTS:
        return form in ("text", "nested", "nothing")
    if outer in _IDS:
        return form in ("text", "whole", "nothing")
    return form in ("text", "nothing") or (outer in _TIMES and form in ("moment", "whole"))


def _form(kind: Any) -> str:
    from pyarrow import types  # noqa: PLC0415 - an extra

    if types.is_dictionary(kind):
        return "text" if types.is_string(kind.value_type) else "other"
    forms = (
        ("text", (types.is_string, types.is_large_string)),
        ("moment", (types.is_timestamp,)),
        ("whole", (types.is_integer,)),
        ("float", (types.is_floating,)),
        ("truth", (types.is_boolean,)),
        ("nothing", (types.is_null,)),
        ("nested", (types.is_struct, types.is_map)),
    )
    return next((name for name, tests in forms if any(test(kind) for test in tests)), "other")


def _is_short(columns: Sequence[Any]) -> bool:
    """Return whether the texts of a row, however they are put together, make no long line."""
    from pyarrow import compute, types  # noqa: PLC0415 - an extra

    longest = 0
    for column in columns:
        held = column.dictionary if types.is_dictionary(column.type) else column
        if types.is_string(held.type) or types.is_large_string(held.type):
            longest += compute.max(compute.binary_length(held)).as_py() or 0
    return longest + 100 * len(columns) <= _TEXT_LIMIT


def _merged(columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Return what stands last in each row, of what stands there at all."""
    first, *others = columns
    for other in others:
        first = [one if later is None else later for one, later in zip(first, other, strict=True)]
    return first


def _joined(names: Sequence[str], row: Sequence[Any]) -> msgspec.Raw:
    found = {name: value for name, value in zip(names, row, strict=True) if value is not None}
    return msgspec.Raw(_ENCODER.encode(found)) if found else NOTHING


def _written(value: Any) -> msgspec.Raw:
    """Return an object as it is written; null for what is none, or should be looked at as a line."""
    if value is None:
        return NOTHING
    try:
        text = value.encode() if isinstance(value, str) else _ENCODER.encode(dict(value))
        if len(text) > _OBJECT_LIMIT or text.count(b"{") + text.count(b"[") > _BRACKETS or b"\n" in text:
            return _NULL
        return _read(text)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return _NULL
