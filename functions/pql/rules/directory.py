"""Where the rules are that a deployment judges by."""

from __future__ import annotations

from pathlib import Path

import pql


def rules_directory(named: str | None) -> Path:
    """Return the directory of rules: the one named, else the one that ships beside the package."""
    return Path(named) if named else Path(pql.__file__).parent.parent / "rules"
