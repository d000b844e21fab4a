"""The events that a command reads: files, buckets, or the archive of a deployed stack."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.refused import Mistyped
from pql.cli.rules.places import RULES, absent
from pql.cli.stack import declare_stack
from pql.cli.table import is_here, is_named
from pql.core.plain_words import counted

if TYPE_CHECKING:
    from pql.adapters.event_cloud import Cloud
    from pql.adapters.event_sources import EventSource

_TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".xlsx", ".zip", ".tar", ".tar.gz")
_DOCUMENTS = (".md", ".rst", ".html", ".yaml", ".yml")  # about events, or rules
_SHOWN = 3
ONE_PLACE = "rules are one file, or all the files of one directory, and events stand behind them"
WHAT = "files, directories, - (stdin), s3://BUCKET/PREFIX, or archive[:FROM..TO] of the stack"


def declare_sources(parser: argparse.ArgumentParser) -> None:
    """Declare EVENTS, once or more, and where the deployed stack is."""
    parser.add_argument("events", nargs="+", metavar="EVENTS", help=WHAT)
    declare_stack(parser)


def cloud_of(chosen: argparse.Namespace) -> Cloud:
    """Return how the chosen stack and buckets are reached."""
    from pql.adapters.event_cloud import Cloud  # noqa: PLC0415

    local = is_here(chosen) and not is_named()
    return Cloud(chosen.stack, os.environ.get("AWS_REGION"), chosen.endpoint_url, local)


def open_chosen(chosen: argparse.Namespace, what: Sequence[str]) -> EventSource:
    """Return the source of what was named; raises `PqlError` for what is not there."""
    from pql.adapters.event_sources import open_events  # noqa: PLC0415

    return open_events(what, cloud_of(chosen), now=now_ms())


def look_over(what: Sequence[str], label: str, known: Sequence[str] | None = None) -> None:
    """Raise `Mistyped` for the first of EVENTS that is not there, or is a file that holds none by its name.

    Raises `PqlError` for a directory without any. What else a directory holds, and is not among the `known`,
    is said on standard error: it is not read. `label` is the command.
    """
    from pql.adapters.event_pieces import of_path  # noqa: PLC0415

    others_known = {Path(one).resolve() for one in known or ()}
    for one in what:
        if one == "-" or one.startswith("s3://"):
            continue
        path = Path(one)
        if path.is_dir():
            next(of_path(path), None)  # it raises where there is none
            others = sorted(one for one in _beside(path) if (path / one).resolve() not in others_known)
            if others:
                more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
                shown = f"{', '.join(others[:_SHOWN])}{more}"
                print(f"{label}: {one}: {counted(len(others), 'file')} not read: {shown}", file=sys.stderr)
        elif not path.exists() and not one.startswith("archive"):
            raise Mistyped(absent(one))
        elif path.suffix.lower() in RULES:
            raise Mistyped(f"{one} holds rules and no events: {ONE_PLACE}")
        elif one.lower().endswith(_TABLES):
            raise Mistyped(f"{one} holds no events: these are JSON lines or a Parquet table")


def _beside(directory: Path) -> Iterator[str]:
    """Yield the files in a directory that are none of events, but for hidden ones and documents."""
    from pql.adapters.event_pieces import holds_events  # noqa: PLC0415

    for one in directory.rglob("*"):
        path = one.relative_to(directory)
        is_hidden = any(part.startswith((".", "_")) for part in path.parts)
        is_other = is_hidden or path.suffix.lower() in _DOCUMENTS or holds_events(path.as_posix())
        if not is_other and one.is_file():
            yield path.as_posix()
