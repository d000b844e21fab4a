"""Parquet: what exporters write gives the events that the lines they came from give."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.events import START
from pql.adapters.event_lines import LineReader, Unread
from pql.adapters.event_parquet import Table
from pql.adapters.event_shape import shape_of
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


TEXTS = st.sampled_from(["", " ", "ada", "acme", 'ü\n"', "u" * 200, "x" * 20_000]) | st.none()
TIMES = st.sampled_from(["2025-01-01T00:00:00.000Z", "yesterday"]) | st.none()
MOMENTS = st.sampled_from([START, START + 5, 1735689600, -5]) | st.none()
DEEP, LONG = '{"a":' * 40 + "1" + "}" * 40, json.dumps({"a": "x" * 200_000})
OBJECTS = (
    st.sampled_from(
        [
            '{"groupId": "acme"}',
            '{"groupId": 7, "a": [[1]]}',
            "{}",
            "[]",
            '{"a"',
            '{"a": NaN}',
            " {}",
            DEEP,
            LONG,
        ]
    )
    | st.none()
)
COLUMNS: dict[str, tuple[Any, Any]] = {
    "type": (
        st.sampled_from(["track", "identify", "group", "page", "Track", "alias", "?"]) | st.none(),
        pa.string(),
    ),
    "message_id": (st.sampled_from(["m1", "m2", ""]) | st.none(), pa.string()),
    "id": (st.integers(0, 3) | st.none(), pa.int64()),
    "userId": (TEXTS, pa.string()),
    "anonymous_id": (st.integers(-2, 2) | st.none(), pa.int32()),
    "previousId": (TEXTS, pa.string()),
    "group_id": (TEXTS, pa.dictionary(pa.int8(), pa.string())),
    "event": (TEXTS, pa.string()),
    "event_text": (TEXTS, pa.large_string()),
    "name": (TEXTS, pa.string()),
    "received_at": (MOMENTS, pa.timestamp("ms", tz="UTC")),
    "timestamp": (TIMES, pa.string()),
    "sent_at": (MOMENTS, pa.int64()),
    "original_timestamp": (TIMES, pa.string()),
    "context_group_id": (TEXTS, pa.string()),
    "context": (OBJECTS, pa.string()),
    "traits": (OBJECTS, pa.string()),
    "properties_plan": (st.floats() | st.none(), pa.float64()),
    "pages": (st.booleans() | st.none(), pa.bool_()),
    "parts": (st.lists(st.integers(0, 2), max_size=2) | st.none(), pa.list_(pa.int64())),
}


@st.composite
def batches(draw: st.DrawFn) -> Any:
    """Draw a few rows of a table; most say who, what and when."""
    chosen = draw(st.lists(st.sampled_from([*COLUMNS]), unique=True))
    names = list(dict.fromkeys(["userId", "received_at", "event", "context_group_id", "message_id", *chosen]))
    rows = draw(st.integers(1, 4))
    values = [draw(st.lists(COLUMNS[name][0], min_size=rows, max_size=rows)) for name in names]
    columns = [pa.array(one, COLUMNS[name][1]) for name, one in zip(names, values, strict=True)]
    return pa.record_batch(columns, names=names)


@given(batches(), st.sampled_from([None, "track", "identify"]))
def test_rows_say_what_their_lines_say(batch: Any, kind: str | None) -> None:
    """Whatever a table holds, it is read as if each of its rows were written as a line and read again."""
    table, reader, unread = (
        Table(batch, kind, shape_of(batch.schema, kind)),
        LineReader("file", Unread()),
        Unread(),
    )
    found = reader.block(table.lines()) if table.sents is None else reader.rows(table.sents, table.line)
    expected = LineReader("file", unread).block(table.lines())

    assert plain(expected) == plain(found)
    assert unread == reader._unread


def test_ordinary_rows_need_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the law above is about something."""
    batch = pa.record_batch({name: pa.array(column(name)) for name in ITEMS[0]})
    table = Table(batch, None, shape_of(batch.schema, None))
    monkeypatch.setattr(table, "line", None)

    assert 3 == len(LineReader("file", Unread()).rows(table.sents or [], table.line))


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
    with pytest.raises(PqlError, match=r"pip install -e '.\[parquet\]'"):
        [*open_events([file]).events()]
