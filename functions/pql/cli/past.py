"""What commands about the past take: events, what counts as a conversion, and how long it may take."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.lead_options import duration
from pql.cli.sources import cloud_of, open_chosen
from pql.core.errors import PqlError
from pql.core.plain_words import DAY

if TYPE_CHECKING:
    from pql.backtest.course import Course
    from pql.rules.pack import Pack

LATENESS_DAYS = 7
# What a file of conversions is called; a name that ends otherwise and is no file is that of an event.
_FILES = (".csv", ".json", ".jsonl", ".ndjson")
Conversions = Mapping[str, int] | Collection[str]


def declare_past(parser: argparse.ArgumentParser, within: int | None = None) -> None:
    """Declare `--conversions`, `--within` (so many ms unless said otherwise) and `--lateness-days`."""
    parser.add_argument(
        "--conversions",
        action="append",
        metavar="FILE|EVENT",
        help="what converts: a file `account_id,converted_at`, or the name of an event, which may be given "
        "again (default: `conversions` of the rules)",
    )
    parser.add_argument(
        "--within",
        type=duration,
        default=within,
        metavar="TIME",
        help="a lead is right if its account converts so soon, such as 90d "
        f"(default: {'at any time' if within is None else f'{within // DAY}d'})",
    )
    parser.add_argument(
        "--lateness-days",
        type=_days,
        default=LATENESS_DAYS,
        metavar="N",
        help=f"events older than this on arrival do not count (default: {LATENESS_DAYS}, as deployed)",
    )


def declare_jobs(parser: argparse.ArgumentParser) -> None:
    """Declare `--jobs`, as `courses` takes it."""
    parser.add_argument(
        "--jobs", type=_jobs, default=1, metavar="N", help="processes to share the work (default 1)"
    )


def converting(chosen: argparse.Namespace, *packs: Pack) -> Conversions:
    """Return who converted when, or what events convert: those of the last pack that names any.

    Raises `PqlError` where nothing says.
    """
    if chosen.conversions is None:
        found = next((pack.conversions for pack in reversed(packs) if pack.conversions), frozenset())
        if not found:
            raise PqlError(
                "nothing says what a conversion is: give --conversions FILE, --conversions 'Event Name', "
                "or write `conversions: [Event Name]` into a rule file"
            )
        return found
    files = [Path(one) for one in chosen.conversions if _is_file(one)]
    if not files:
        return [*chosen.conversions]
    if len(chosen.conversions) > 1:
        raise PqlError("--conversions is one file, or names of events: not several files, and not both")
    return _given(files[0])


def courses(
    packs: Sequence[Pack], chosen: argparse.Namespace, conversions: Conversions, label: str
) -> list[Course]:
    """Return the course that the rules of each pack, the drafts too, would have taken over the chosen events.

    The events are read once, with several jobs by each of them for each pack. `label` is the command, as
    what it says about lines that are no events begins.
    """
    from pql.backtest.rerun.rerun import Rerun  # noqa: PLC0415
    from pql.cli.progress import progress  # noqa: PLC0415

    horizon = chosen.lateness_days * DAY
    if chosen.jobs > 1:
        from pql.adapters.shard_processes import settled  # noqa: PLC0415

        until = settled()  # the same for all, or they would differ by what is counted meanwhile
        return [_shared_out(pack, chosen, conversions, horizon, until) for pack in packs]
    source = open_chosen(chosen, chosen.events)
    reruns = [Rerun(pack, horizon=horizon, conversions=conversions) for pack in packs]
    for event in progress(source.events(), lambda: source.fraction):
        for one in reruns:
            one.take(event)
    for place in source.places:
        print(f"{label}: passed over {place}", file=sys.stderr)
    found = [one.finish() for one in reruns]
    for course in found:
        course.unread = source.unread
    return found


def _shared_out(
    pack: Pack, chosen: argparse.Namespace, conversions: Conversions, horizon: int, until: int
) -> Course:
    from pql.adapters.shard_processes import sharded  # noqa: PLC0415

    return sharded(
        pack,
        chosen.events,
        jobs=chosen.jobs,
        horizon=horizon,
        conversions=conversions,
        cloud=cloud_of(chosen),
        until=until,
    )


def _is_file(text: str) -> bool:
    return text.lower().endswith(_FILES) or Path(text).is_file()


def _given(path: Path) -> dict[str, int]:
    from pql.backtest.figures.conversions import conversions  # noqa: PLC0415

    try:
        with path.open(encoding="utf-8") as lines:
            return conversions(lines, path.name)
    except OSError as error:
        raise PqlError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PqlError(f"{path} is not UTF-8") from error


def _jobs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number of processes such as 2, got {text!r}")
    return int(text)


def _days(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number of days such as 7, got {text!r}")
    return int(text)
