"""A directory with one good rule file, to be broken and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pql.cli.rules.places import SHIPPED

ACTIVATION = (SHIPPED / "activation.yaml").read_text(encoding="utf-8")
Captured = pytest.CaptureFixture[str]


def change(rules: Path, old: str, new: str) -> None:
    """Change the file in the directory."""
    path = rules / "activation.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def printed(capsys: Captured) -> Any:
    """Return the JSON that was printed."""
    return json.loads(capsys.readouterr().out)
