"""Parquet: what exporters write gives the events that the lines they came from give."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.events import START
from pql.adapters.event_sources import open_events
from pql.core.errors import Poison, PqlError
from pql.core.event import Event

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
ITEMS: list[dict[str, Any]] = [
    {
        "type": "track",
        "event": "Report Created",
        "messageId": f"m{number}",
        "userId": "ada",
        "anonymousId": "phone",
        "receivedAt": f"2025-01-01T00:00:0{number}.000Z",
        "timestamp": "2025-01-01T00:00:00.000Z",
        "context": {"groupId": "acme"},
        "properties": {"pages": number, "kind": "weekly"},
    }
    for number in range(1, 4)
]
NOON = dt.datetime(2025, 1, 1, 12, tzinfo=dt.UTC)


def of_lines(path: Path) -> list[Event]:
    """Return the events of the same items as lines."""
    file = path / "events.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    return [*open_events([file]).events()]


def of_table(path: Path, columns: dict[str, Any], name: str = "events.parquet") -> list[Event]:
    """Return the events of a Parquet file."""
    file = path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), file)
    return [*open_events([file]).events()]


def plain(events: list[Event]) -> list[Any]:
    """Return events with their objects decoded."""
    return [msgspec.json.decode(msgspec.json.encode(one)) for one in events]


def column(name: str) -> list[Any]:
    """Return a field of all items."""
    return [item[name] for item in ITEMS]


@pytest.mark.parametrize("form", ["struct", "text", "map"])
def test_columns_of_the_spec(form: str, tmp_path: Path) -> None:
    """Columns named as in Segment's spec make the same events, whatever form objects have."""
    columns: dict[str, Any] = {name: column(name) for name in ITEMS[0]}
    if form == "text":
        columns |= {name: [json.dumps(one) for one in column(name)] for name in ("context", "properties")}
    elif form == "map":
        columns["context"] = pa.array(
            [[*one.items()] for one in column("context")], pa.map_(pa.string(), pa.string())
        )

    assert plain(of_lines(tmp_path)) == plain(of_table(tmp_path, columns))


def test_columns_of_snakes_and_moments(tmp_path: Path) -> None:
    """Names may be written with underscores, times be timestamps, and the context's parts be columns."""
    columns = {
        "type": column("type"),
        "message_id": column("messageId"),
        "user_id": column("userId"),
        "anonymous_id": column("anonymousId"),
        "event": column("event"),
        "context_group_id": ["acme"] * 3,
        "received_at": pa.array([START + 1000 * at for at in (1, 2, 3)], pa.timestamp("ms")),
        "timestamp": pa.array([START * 1_000_000] * 3, pa.timestamp("ns", tz="UTC")),
        "properties": [json.dumps(one) for one in column("properties")],
    }

    assert plain(of_lines(tmp_path)) == plain(of_table(tmp_path, columns))


def test_table_of_a_warehouse(tmp_path: Path) -> None:
    """A table named after its calls needs no type; the event's own name goes before that of its table."""
    columns = {
        "id": column("messageId"),
        "event": ["report_created"] * 3,
        "event_text": column("event"),
        "user_id": column("userId"),
        "anonymous_id": column("anonymousId"),
        "context_group_id": ["acme"] * 3,
        "received_at": column("receivedAt"),
        "timestamp": column("timestamp"),
        "pages": [1, 2, 3],
        "kind": ["weekly"] * 3,
    }
    rest = {name: values for name, values in columns.items() if not name.startswith("event")}
    traits = of_table(tmp_path, rest, "warehouse/identifies/part-0.parquet")

    assert plain(of_lines(tmp_path)) == plain(of_table(tmp_path, columns, "tracks.parquet"))
    assert ["identify"] * 3 == [one.type for one in traits]
    assert {"pages": 1, "kind": "weekly"} == msgspec.json.decode(traits[0].traits)


def test_one_column_of_json(tmp_path: Path) -> None:
    """A single column holds lines, those of the archive for one."""
    lines = [msgspec.json.encode({"subject": "a:acme", "event": one}) for one in of_lines(tmp_path)]

    assert plain(of_lines(tmp_path)) == plain(of_table(tmp_path, {"line": lines}))
    assert plain(of_lines(tmp_path)) == plain(
        of_table(tmp_path, {"line": [json.dumps(item) for item in ITEMS]})
    )


def test_rows_that_are_none(tmp_path: Path) -> None:
    """A row that is no event is told as a line is."""
    source_columns = {
        "type": ["track", "track"],
        "event": ["A", None],
        "user_id": ["ada", "ada"],
        "received_at": [NOON, NOON],
    }
    file = tmp_path / "events.parquet"
    pq.write_table(pa.table(source_columns), file)
    source = open_events([file])

    assert ["A"] == [one.name for one in source.events()]
    assert [f"{file}:2: a track call needs its event's name"] == source.places


def test_no_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is none says so, and a missing library says what to install."""
    file = tmp_path / "events.parquet"
    file.write_bytes(b"not parquet at all")
    with pytest.raises(Poison, match="no Parquet file"):
        [*open_events([file]).events()]

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(PqlError, match=r"pip install 'pql\[parquet\]'"):
        [*open_events([file]).events()]
