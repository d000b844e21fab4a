"""`pql archive`: what an operator types and reads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fakes.events import DAY, START, event
from pql.adapters.event_sources import open_events
from pql.adapters.s3_archive import S3Archive
from pql.cli import archive as command
from pql.cli.main import main

Captured = pytest.CaptureFixture[str]
NAME = "archive"


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return what writes to the archive of a deployed stack."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("PQL_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("pql.adapters.stack_resources.resources", lambda *_: {"Archive": NAME})
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=NAME)
        yield S3Archive(client, NAME)


def fill(archive: S3Archive) -> None:
    """Count three deliveries on two days."""
    archive.append([("a:acme", event("m2", at=2)), ("a:initech", event("m1", at=1))], f"{START + 10:013}-r")
    archive.append([("a:acme", event("m3", at=3))], f"{START + 20:013}-r")
    archive.append([("a:acme", event("m4", at=DAY))], f"{START + DAY:013}-r")


def test_days(archive: S3Archive, capsys: Captured) -> None:
    """`ls` says what each day holds; how many events, where names of objects say so or it may look."""
    fill(archive)
    main(["archive", "ls", "--json"])
    main(["archive", "ls", "--json", "--count", "--to", "2025-01-01"])
    before, counted = capsys.readouterr().out.split("]\n[")
    main(["archive", "compact"])
    capsys.readouterr()
    main(["archive", "ls"])

    assert [("2025-01-01", 2, 0, None), ("2025-01-02", 1, 0, None)] == shown(before + "]")
    assert [("2025-01-01", 2, 0, 3)] == shown("[" + counted)
    assert [
        ["day", "objects", "merged", "size", "events"],
        ["2025-01-01", "1", "1", "3"],
        ["2025-01-02", "1", "0", "?"],
    ] == [
        [*words[:3], *words[5:]] if words[0] != "day" else words
        for words in (line.split() for line in capsys.readouterr().out.splitlines())
    ]


def test_days_are_chosen_by_both_ends(archive: S3Archive, capsys: Captured) -> None:
    """Both included, and one day alone is from itself to itself."""
    fill(archive)
    for days in (["--from", "2025-01-02"], ["--from", "2025-01-01", "--to", "2025-01-01"]):
        main(["archive", "ls", "--json", *days])
    first, second = capsys.readouterr().out.split("]\n[")

    assert ["2025-01-02"] == [day for day, *_ in shown(first + "]")]
    assert ["2025-01-01"] == [day for day, *_ in shown("[" + second)]


@pytest.mark.parametrize(
    ("size", "told"),
    [(999, "999 B"), (1_000, "1.0 kB"), (2_340_000, "2.3 MB"), (10**13, "10.0 TB"), (10**16, "10000.0 TB")],
)
def test_a_size_is_told_in_thousands(size: int, told: str) -> None:
    """As disks are sold; nothing is larger than terabytes."""
    assert told == command._size(size)


def shown(text: str) -> list[tuple[Any, ...]]:
    """Return what `ls --json` prints, without sizes."""
    return [(one["day"], one["objects"], one["merged"], one["events"]) for one in json.loads(text)]


def test_lines_of_a_day(archive: S3Archive, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`get` prints lines as they were counted, all or those of an account."""
    fill(archive)
    main(["archive", "get", "2025-01-01"])
    every = capfdbinary.readouterr().out
    main(["archive", "get", "2025-01-01", "--account", "acme"])
    of_acme = capfdbinary.readouterr().out

    assert [event(name).id for name in ("m2", "m1", "m3")] == ids(every)
    assert [event(name).id for name in ("m2", "m3")] == ids(of_acme)


def ids(lines: bytes) -> list[str]:
    """Return the ids of events in lines."""
    return [json.loads(line)["event"]["id"] for line in lines.splitlines()]


@pytest.mark.parametrize("line", [b'{"broken', b"[" * 100_000, b'"\xff"'], ids=["cut", "deep", "latin"])
def test_a_line_that_is_none_is_told_by_its_object(archive: S3Archive, line: bytes, capsys: Captured) -> None:
    """Whoever damaged it has to put it right; whose it is cannot be said."""
    fill(archive)
    key = f"events/day=2025-01-01/{START + 30:013}-r.jsonl.gz"
    boto3.client("s3", region_name="us-east-1").put_object(Bucket=NAME, Key=key, Body=gzip.compress(line))
    code = main(["archive", "get", "2025-01-01", "--account", "acme"])

    assert 1 == code
    assert capsys.readouterr().err.startswith(f"pql archive: {key} is no part of the archive: ")


