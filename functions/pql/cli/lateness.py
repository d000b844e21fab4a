"""`--lateness-days`: how many days old an event may be on arrival, and still count."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from pql.cli.stack import Deployment
from pql.core.errors import Unavailable
from pql.core.event import LATENESS_DAYS
from pql.core.window import DAY

# What a stack may be set to: ids are kept for this, and what may be on its way.
MOST = 90
# Of a rerun, which keeps what ids it needs: as long as any history.
MOST_OF_A_RERUN = 9_999


def declare_lateness(parser: argparse.ArgumentParser, default: str, most: int = MOST) -> None:
    """Declare the option; `default` says in words what it is without."""
    parser.add_argument(
        "--lateness-days",
        type=_days(most),
        metavar="N",
        help=f"events older than this on arrival do not count (default: {default})",
    )


def lateness(chosen: argparse.Namespace, deployment: Deployment) -> int:
    """Return the limit in days: the one that was named, else the stack's; raises `Unavailable`."""
    days: int = chosen.lateness_days or int(deployment.parameter("LatenessDays") or LATENESS_DAYS)
    return days


def horizon(chosen: argparse.Namespace, events: Sequence[str] = ()) -> int:
    """Return the limit (ms) of a rerun: that of the stack where one of `events` is its archive, else 7 days.

    Raises `Unavailable`.
    """
    from pql.adapters.event_sources import is_archive  # noqa: PLC0415

    if chosen.lateness_days is None and any(map(is_archive, events)):
        try:
            return lateness(chosen, Deployment(chosen)) * DAY
        except Unavailable as error:
            if "AccessDenied" not in str(error):
                raise
            words = f"{error}: you may not ask what LatenessDays is; say it by --lateness-days"
            raise Unavailable(words) from error
    days: int = chosen.lateness_days or LATENESS_DAYS
    return days * DAY


def _days(most: int) -> Callable[[str], int]:
    def days(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                f"expected a number of days from 1 to {most}, such as {LATENESS_DAYS}, got {text!r}"
            )
        return int(text)

    return days
