"""Look into the archive of a deployed stack, take days out of it, and put it in order.

```console
$ pql archive ls --from 2026-11-01
$ pql archive get 2026-11-20 --account acme
$ pql archive get 2026-11-20 2026-11-21 --out days
$ pql archive compact
```

`get` prints the lines of these days as they were counted, or writes a file a day, which every command that
takes EVENTS reads. `compact` merges the small objects of each day, as many as there were deliveries, into
few large ones. It loses no line and keeps their order, may be stopped anywhere, and leaves the last two days
alone.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.day import day, declare_days, need_order
from pql.cli.plain_json import plain_json
from pql.cli.refused import Mistyped, sorry
from pql.cli.rules.places import declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.cli.targets import STDOUT, need_writable
from pql.core.archived import ENDING, named
from pql.core.errors import Poison
from pql.core.plain_words import counted
from pql.core.times import day_of

if TYPE_CHECKING:
    from pql.flows.compaction import Compacted
    from pql.flows.replay import Stored
    from pql.flows.shelf import Day, Shelf

HELP = "look into the archive, take days out of it, merge its small objects"
UNITS = ("B", "kB", "MB", "GB", "TB")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    ls = verbs.add_parser("ls", help="list the days there are")
    declare_days(ls)
    ls.add_argument("--count", action="store_true", help="read what does not say how many events it has")
    declare_json(ls)
    get = verbs.add_parser(
        "get", help="print the lines of days, or write them to files, as they were counted"
    )
    get.add_argument("days", nargs="+", type=day, metavar="DAY", help="such as 2026-11-20")
    get.add_argument("--account", metavar="ID", help="only what was counted for this account")
    get.add_argument("--out", default=STDOUT, metavar="DIR", help="write a file a day (default: print lines)")
    compact = verbs.add_parser("compact", help="merge the small objects of each day")
    declare_days(compact)
    compact.add_argument("--force", action="store_true", help="the last two days as well, but for an hour")
    declare_json(compact)
    for one in (ls, get, compact):
        declare_stack(one)


def run(chosen: argparse.Namespace) -> int:
    """Run; return 0, 1 if something failed or nothing is there to get, or 2 for what was typed wrong."""
    need_order(getattr(chosen, "first", None), getattr(chosen, "last", None))
    if chosen.verb == "get" and chosen.out == STDOUT and sys.stdout is None:  # as behind `>&-`
        raise Mistyped("nobody reads the lines: standard output is closed; --out DIR writes files")
    from pql.adapters.s3_log import S3Log  # noqa: PLC0415 - botocore takes a second

    deployment = Deployment(chosen)
    shelf = S3Log(deployment.client("s3"), deployment["Archive"])
    return {"ls": _ls, "get": _get, "compact": _compact}[chosen.verb](shelf, chosen)


def _ls(shelf: Shelf, chosen: argparse.Namespace) -> int:
    from pql.flows.shelf import survey  # noqa: PLC0415

    days = survey(shelf, chosen.first or "", chosen.last or "", count=chosen.count)
    if chosen.json:
        print(plain_json([one._asdict() for one in days]))
        return 0
    found = [*days]
    if not found:
        since = f" from {chosen.first}" if chosen.first else ""
        until = f" to {chosen.last}" if chosen.last else ""
        print(f"nothing is in the archive{since}{until}")
        return 0
    print(f"{'day':10}  {'objects':>8}  {'merged':>8}  {'size':>9}  {'events':>10}")
    for one in found:
        print(_row(one))
    return 0


def _row(one: Day) -> str:
    events = "?" if one.events is None else f"{one.events:,}"
    return f"{one.day:10}  {one.objects:>8,}  {one.merged:>8,}  {_size(one.size):>9}  {events:>10}"


def _size(number: float) -> str:
    for unit in UNITS:
        if number < 1000 or unit == UNITS[-1]:
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"


def _get(shelf: Shelf, chosen: argparse.Namespace) -> int:
    """Print or write days; return 1 if there was nothing on any of them."""
    if chosen.out != STDOUT:
        need_writable((), (chosen.out,))
    code = 1
    for one in sorted(set(chosen.days)):
        found = _lines(shelf, one, chosen.account)
        first = next(found, None)
        if first is None:
            whose = f" for {chosen.account}" if chosen.account else ""
            sorry(chosen, f"nothing was counted{whose} on {one}")
            continue
        code = 0
        if chosen.out == STDOUT:
            for _, lines in chain((first,), found):
                sys.stdout.buffer.writelines(line + b"\n" for line in lines)
            sys.stdout.buffer.flush()
        else:
            _write(Path(chosen.out), one, first, found)
    return code


def _write(
    directory: Path,
    of: str,
    first: tuple[Stored, Sequence[bytes]],
    found: Iterator[tuple[Stored, Sequence[bytes]]],
) -> None:
    """Write a day as an object of the archive, so that whoever reads it knows the order of counting."""
    file = directory / f"day={of}" / named(first[0].counted_at, f"{of}{ENDING}")
    file.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    with gzip.open(file, "wb", 6) as opened:
        for _, lines in chain((first,), found):
            opened.writelines(line + b"\n" for line in lines)
            number += len(lines)
    print(f"{counted(number, 'event')} in {file}")


def _lines(shelf: Shelf, of: str, account: str | None) -> Iterator[tuple[Stored, Sequence[bytes]]]:
    """Yield the objects of a day that have lines, or lines of an account, with these."""
    import msgspec  # noqa: PLC0415

    from pql.core.archived import Line  # noqa: PLC0415
    from pql.core.complaints import UNREADABLE  # noqa: PLC0415
    from pql.core.keys import account_key  # noqa: PLC0415
    from pql.flows.shelf import read_day  # noqa: PLC0415

    decoder, subject = msgspec.json.Decoder(Line), account_key(account) if account else ""
    for one, lines in read_day(shelf, of):
        try:
            kept = [line for line in lines if not account or decoder.decode(line).subject == subject]
        except UNREADABLE as error:
            raise Poison(f"{one.key} is no part of the archive: {error}") from error
        if kept:
            yield one, kept


def _compact(shelf: Shelf, chosen: argparse.Namespace) -> int:
    from pql.flows.compaction import Compaction  # noqa: PLC0415

    now = now_ms()
    first = chosen.first or next((one.day for one in shelf.stored("", "")), None)
    if first is None:
        print("nothing is in the archive")
        return 0
    last = chosen.last or day_of(now)
    # Later words sort later; nobody else makes one in the same nanosecond.
    found = Compaction(shelf, now, lambda: f"{time.time_ns():016x}").run(first, last, force=chosen.force)
    print(_document(found) if chosen.json else "\n".join(_text(found)))
    for why in found.unread:
        print(f"left alone: {why}", file=sys.stderr)
    return 1 if found.unread else 0


def _document(found: Compacted) -> str:
    return plain_json(
        {
            "merged": found.gone,
            "into": found.made,
            "bytes": found.before,
            "repeats_left_out": found.repeats,
            "days": found.days,
            "unread": found.unread,
        }
    )


def _text(found: Compacted) -> Iterator[str]:
    for of, number in sorted(found.days.items()):
        yield f"{of}  {counted(number, 'object')} merged"
    if not found.made:
        yield "nothing to merge"
        return
    yield f"{counted(found.gone, 'object')} ({_size(found.before)}) became {found.made}"
    if found.repeats:
        yield f"{counted(found.repeats, 'repeated line')} left out"
