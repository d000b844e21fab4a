"""The rules that `pql rules` is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.rule_directory import ACTIVATION


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a directory with one good file."""
    (tmp_path / "activation.yaml").write_text(ACTIVATION, encoding="utf-8")
    return tmp_path
