"""`pql explain` from a log of events: the same lead again, and what cannot be read is told."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.explaining import HISTORY, Captured, asked
from pql.cli.main import main


def test_the_command_on_a_lead_derives_it_again(rules: Path, archive: Path, capsys: Captured) -> None:
    """The log of accepted events gives the same lead, as of the moment it was made."""
    _, out, _ = asked(capsys, "acme", "lively", "--events", archive, "--rules", rules, "--json")
    first = json.loads(out)["rules"][0]["lead"]
    _, out, _ = asked(capsys, "acme", "lively", "--events", archive, "--rules", rules)
    command = next(line.partition(": ")[2] for line in out.splitlines() if "derive it again" in line)

    _, out, _ = asked(capsys, *shlex.split(command)[2:], "--json")
    found = json.loads(out)

    assert (first, first["created"]) == (found["rules"][0]["lead"], found["as_of"])


def test_events_as_sdks_send_them_can_be_explained(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """They go in at the front door's reader, and to the account that their user was taught."""
    sent: list[dict[str, Any]] = [
        {"type": "group", "userId": "ada", "groupId": "acme", "traits": {"plan": "paid"}},
        {"type": "track", "userId": "ada", "event": "Report Created"},
    ]
    moments = [{"messageId": str(n), "timestamp": f"2025-01-0{n}T00:00:00Z"} for n in (1, 2)]
    path = tmp_path / "sent.jsonl"
    path.write_text(
        "\n".join(json.dumps(a | b) for a, b in zip(sent, moments, strict=True)), encoding="utf-8"
    )

    code, out, _ = asked(capsys, "acme", "lively", "--events", path, "--rules", rules)

    assert (0, "✓ lively: hot lead since 2 Jan 2025, 00:00 UTC (1st time)") == (code, out.splitlines()[2])


def test_lines_that_are_no_events_are_counted(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """Deeper than anybody nests, no text at all, or without any time: none stops the others."""
    log = tmp_path / "log.jsonl"
    timeless = b'{"type": "track", "userId": "a", "event": "Report Created", "context": {"groupId": "acme"}}'
    lines = [timeless, b"[" * 100_000, b'{"a": ' * 50_000, b"\xff\xfe\x00", msgspec.json.encode(HISTORY[3])]
    log.write_bytes(b"\n".join(lines))

    code, out, err = asked(capsys, "acme", "lively", "--events", log, "--rules", rules)

    assert (0, "pql explain: passed over 4 lines without an event and its time\n") == (code, err)
    assert "1 (at least 1)" in out


def test_a_file_that_breaks_off_is_told(rules: Path, archive: Path, tmp_path: Path, capsys: Captured) -> None:
    """Half a log would be half an answer."""
    whole = (archive / "day=2025-01-01" / "batch.jsonl.gz").read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[:-12])
    told = f"pql explain: {tmp_path}/cut.jsonl.gz is gzipped and cannot be read to its end\n"

    assert (2, "", told) == asked(capsys, "acme", "--events", tmp_path / "cut.jsonl.gz", "--rules", rules)


def test_there_is_one_place_to_look(rules: Path, archive: Path, capsys: Captured) -> None:
    """A table and a log may say different things."""
    told = "pql explain: --table and --events exclude each other: leave one out\n"

    assert (2, "", told) == asked(capsys, "acme", "--events", archive, "--table", "t", "--rules", rules)


@pytest.mark.parametrize("days", ["-5", "0", "soon", "1.5"])
def test_the_lateness_is_a_number_of_days(rules: Path, archive: Path, days: str, capsys: Captured) -> None:
    """Anything else is a usage error."""
    with pytest.raises(SystemExit) as left:
        main(["explain", "acme", "--events", str(archive), "--rules", str(rules), "--lateness-days", days])

    assert (2, True) == (left.value.code, "expected a number of days" in capsys.readouterr().err)


PLACES = [
    ("archive", "pql archive get DAY --out archive"),
    ("archive:2025-01-01..2025-01-03", "pql archive get DAY --out archive"),
    ("s3://bucket/events/day=2025-01-01", "aws s3 sync s3://bucket/events/day=2025-01-01 archive"),
    ("s3://bucket/my events", "aws s3 sync 's3://bucket/my events' archive"),
]


@pytest.mark.parametrize(("place", "first"), PLACES)
def test_what_must_be_copied_first_says_how(
    rules: Path, place: str, first: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other commands read the archive where it lies; what is typed then can be explained."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["explain", "acme", "--rules", str(rules), "--events", place])

    told = capsys.readouterr().err.splitlines()[-1].partition("--events: ")[2]
    typed = f"{place} is not on this machine; type first: {first}, and then --events archive"
    assert (2, typed) == (left.value.code, told)


FAULTS = [
    (["acme", "livly"], "unknown rule `livly`; did you mean `lively`?"),
    (["nobody"], "nothing is counted for account nobody"),
    (["acme", "--at", "2024-12-31"], "nothing is counted for account acme by 31 Dec 2024, 00:00 UTC"),
    (["ada"], "nothing is counted for account ada; the user of that id became part of acme"),
    (["ada", "--as", "user"], "nothing is counted for user ada; it became part of acme"),
    (
        ["acme", "--as", "user"],
        "nothing is counted for user acme; there is an account of that id: pql explain acme",
    ),
]


@pytest.mark.parametrize(("words", "told"), FAULTS)
def test_what_cannot_be_explained_is_said_plainly(
    rules: Path, archive: Path, words: list[str], told: str, capsys: Captured
) -> None:
    """With an exit code of 1, on standard error."""
    code, out, err = asked(
        capsys, *words, "--events", archive / "day=2025-01-01" / "batch.jsonl.gz", "--rules", rules
    )

    assert (1, "", f"pql explain: {told}\n") == (code, out, err)
