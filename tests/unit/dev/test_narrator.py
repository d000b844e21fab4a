"""What `pql dev` tells: commands that work as they stand, and what waits."""

from __future__ import annotations

import io
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from pql.dev.console import Console
from pql.dev.narrator import Narrator, welcome
from pql.dev.world import Settings, Watchers, world
from pql.rules.directory import rules_directory

NAMES = ("Ingest", "Process", "Notify", "Slack", "Sweep", "Watch")


def idle(_env: Mapping[str, str]) -> Any:
    """Return a function that does nothing."""
    return lambda _event, _context: None


def handing_back(_env: Mapping[str, str]) -> Any:
    """Return a function that hands back every message it is given."""
    return lambda event, _context: {
        "batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]
    }


def printed(settings: Settings) -> list[str]:
    """Return the commands for another terminal that a world of these settings prints."""
    with world(settings) as made:
        lines = welcome("http://127.0.0.1:8000", "http://127.0.0.1:8001", made, seeded=False).splitlines()
    return [line.strip() for line in lines if " pql " in f" {line}" and line.startswith("  ")]


@pytest.mark.parametrize(
    ("found", "typed"), [("/usr/bin/pql", "pql"), (None, "python3 infra pql")], ids=["installed", "infra"]
)
def test_commands_name_the_rules_that_judge(
    tmp_path: Path, found: str | None, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By others `explain` would answer for rules that judge nobody here."""
    monkeypatch.setattr("shutil.which", lambda _: found)
    own = tmp_path / "my rules"
    own.mkdir()
    (own / "growth.yaml").write_bytes((rules_directory(None) / "growth.yaml").read_bytes())
    builds = dict.fromkeys(NAMES, idle)

    assert [f"{typed} explain acme", f"{typed} lead list"] == printed(Settings(builds=builds))
    assert [f"{typed} explain acme --rules {shlex.quote(str(own))}", f"{typed} lead list"] == printed(
        Settings(builds=builds, rules=own)
    )


def test_what_a_run_hands_back_is_said_to_wait() -> None:
    """A depth alone would look as if nobody worked; why it waits is said once."""
    stream = io.StringIO()
    narrator = Narrator(Console(stream))
    builds = {**dict.fromkeys(NAMES, idle), "Process": handing_back}
    with world(Settings(builds=builds), Watchers(passed=narrator.passed)) as made:
        narrator.attach(made)
        for body in ("1", "2"):
            boto3.client("sqs").send_message(QueueUrl=made.resources.ref("EventsQueue"), MessageBody=body)
            made.drain()
        boto3.client("sqs").send_message(QueueUrl=made.resources.ref("EventsQueue"), MessageBody="3")
        summary = narrator.summary()

    events = "events 0 accepted · 0 counted · leads 0"
    assert [
        "1 message handed back: tried again after a while (events: 200 s), as on AWS",
        f"{events} · queue 0 · 1 wait for another try",
        f"{events} · queue 0 · 2 wait for another try",
    ] == stream.getvalue().splitlines()
    assert f"{events} · queue 1 · 2 wait for another try" == summary
