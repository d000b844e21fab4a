"""What converts, as commands about the past are told."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from fakes.pipes import piped
from pql.cli.past import again, converting, declare_jobs, declare_past
from pql.cli.sources import look_over
from pql.core.errors import PqlError
from pql.core.window import DAY
from pql.rules.load import parse
from pql.rules.pack import Pack

RULES = """\
signals: {reports: {count: Report Created}}
rules:
  busy: {when: {signal: reports, at_least: 2}, title: t, reason: r}
tests:
  - {name: two, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: none, timeline: [0d Other], expect: silent}
"""


def chosen(*words: str) -> argparse.Namespace:
    """Return what is chosen by these words."""
    parser = argparse.ArgumentParser()
    declare_past(parser)
    declare_jobs(parser)
    return parser.parse_args(words)


def pack(conversions: str = "") -> Pack:
    """Return a pack that names these conversions."""
    return parse({"rules.yaml": f"conversions: [{conversions}]\n{RULES}" if conversions else RULES})


def test_the_newest_rules_that_say_so_say_what_converts() -> None:
    """Both versions of a change are held against the same."""
    assert ["Order Paid"] == converting(chosen(), pack("Order Sent"), pack("Order Paid"))
    assert ["Order Sent"] == converting(chosen(), pack("Order Sent"), pack())


def test_events_by_name_go_before_what_rules_say() -> None:
    """Several of them, as they were typed."""
    words = ("--conversions", "Order Sent", "--conversions", "Order Paid")

    assert ["Order Sent", "Order Paid"] == converting(chosen(*words), pack("Trial Started"))


def test_a_pipe_is_a_file_of_conversions() -> None:
    """As a shell's `<(…)` is one: it is no name of an event."""
    with piped("account_id,converted_at\nacme,1970-01-02\n") as pipe:
        assert {"acme": DAY} == converting(chosen("--conversions", pipe), pack())


def test_what_can_be_read_once_is_not_read_again(tmp_path: Path) -> None:
    """Stdin and pipes, also beside files."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "events.jsonl").touch()
    file, pipe = str(tmp_path / "events.jsonl"), str(tmp_path / "pipe")

    assert [True, True, False, False] == [
        again(chosen(), what) is not None for what in ([file], [str(tmp_path)], [file, pipe], ["-"])
    ]


def test_a_file_tells_who_and_when(tmp_path: Path) -> None:
    """Its name says that it is one, or that it is there."""
    for name in ("won.csv", "won"):
        (tmp_path / name).write_text("account_id,converted_at\nacme,1970-01-02\n")

        assert {"acme": DAY} == converting(chosen("--conversions", str(tmp_path / name)), pack())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "nothing says what a conversion is"),
        (("--conversions", "gone.csv"), "there is no gone.csv"),
        (("--conversions", "latin.csv"), "latin.csv is not UTF-8"),
        (("--conversions", "."), ". is a directory: --conversions takes a file"),
        (("--conversions", "latin.csv", "--conversions", "Order Paid"), "one file, or names of events"),
    ],
    ids=str,
)
def test_what_says_nothing_is_told_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], expected: str
) -> None:
    """As an error of ours, without a trace."""
    monkeypatch.chdir(tmp_path)
    Path("latin.csv").write_bytes("account_id,converted_at\nmüller,1970-01-02\n".encode("latin-1"))

    with pytest.raises(PqlError, match=expected):
        converting(chosen(*words), pack())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--jobs", "0"), "a number of processes"),
        (("--jobs", "65"), "a number of processes such as 2, up to 64"),
        (("--lateness-days", "x"), "a number of days from 1 to 9999"),
        (("--lateness-days", "99999"), "a number of days from 1 to 9999"),
        (("--within", "soon"), "such as 7d"),
        (("--within", "36500d"), "36500d is longer than any history: at most 9999d"),
    ],
    ids=str,
)
def test_what_is_no_number_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: str
) -> None:
    """By the parser."""
    with pytest.raises(SystemExit):
        chosen(*words)
    assert expected in capsys.readouterr().err


def test_what_is_no_source_of_events_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, and what a directory holds beside events is told, but for the conversions themselves."""
    monkeypatch.chdir(tmp_path)
    Path("days", ".hidden").mkdir(parents=True)
    for name in (
        "a.jsonl",
        "won.csv",
        "b.txt",
        "c.txt",
        "d.txt",
        "e.txt",
        "README.md",
        "_SUCCESS",
        ".hidden/f.txt",
    ):
        Path("days", name).touch()
    look_over(["days", "-", "s3://bucket/prefix", "archive:2026-11-01.."], "pql diff", ["days/won.csv"])

    assert "pql diff: days: 4 files not read: b.txt, c.txt, d.txt and 1 more\n" == capsys.readouterr().err
    for name, expected in (("none.jsonl", "there is no none.jsonl"), ("days/won.csv", "holds no events")):
        with pytest.raises(PqlError, match=expected):
            look_over([name], "pql diff")
