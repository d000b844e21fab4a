"""A `pql calibrate` that ends before there is anything to say of the points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakes.calibrating import RULES
from fakes.pipes import piped
from pql.adapters import shard_processes
from pql.backtest.course import Course
from pql.cli.main import main


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a rule file."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return path


def test_an_interruption_is_one_sentence(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what became of the file that `--apply` was to change, and the code that shells have for it."""

    def interrupted(*_given: Any, **_more: Any) -> Course:
        raise KeyboardInterrupt

    monkeypatch.setattr(shard_processes, "sharded", interrupted)
    events = tmp_path / "events.jsonl"
    events.touch()

    assert 130 == main(["calibrate", str(rules), str(events), "--apply"])
    assert ("", "pql calibrate: interrupted: nothing is proposed, and no file was changed\n") == tuple(
        capsys.readouterr()
    )
    assert RULES == rules.read_text()


def test_what_can_be_read_once_is_refused(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """This reads several times: from a pipe there would be nothing the second time."""
    with piped("") as pipe:
        for events in ("-", pipe):
            assert 2 == main(["calibrate", str(rules), events])
            assert "not stdin or a pipe" in capsys.readouterr().err


def test_without_an_event_nothing_is_said_of_the_points(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That nothing could be read is not that there is too little."""
    (tmp_path / "events.jsonl").write_text("no event\n")

    assert 1 == main(["calibrate", str(rules), str(tmp_path / "events.jsonl")])
    assert "no event came that counts: " in capsys.readouterr().err
