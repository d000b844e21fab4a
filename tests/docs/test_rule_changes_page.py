"""docs/rule-changes.md has a workflow to copy: what it runs is run here, by our own parser."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from pql.cli import diff
from pql.cli.diff.markdown import MARKER
from pql.cli.main import main
from pql.rules.source import Source

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rule-changes.md").read_text(encoding="utf-8")
WORKFLOW = re.search(r"<!-- workflow.*?```yaml\n(.*?)```", PAGE, re.DOTALL)[1]  # type: ignore[index] # it is there


def steps() -> list[dict[str, Any]]:
    """Return the steps of the only job."""
    (job,) = Source("workflow", WORKFLOW).data["jobs"].values()
    return list(job["steps"])


def scripts() -> list[str]:
    """Return what the steps run."""
    return [step["run"] for step in steps() if "run" in step]


def commands() -> list[list[str]]:
    """Return every `pql` command, in words."""
    lines = [line.strip() for script in scripts() for line in script.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("pql ")]


def test_the_rules_are_checked_and_tested_before_they_are_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command is one that our own parser takes; those that need no history run."""
    asked: list[argparse.Namespace] = []
    monkeypatch.setattr(diff, "run", lambda chosen: asked.append(chosen) or 0)
    monkeypatch.chdir(ROOT)

    assert [["rules", "check"], ["rules", "test"], ["diff"]] == [
        words[1 : 2 + (words[1] == "rules")] for words in commands()
    ]
    assert [0, 0, 0] == [main(words[1:]) for words in commands()]
    assert ("git:origin/$BASE:functions/rules", "functions/rules", "comment.md") == (
        asked[0].old,
        asked[0].new,
        asked[0].markdown,
    )
    assert "all good" in capsys.readouterr().out


def test_the_old_version_is_there_to_compare_with() -> None:
    """A shallow checkout has no base branch."""
    assert {"fetch-depth": 0} == steps()[0]["with"]


def test_nothing_that_strangers_write_is_pasted_into_a_script() -> None:
    """Branch names and the like come by the environment, where no shell reads them."""
    assert [] == [script for script in scripts() if "${{" in script]
    assert "pull_request_target:" not in WORKFLOW


def test_the_comment_is_found_again_by_its_marker() -> None:
    """What the command writes first is what the step looks for."""
    assert f'startswith("{MARKER}")' in scripts()[-1]
