"""Two versions of rules with events of four weeks, and `pql diff` over them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes.comparing import START, Run
from pql.cli.main import main
from pql.core.plain_words import iso
from pql.core.window import DAY

RULES = """\
conversions: [Subscription Started]
signals:
  reports: {count: Report Created, within: 30d, label: reports created}
rules:
  busy:
    when: {signal: reports, at_least: 3}
    title: "{account} is busy"
    reason: "{reports}"
  keen:
    when: {signal: reports, at_least: 1}
    status: shadow
    title: "{account} is keen"
    reason: "{reports}"
tests:
  - {name: three, rule: busy, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: none, rule: busy, timeline: [0d Other], expect: silent}
  - {name: three, rule: keen, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: none, rule: keen, timeline: [0d Other], expect: silent}
"""


def sent(day: int, account: str, name: str = "Report Created") -> str:
    """Return a line of events as an SDK sends it."""
    at = iso(START + day * DAY)
    return json.dumps(
        {
            "type": "track",
            "event": name,
            "messageId": f"{account}-{name}-{day}",
            "userId": f"ada-of-{account}",
            "timestamp": at,
            "receivedAt": at,
            "context": {"groupId": account},
        }
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with two versions of rules, and events of four weeks."""
    monkeypatch.chdir(tmp_path)
    for name, bound in (("old", 3), ("new", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "busy.yaml").write_text(RULES.replace("at_least: 3", f"at_least: {bound}"))
    lines = [sent(day, "acme") for day in (0, 1, 2)]
    lines += [sent(3, "globex"), sent(4, "globex"), sent(20, "globex", "Subscription Started")]
    lines += [sent(5, "idle"), sent(28, "other", "Page Seen")]
    (tmp_path / "events.jsonl").write_text("\n".join(sorted(lines, key=_received)))
    return tmp_path


def _received(line: str) -> str:
    return str(json.loads(line)["receivedAt"])


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `pql diff` and returns its code and what it wrote."""
    assert place

    def told(*words: str) -> tuple[int, str, str]:
        code = main(["diff", *words])
        return code, *capsys.readouterr()

    return told


@pytest.fixture(autouse=True)
def _no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PQL_TABLE", "PQL_ENDPOINT_URL", "PQL_STACK"):
        monkeypatch.delenv(name, raising=False)
