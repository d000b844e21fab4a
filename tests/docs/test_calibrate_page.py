"""What docs/calibrate.md shows is what `pql calibrate` prints."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from pql.cli.main import main

ROOT = Path(__file__).parents[2]
SHOWN = re.findall(r"^```text\n(.*?)^```", (ROOT / "docs/calibrate.md").read_text(), re.MULTILINE | re.DOTALL)


def test_the_page_shows_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The areas, the diff, its effect and the tests, to the letter."""
    place = ROOT / "tests/unit/cli/test_calibrate.py"
    spec = importlib.util.spec_from_file_location("calibrate_story", place)
    assert spec is not None
    assert spec.loader is not None
    story = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(story)
    rules, events = tmp_path / "rules.yaml", tmp_path / "events.jsonl"
    rules.write_text(story.RULES)
    events.write_text("\n".join(story.lines(is_telling=True)))
    main(["calibrate", str(rules), str(events), "--within", "60d"])
    printed = capsys.readouterr().out

    assert [True, True] == [block in printed for block in SHOWN]
