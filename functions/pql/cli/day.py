"""Days as people type them: `2026-11-20`, in UTC."""

from __future__ import annotations

import argparse
import datetime as dt


def day(text: str) -> str:
    """Return a day as it is; raises `ArgumentTypeError` for what is none."""
    try:
        found = dt.date.fromisoformat(text).isoformat()
    except ValueError:
        found = ""
    if found != text:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-20")
    return text


def declare_days(parser: argparse.ArgumentParser) -> None:
    """Declare `--from` and `--to`, both included."""
    parser.add_argument("--from", dest="first", type=day, metavar="DAY", help="such as 2026-11-20")
    parser.add_argument("--to", dest="last", type=day, metavar="DAY", help="the last day")
