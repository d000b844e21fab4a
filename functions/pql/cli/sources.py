"""The events that a command reads: files, buckets, or the archive of a deployed stack."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pql.cli.stack import declare_stack
from pql.cli.table import is_here, is_named

if TYPE_CHECKING:
    from pql.adapters.event_cloud import Cloud
    from pql.adapters.event_sources import EventSource

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

    return open_events(what, cloud_of(chosen))
