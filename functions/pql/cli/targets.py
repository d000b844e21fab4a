"""Where a command is to write: found out before it begins, for reading may take an hour."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pql.cli.refused import Mistyped
from pql.cli.rules.places import RULES
from pql.core.errors import PqlError

STDOUT = "-"
EVENTS = "EVENTS"
Place = str | Path | None
# Options whose files are none that could be printed.
_UNPRINTED = {"--html": "file", "--csv": "directory"}
# What is no report by its name: an option without its file takes the next word that was typed.
_OTHERS = {
    **dict.fromkeys(RULES, "a rule file"),
    ".csv": "a table",
    **dict.fromkeys((".jsonl", ".ndjson", ".gz", ".parquet"), "a file of events"),
}


def declare_printable(parser: argparse.ArgumentParser, option: str, what: str) -> None:
    """Declare an option that takes a file, or `-` to print; help says `what` it does.

    Without either it is "", which `need_reports` refuses: Python's own words do not tell of `-`.
    """
    parser.add_argument(option, nargs="?", const="", metavar="FILE", help=f"{what}, to a file or `-`")


def need_reports(outputs: Mapping[str, Place]) -> None:
    """Raise `Mistyped` for the first option without a file, or whose file is there and no report."""
    for option, file in outputs.items():
        if file == "":
            raise Mistyped(f"{option} takes {_wanted(option, 'the', 'to write')}")
        kind = None if file is None else _OTHERS.get(Path(file).suffix.lower())
        if kind and Path(str(file)).is_file():
            raise Mistyped(f"{file} is {kind}; {option} takes {_wanted(option, 'the', 'to write')}")


def need_apart(outputs: Iterable[tuple[str, Place]], inputs: Mapping[str, Sequence[Place]]) -> None:
    """Raise `Mistyped` for the first output that is among what is read, both by what they are given as.

    Of a directory that is what would be read in it: a page may lie beside events. By whatever path or link.
    """
    for option, file in outputs:
        if file is None or str(file) == STDOUT:
            continue
        path = Path(file)
        for name, places in inputs.items():
            if any(_is_of(path, Path(one), name) for one in places if one is not None and one != STDOUT):
                read = "is read" if path.exists() else "would be read"
                raise Mistyped(f"{file} {read} as {name}; {option} takes {_wanted(option, 'another')}")


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


def _wanted(option: str, which: str, why: str = "") -> str:
    """Return `another file, or - to print`, as the option takes it."""
    plain = " ".join(filter(None, (which, _UNPRINTED.get(option, "file"), why)))
    return plain if option in _UNPRINTED else f"{plain}, or {STDOUT} to print"


def _is_of(path: Path, place: Path, name: str) -> bool:
    """Return whether a path is that of the file at a place, or of what is read in the directory there."""
    if not place.is_dir():
        return place.is_file() and path.is_file() and path.samefile(place)
    target, top = path.resolve(), place.resolve()
    if target.is_relative_to(top) and _is_read(target.relative_to(top), name):
        return True
    return path.is_file() and any(
        _is_read(one.relative_to(place), name) and one.is_file() and one.samefile(path)
        for one in place.rglob("*")
    )


def _is_read(path: Path, name: str) -> bool:
    """Return whether this file of a directory of events, or else of rules, is read."""
    from pql.adapters.event_pieces import holds_events  # noqa: PLC0415

    if name == EVENTS:
        return holds_events(path.as_posix())
    return len(path.parts) == 1 and path.suffix.lower() in RULES and not path.name.startswith(".")


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