def test_days_in_files(archive: S3Archive, tmp_path: Path, capsys: Captured) -> None:
    """`get --out` writes a file a day that every reader of events takes, in the order of counting."""
    fill(archive)
    code = main(["archive", "get", "2025-01-02", "2025-01-01", "2025-01-05", "--out", str(tmp_path)])

    assert 0 == code
    assert ["m2", "m1", "m3", "m4"] == [
        next(name for name in ("m1", "m2", "m3", "m4") if event(name).id == one.id)
        for one in open_events([tmp_path]).events()
    ]
    assert "nothing was counted on 2025-01-05" in capsys.readouterr().err


def test_a_day_without_lines_is_said(
    archive: S3Archive, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As `grep` does: 1 if there is nothing at all, for an account as for all of them."""
    fill(archive)
    days, out = ("2025-01-02", "2025-01-05"), ("--out", str(tmp_path / "days"))

    assert 1 == main(["archive", "get", "2025-01-05"])
    assert ("", "pql archive: nothing was counted on 2025-01-05\n") == capfd.readouterr()
    assert 1 == main(["archive", "get", *days, *out, "--account", "initech"])
    assert "pql archive: nothing was counted for initech on 2025-01-02\n" in capfd.readouterr().err
    assert not (tmp_path / "days").exists()
    assert 0 == main(["archive", "get", *days])
    assert "nothing was counted on 2025-01-05" in capfd.readouterr().err


def test_days_that_cannot_be_written_are_not_read(
    archive: S3Archive, tmp_path: Path, capsys: Captured
) -> None:
    """A file is no directory."""
    fill(archive)
    (tmp_path / "file").touch()

    assert 1 == main(["archive", "get", "2025-01-02", "--out", str(tmp_path / "file")])
    assert f"pql archive: {tmp_path / 'file'} cannot be written" in capsys.readouterr().err


def test_days_that_nobody_reads_are_not_fetched(
    archive: S3Archive, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind `>&-`: it says what to type. Files need no reader."""
    fill(archive)
    monkeypatch.setattr("sys.stdout", None)

    assert 2 == main(["archive", "get", "2025-01-01"])
    assert "pql archive: nobody reads the lines: standard output is closed; --out DIR writes files\n" == (
        capsys.readouterr().err
    )
    assert 0 == main(["archive", "get", "2025-01-01", "--out", str(tmp_path)])
    assert 3 == sum(1 for _ in open_events([tmp_path]).events())


def test_compaction(archive: S3Archive, capsys: Captured) -> None:
    """`compact` says what became of what, and the second time that there is nothing to do."""
    fill(archive)
    main(["archive", "compact"])
    first = capsys.readouterr().out.splitlines()
    main(["archive", "compact", "--json"])

    assert "2025-01-01  2 objects merged" == first[0]
    assert first[1].startswith("2 objects (")
    assert {
        "merged": 0,
        "into": 0,
        "bytes": 0,
        "repeats_left_out": 0,
        "days": {},
        "unread": [],
    } == json.loads(capsys.readouterr().out)


def test_an_empty_archive(archive: S3Archive, capsys: Captured) -> None:
    """An archive without events is no error."""
    assert (0, 0) == (main(["archive", "ls"]), main(["archive", "compact"]))
    assert ["nothing is in the archive"] * 2 == capsys.readouterr().out.splitlines()
    main(["archive", "ls", "--from", "2025-01-02", "--to", "2025-01-03"])
    assert "nothing is in the archive from 2025-01-02 to 2025-01-03\n" == capsys.readouterr().out


def test_days_that_do_not_follow(capsys: Captured) -> None:
    """Days in the wrong order are refused before anything is looked up."""
    assert 2 == main(["archive", "ls", "--from", "2025-01-02", "--to", "2025-01-01"])
    assert "pql archive: --from 2025-01-02 is after --to 2025-01-01\n" == capsys.readouterr().err
