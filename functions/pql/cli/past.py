"""What commands about the past take: events, what counts as a conversion, and how long it may take."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.arguments import duration
from pql.cli.clock import now_ms
from pql.cli.lateness import MOST_OF_A_RERUN, declare_lateness, horizon
from pql.cli.refused import Mistyped
from pql.cli.rules.places import absent
from pql.cli.sources import cloud_of, open_chosen
from pql.core.errors import PqlError
from pql.core.event import LATENESS_DAYS
from pql.core.window import DAY

if TYPE_CHECKING:
    from pql.backtest.course import Course
    from pql.backtest.rerun.labels import Conversions
    from pql.core.event import Event
    from pql.rules.pack import Pack

    Again = Callable[[], Iterable[Event]] | None

# Each process reads all events and holds rules of its own: more would fill a machine and not hurry it.
MOST_JOBS = 64
_LONG = re.compile(r"[1-9][0-9]{4,}[mhd]", re.ASCII)
# What a file of conversions is called; a name that ends otherwise and is no file is that of an event.
_FILES = (".csv", ".json", ".jsonl", ".ndjson")


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
        type=_window,
        default=within,
        metavar="TIME",
        help="a lead is right if its account converts so soon, such as 90d "
        f"(default: {'at any time' if within is None else f'{within // DAY}d'})",
    )
    declare_lateness(parser, f"the stack's where EVENTS has archive, else {LATENESS_DAYS}", MOST_OF_A_RERUN)


def declare_jobs(parser: argparse.ArgumentParser) -> None:
    """Declare `--jobs`, as `courses` takes it."""
    parser.add_argument(
        "--jobs", type=_jobs, default=1, metavar="N", help="processes to share the work (default 1)"
    )


def converting(chosen: argparse.Namespace, *packs: Pack) -> Conversions:
    """Return who converted when, or what events convert: those of the last pack that names any.

    Raises `PqlError` where nothing says, and `Mistyped` for a file that is not there.
    """
    if chosen.conversions is None:
        found = next((names for pack in reversed(packs) if (names := _written(pack))), [])
        if not found:
            raise PqlError(
                "nothing says what a conversion is: give --conversions FILE, --conversions 'Event Name', "
                "or write `conversions: [Event Name]` into a rule file"
            )
        return found
    files = [Path(one) for one in chosen.conversions if _is_file(one)]
    for one in chosen.conversions:
        if Path(one).is_dir():
            raise Mistyped(f"{one} is a directory: --conversions takes a file, or the name of an event")
    if not files:
        return [*chosen.conversions]
    if len(chosen.conversions) > 1:
        raise Mistyped("--conversions is one file, or names of events: not several files, and not both")
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

    late = horizon(chosen, chosen.events)
    if chosen.jobs > 1:
        from pql.adapters.shard_processes import settled  # noqa: PLC0415

        until = settled()  # the same for all, or they would differ by what is counted meanwhile
        found = [_shared_out(pack, chosen, conversions, late, until) for pack in packs]
    else:
        source = open_chosen(chosen, chosen.events)
        reruns = [Rerun(pack, horizon=late, conversions=conversions) for pack in packs]
        for event in progress(source.events(), lambda: source.fraction):
            for one in reruns:
                one.take(event)
        found = [one.finish() for one in reruns]
        for course in found:
            course.unread, course.places = source.unread, [*source.places]
    heed(chosen, found[-1], conversions, label, again(chosen, chosen.events))
    need_events(found[-1], chosen.events)
    return found


def need_events(course: Course, what: Sequence[str]) -> None:
    """Raise `PqlError` where nothing could be counted: there is nothing to compare or to learn from."""
    if not course.counted:
        raise PqlError(f"no event came that counts: {', '.join(what)}")


def heed(
    chosen: argparse.Namespace, course: Course, conversions: Conversions, label: str, events: Again = None
) -> None:
    """Say on standard error which lines were no events, and which conversions have to do with none.

    Raises `PqlError` where that are all that `--conversions` names. `events` reads them once more.
    """
    from pql.backtest.figures.say import unread  # noqa: PLC0415
    from pql.cli.conversions import need_conversions  # noqa: PLC0415

    told = "\n".join(unread(course.unread, course.places))
    if told:
        print(f"{label}: {told}", file=sys.stderr)
    need_conversions(chosen, course, conversions, label, events)


def again(chosen: argparse.Namespace, what: Sequence[str]) -> Again:
    """Return what reads these events once more, None for what can be read but once."""
    from pql.adapters.event_pieces import is_read_once  # noqa: PLC0415

    return None if is_read_once(what) else lambda: open_chosen(chosen, what).events()


def _shared_out(
    pack: Pack, chosen: argparse.Namespace, conversions: Conversions, late: int, until: int
) -> Course:
    from pql.adapters.shard_processes import sharded  # noqa: PLC0415

    return sharded(
        pack,
        chosen.events,
        jobs=chosen.jobs,
        horizon=late,
        conversions=conversions,
        cloud=cloud_of(chosen),
        until=until,
        now=now_ms(),
    )


def _written(pack: Pack) -> list[str]:
    """Return the events that convert as the rules have them written."""
    return sorted({name for file in pack.files.values() for name in file.conversions})


def _is_file(text: str) -> bool:
    return text.lower().endswith(_FILES) or Path(text).exists()  # a pipe, too


def _given(path: Path) -> dict[str, int]:
    from pql.backtest.rerun.conversions import conversions  # noqa: PLC0415

    if not path.exists():
        raise Mistyped(absent(str(path)))
    try:
        with path.open(encoding="utf-8") as lines:
            return conversions(lines, path.name)
    except OSError as error:
        raise PqlError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PqlError(f"{path} is not UTF-8") from error


def _window(text: str) -> int:
    if _LONG.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} is longer than any history: at most 9999d")
    return duration(text)


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(
            f"expected a number of processes such as 2, up to {MOST_JOBS}, got {text!r}"
        )
    return int(text)
