"""`pql rules lint`: what may not be meant, by itself and held against a sample of events."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from fakes.pipes import piped
from fakes.rule_directory import Captured, printed
from pql.cli.main import main


def test_the_shipped_rules_can_all_be_meant(capsys: Captured) -> None:
    """Nothing is to be said against what newcomers copy."""
    assert 0 == main(["rules", "lint", "--strict"])
    assert capsys.readouterr().out.endswith("nothing to say\n")


def test_findings_are_warnings_unless_strict(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """Told either way; `--strict` makes them a failure, `--json` a document."""
    events = tmp_path / "events.txt"
    # With the mark that programs of Windows begin a text with.
    events.write_text(
        "Integration Connected\nInvite Sent\nReport Creatd\nSubscription Started\n", encoding="utf-8-sig"
    )
    lint = ["rules", "lint", str(rules), "--events", str(events)]

    assert (0, 1) == (main(lint), main([*lint, "--strict"]))
    capsys.readouterr()
    assert 0 == main([*lint, "--json"])
    found = printed(capsys)
    assert {
        "file": "activation.yaml",
        "line": 13,
        "column": 12,
        "code": "unknown-event",
        "message": "nobody sends `Report Created`; did you mean `Report Creatd`?",
    } in found
    assert [] == [one for one in found if "sends `Integration Connected`" in one["message"]]


def test_a_test_that_could_never_fail_is_a_finding(rules: Path, capsys: Captured) -> None:
    """As any other, at its place in the file."""
    path = rules / "activation.yaml"
    text = path.read_text(encoding="utf-8")
    idle = "  - {name: idle, timeline: [0d Signed In], expect: silent}\n"
    path.write_text(f"{text}{idle}", encoding="utf-8")
    place = f"activation.yaml:{len(text.splitlines()) + 1}:5: idle-test: "

    assert 1 == main(["rules", "lint", str(rules), "--strict"])
    assert capsys.readouterr().out.startswith(place)


@pytest.mark.parametrize("packed", [False, True])
def test_a_sample_of_events_knows_what_there_is(
    rules: Path, tmp_path: Path, capsys: Captured, *, packed: bool
) -> None:
    """Events as an SDK sends them, one a line, gzipped or not."""
    sample = tmp_path / "events.jsonl"
    names = (
        "Integration Connected",
        "Integration Set Up",
        "Invite Sent",
        "Report Created",
        "Order Completed",
    )
    events = "".join(f'{{"type": "track", "event": "{name}", "userId": "ada"}}\n' for name in names)
    sample.write_bytes(gzip.compress(events.encode()) if packed else events.encode())

    assert 0 == main(["rules", "lint", str(rules), "--sample", str(sample)])
    assert [
        "activation.yaml:10:23: unknown-event: nobody sends `Teammate Invited`",
        "activation.yaml:17:13: unknown-event: nobody sends `Subscription Started`",
        "activation.yaml:42:15: unknown-event: nobody sends `Subscription Started`",
    ] == capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--events", "Report Created"),
        ("--sample", '{"type": "track", "event": "Report Created", "userId": "a"}'),
    ],
)
def test_events_may_come_from_a_pipe(option: str, line: str, rules: Path, capsys: Captured) -> None:
    """As a shell's `<(…)` is one."""
    with piped(line) as pipe:
        code = main(["rules", "lint", str(rules), option, pipe])
    found = capsys.readouterr().out

    assert 0 == code
    assert "nobody sends `Invite Sent`" in found
    assert "nobody sends `Report Created`" not in found


@pytest.mark.parametrize("sample", [b"", b"\xff\xfe\n{}\n", b"[" * 5_000 + b"\n", b'{"type": "group"}\n'])
def test_a_sample_without_an_event_is_no_all_clear(
    sample: bytes, rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """There was nothing to compare the rules with."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(sample)

    assert 1 == main(["rules", "lint", str(rules), "--sample", str(path)])
    assert "has no event with a name in it" in capsys.readouterr().err


def test_lines_of_a_sample_that_are_no_events_are_counted(
    rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """On standard error, beside the findings."""
    path = tmp_path / "events.jsonl"
    path.write_text('nonsense\n{"type": "track", "event": "Report Created", "userId": "ada"}\n', "utf-8")

    assert 0 == main(["rules", "lint", str(rules), "--sample", str(path)])
    assert "passed over 1 line without an event" in capsys.readouterr().err


@pytest.mark.parametrize("names", [b"# none\n", b"caf\xe9\n"])
def test_a_list_of_events_without_a_name_is_no_all_clear(
    names: bytes, rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """Nor is one that cannot be read."""
    path = tmp_path / "events.txt"
    path.write_bytes(names)

    assert 1 == main(["rules", "lint", str(rules), "--events", str(path)])
    assert capsys.readouterr().err.startswith(f"pql rules lint: {path} ")
