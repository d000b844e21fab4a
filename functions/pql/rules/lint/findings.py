"""One thing worth a second look, and where in its file it is."""

from __future__ import annotations

from typing import NamedTuple

from pql.rules.source import Path, Source


class Finding(NamedTuple):
    """One thing worth a second look: where it is, the code of its kind, and what it is."""

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        """Return `file:line:column: code: message`."""
        return f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message}"


def finding(source: Source, path: Path, code: str, message: str, *, key: bool = False) -> Finding:
    """Return a finding at `path` of a file, or at its key."""
    line, column = source.key_place(path) if key else source.place(path)
    return Finding(source.name, line, column, code, message)
