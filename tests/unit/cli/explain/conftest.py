"""The rules and the archive that `pql explain` is asked about."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from fakes.explaining import HISTORY, RULES, with_tests


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a directory with rules whose tests nobody wrote, loaded all the same."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.yaml").write_text(RULES + with_tests(), encoding="utf-8")
    return tmp_path / "rules"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a directory as the archive is, with a repeat, a foreign account and a line that is no event."""
    day = tmp_path / "archive" / "day=2025-01-01"
    day.mkdir(parents=True)
    encoder = msgspec.json.Encoder()
    lines = [encoder.encode({"subject": "a:acme", "event": one}) for one in [*HISTORY, HISTORY[0]]]
    (day / "batch.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    (day / "later.jsonl").write_bytes(b"what is this\n")
    return tmp_path / "archive"


@pytest.fixture
def here(rules: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Return where to look, as seen from the directory that both are in."""
    monkeypatch.chdir(rules.parent)
    return "--events", archive.name, "--rules", rules.name
