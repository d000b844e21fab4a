"""One line from the future does not move the end of the data, and is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes import calibrating
from pql.adapters import shard_processes
from pql.cli import backtest, calibrate
from pql.cli.main import main
from pql.core.errors import PqlError
from pql.core.times import written_time

ROOT = Path(__file__).parents[3]
RULES = ROOT / "tests" / "bench" / "purchase_days.yaml"
PURCHASES = ROOT / "tests" / "data" / "purchases"
NOW = written_time("2026-04-06") or 0


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("says", [("timestamp", "receivedAt"), ("timestamp",)])
@pytest.mark.parametrize("then", ["2099-01-01T00:00:00.000Z", "2026-04-07T00:00:00.000Z"])
def test_a_backtest_says_what_it_says_without_it(
    says: tuple[str, ...],
    then: str,
    jobs: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever is open stays open, weeks are as many as before, whichever of its times says so."""
    monkeypatch.setattr(backtest, "now_ms", lambda: NOW)
    lines = (PURCHASES / "events.jsonl").read_text().splitlines()
    odd = {name: value for name, value in json.loads(lines.pop(30)).items() if name != "receivedAt"}
    (tmp_path / "rest.jsonl").write_text("\n".join(lines))
    lines.insert(30, json.dumps(odd | dict.fromkeys(says, then)))
    (tmp_path / "mixed.jsonl").write_text("\n".join(lines))
    told = []
    for name in ("rest", "mixed"):
        won = ["--conversions", str(PURCHASES / "conversions.csv"), "--within", "60d", "--jobs", str(jobs)]
        assert 0 == main(["backtest", str(RULES), str(tmp_path / f"{name}.jsonl"), *won])
        told.append(capsys.readouterr())

    assert told[0].out == told[1].out
    assert "" == told[0].err
    assert "mixed.jsonl:31: says that it was received after the moment of this run" in told[1].err


def test_every_rerun_of_a_calibration_knows_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It learns from no account that a far line has made look decided."""
    asked: list[int] = []

    def sharded(*_: Any, now: int, **_more: Any) -> None:
        asked.append(now)
        raise PqlError("that is all")

    monkeypatch.setattr(shard_processes, "sharded", sharded)
    monkeypatch.setattr(calibrate, "now_ms", lambda: NOW)
    rules = tmp_path / "rules.yaml"
    rules.write_text(calibrating.RULES)
    main(["calibrate", str(rules), str(PURCHASES / "events.jsonl"), "--within", "60d"])

    assert [NOW] == asked
