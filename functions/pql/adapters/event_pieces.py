"""Files and objects that hold events: which there are, in which order, and how they are read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pql.adapters.blocks import CHUNK
from pql.core.archived import counted_at, order_of
from pql.core.errors import PqlError
from pql.core.times import written_time

STDIN = "-"
_EVENTS = re.compile(r"\.(?:json|jsonl|ndjson|parquet)$|\.gz$", re.IGNORECASE)
_OTHERS = re.compile(r"\.(?:csv|tsv|txt|md|tar)\.gz$", re.IGNORECASE)
_DAY = re.compile(r"(?:^|/)(?:day|date|dt)=(\d{4}-\d\d-\d\d)/")
_COUNTED = re.compile(r"(?:^|/)day=(\d{4}-\d\d-\d\d)/([^/]+)\.jsonl\.gz$")
# Segment's archive: segment-logs/SOURCE/1432684800000/NAME.gz, the day of receipt in epoch ms.
_SEGMENTS = re.compile(r"(?:^|/)(\d{13})/[^/]+$")


class Gone(PqlError):
    """An object that was listed is there no longer, or no longer the same."""

    code = "gone"


class Piece(NamedTuple):
    """One file or object: its name for people, its path in its source, its bytes and how to read them.

    `chunks` opens it anew; it raises `Gone` when it is no longer what was listed. `file` is set where it
    lies on this machine. `tag` differs where the content does, and `written` says when it was (epoch ms).
    """

    name: str
    path: str
    size: int | None
    chunks: Callable[[], Iterator[bytes]]
    file: Path | None = None
    written: int = 0
    tag: str = ""

    @property
    def is_parquet(self) -> bool:
        """Return whether its name says that it is a Parquet file."""
        return self.path.lower().endswith(".parquet")

    @property
    def is_counted(self) -> bool:
        """Return whether it is an object of the archive, whose lines are in the order of counting."""
        return _COUNTED.search(self.path) is not None

    @property
    def day(self) -> int | None:
        """Return when the day that its path names begins, in epoch ms."""
        if found := _DAY.search(self.path):
            return written_time(found[1])
        if found := _SEGMENTS.search(self.path):
            return int(found[1])
        return None

    @property
    def order(self) -> tuple[str, str]:
        """Return what sorts objects of the archive by when they were counted."""
        name = self.path.rpartition("/")[2]
        return order_of(name, self.written), self.path

    @property
    def counted_at(self) -> int:
        """Return when an object of the archive was counted, in epoch ms."""
        return counted_at(self.order[0])


def holds_events(path: str) -> bool:
    """Return whether a file of a directory is one of events, by its name; hidden ones are none."""
    hidden = any(part.startswith((".", "_")) for part in path.split("/"))
    return not hidden and bool(_EVENTS.search(path)) and not _OTHERS.search(path)


def of_path(path: Path) -> Iterator[Piece]:
    """Yield a file, or those of a directory, by their paths; raises `PqlError` for what is not there."""
    if path.is_dir():
        found = [one for one in path.rglob("*") if holds_events(one.relative_to(path).as_posix())]
        if not (files := sorted(one for one in found if one.is_file())):
            raise PqlError(f"{path} holds no events: no .jsonl, .json, .ndjson, .gz or .parquet file")
        for one in files:
            # The whole path: whoever names one day of an archive means that day.
            yield _file(one, one.as_posix())
    elif path.exists():
        yield _file(path, path.as_posix())
    else:
        raise PqlError(f"there is no {path}")


def is_read_once(what: Iterable[str | Path]) -> bool:
    """Return whether any of it cannot be read a second time: stdin, or a pipe such as `<(zcat x)`."""
    return any(str(one) == STDIN or _is_pipe(Path(one)) for one in what)


def _is_pipe(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def of_stdin() -> Piece:
    """Return what comes in from the terminal or a pipe; it can be read once."""
    return Piece("stdin", STDIN, None, lambda: _read(sys.stdin.buffer))


def _file(file: Path, path: str) -> Piece:
    about = file.stat()
    regular = file.is_file()
    return Piece(
        str(file),
        path,
        about.st_size if regular else None,
        lambda: _read_file(file),
        file if regular else None,
        int(about.st_mtime * 1000),
    )


def _read_file(file: Path) -> Iterator[bytes]:
    with file.open("rb", buffering=0) as opened:
        yield from _read(opened)


def _read(opened: BinaryIO) -> Iterator[bytes]:
    while chunk := opened.read(CHUNK):
        yield chunk
