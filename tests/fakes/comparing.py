"""`pql diff` as somebody types it, and what it says in the documentation."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

START = 1_735_689_600_000  # 1 Jan 2025
Run = Callable[..., tuple[int, str, str]]
PAGE = Path(__file__).parents[2] / "docs" / "rule-changes.md"
TOLD = PAGE.read_text(encoding="utf-8").split("$ pql diff old new events.jsonl\n")[1].split("```\n")[0]


def git(place: Path, *words: str) -> None:
    """Run git in a repository of its own."""
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.test", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=place, check=True, capture_output=True)  # noqa: S603, S607
