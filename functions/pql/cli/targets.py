"""Where a command is to write: found out before it begins, for reading may take an hour."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pql.core.errors import PqlError

STDOUT = "-"


def need_writable(
    files: Iterable[str | Path | None] = (), directories: Iterable[str | Path | None] = ()
) -> None:
    """Raise `PqlError` for the first of them that cannot be written; None and `-` need no place.

    A directory may still have to be made, with those above it. Nothing is made or opened here.
    """
    taken: set[Path] = set()
    for file in files:
        if file is None or str(file) == STDOUT:
            continue
        path = Path(file)
        is_device = path.exists() and not path.is_file()
        if why := "it is named twice" if path.resolve() in taken and not is_device else _why_no_file(path):
            raise PqlError(f"{file} cannot be written: {why}")
        taken.add(path.resolve())
    for directory in directories:
        if directory is not None and (why := _why_no_directory(Path(directory))):
            raise PqlError(f"{directory} cannot be written: {why}")


def _why_no_file(path: Path) -> str:
    if path.is_dir():
        return "it is a directory"
    if path.exists():
        return "" if os.access(path, os.W_OK) else "it is not yours to write"
    if not path.parent.exists():
        return f"there is no directory {path.parent}"
    return _why_not_in(path.parent)


def _why_no_directory(path: Path) -> str:
    while not path.exists() and path.parent != path:
        path = path.parent
    return _why_not_in(path)


def _why_not_in(path: Path) -> str:
    if not path.is_dir():
        return f"{path} is no directory"
    return "" if os.access(path, os.W_OK | os.X_OK) else f"{path} is not yours to write in"
