"""From events to a lead, to whoever claims it, to the order that converts it: all of it real but AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pql.cli.main import main
from pql.dev.gateway import Request
from pql.dev.world import Settings, World, world

PACK = """
conversions: Order Completed
signals: {reports: {count: Report Created}}
rules: {busy: {when: {signal: reports, at_least: 2}, title: "{account} is busy", reason: "{reports} reports"}}
tests:
  - {name: two, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: one, timeline: [0d Report Created], expect: silent}
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """Return a local world with rules of its own."""
    (tmp_path / "busy.yaml").write_text(PACK, encoding="utf-8")
    with world(Settings(rules=tmp_path)) as one:
        yield one


def send(made: World, *names: str) -> None:
    """Send track calls of one account, and wait for what they do."""
    calls = [
        {"type": "track", "event": name, "userId": "ada", "context": {"groupId": "acme"}} for name in names
    ]
    body = json.dumps({"batch": calls, "writeKey": made.settings.write_key}).encode()
    answer = made.answer(Request("POST", "/v1/batch", [("Content-Type", "application/json")], body))
    made.drain()

    assert 200 == answer.status


def test_a_lead_is_claimed_and_converts(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The card goes out once, whatever becomes of the lead."""
    table = ["--table", made.resources.ref("Table")]
    send(made, "Report Created", "Report Created")
    lead = made.published[0]["MessageAttributes"]["lead_id"]["Value"]
    claimed = main(["lead", "claim", lead, "--by", "kim", *table])
    send(made, "Order Completed")
    capsys.readouterr()
    main(["lead", "list", "--state", "converted", "--json", *table])
    (told,) = json.loads(capsys.readouterr().out)
    made.fire_schedules()
    made.drain()

    assert (0, "acme/busy#1", "converted", "kim") == (
        claimed,
        told["reference"],
        told["state"],
        told["by"],
    )
    assert (1, 1) == (len(made.published), len(made.slack.cards))
