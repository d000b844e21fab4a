"""Conversions as a file gives them: who became a customer, and when.

```csv
account_id,converted_at
northwind,2026-03-01
```

or a JSON object a line with the same two fields. An id names an account, or a user.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pql.core.errors import PqlError
from pql.core.times import written_time

# What files that are about call them, `account_id` and `converted_at` first.
IDS = ("account_id", "accountId", "account", "groupId", "group_id", "user_id", "userId", "id")
TIMES = ("converted_at", "convertedAt", "timestamp", "time", "date")


def conversions(lines: Iterable[str], file: str) -> dict[str, int]:
    """Return the moment (epoch ms) of each id's first conversion.

    `file` is what errors call it. Raises `PqlError`, with the place, for a line that says none.
    """
    found: dict[str, int] = {}
    for name, at in _rows(lines, file):
        found[name] = min(at, found.get(name, at))
    if not found:
        raise PqlError(f"{file} has no conversion in it: it should begin with `account_id,converted_at`")
    return found


def _rows(lines: Iterable[str], file: str) -> Iterator[tuple[str, int]]:
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip("\ufeff \t\r\n"))
    first = next(numbered, None)
    if first is None:
        return
    first = (first[0], first[1].lstrip("\ufeff "))
    if first[1].startswith("{"):
        yield from (_of_object(line, f"{file}:{number}") for number, line in (first, *numbered))
        return
    header = _cells(first[1], f"{file}:{first[0]}")
    id_at, time_at = (_column(header, legal, f"{file}:{first[0]}") for legal in (IDS, TIMES))
    for number, line in numbered:
        place = f"{file}:{number}"
        cells = _cells(line, place)
        if len(cells) != len(header):
            raise PqlError(f"{place}: expected {len(header)} cells as in the first line, got {len(cells)}")
        yield _row(cells[id_at], cells[time_at], place)


def _cells(line: str, place: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], strict=True))]
    except csv.Error as error:
        raise PqlError(f"{place}: {error}") from error


def _column(header: list[str], legal: tuple[str, ...], place: str) -> int:
    for name in legal:
        if name in header:
            return header.index(name)
    raise PqlError(f"{place}: no column `{legal[0]}` in {', '.join(header)}")


def _of_object(line: str, place: str) -> tuple[str, int]:
    try:
        item: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise PqlError(f"{place}: {error}") from error
    if not isinstance(item, dict):
        raise PqlError(f"{place}: expected an object with `{IDS[0]}` and `{TIMES[0]}`")
    name, at = (next((item[one] for one in legal if one in item), None) for legal in (IDS, TIMES))
    return _row(name, at, place)


def _row(name: Any, at: Any, place: str) -> tuple[str, int]:
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name:
        raise PqlError(f"{place}: no `{IDS[0]}`")
    found = written_time(at)
    if found is None:
        raise PqlError(f"{place}: {at!r} is no time such as 2026-03-01 or 2026-03-01T12:00:00Z")
    return name, found
