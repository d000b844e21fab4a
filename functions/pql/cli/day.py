"""Days as people type them: `2026-11-20`, in UTC."""

from __future__ import annotations

import argparse
import datetime as dt

from pql.cli.refused import Mistyped
from pql.core.times import day_of
from pql.core.window import DAY

_EPOCH = dt.date(1970, 1, 1).toordinal() * DAY


def day(text: str) -> str:
    """Return a day as it is; raises `ArgumentTypeError` for what is none."""
    try:
        found = dt.date.fromisoformat(text).isoformat()
    except ValueError:
        found = ""
    if found != text:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-20")
    return text


def midnight(text: str) -> int:
    """Return when a day begins, in epoch ms."""
    return dt.date.fromisoformat(day(text)).toordinal() * DAY - _EPOCH


def need_order(begin: str | int | None, end: str | int | None) -> None:
    """Raise `Mistyped` for `--from` after `--to`: days, or their midnights (epoch ms); None is no bound."""
    first, last = (day_of(one) if isinstance(one, int) else one for one in (begin, end))
    if first and last and first > last:
        raise Mistyped(f"--from {first} is after --to {last}")


def declare_days(parser: argparse.ArgumentParser) -> None:
    """Declare `--from` and `--to`, both included."""
    parser.add_argument("--from", dest="first", type=day, metavar="DAY", help="such as 2026-11-20")
    parser.add_argument("--to", dest="last", type=day, metavar="DAY", help="the last day")
