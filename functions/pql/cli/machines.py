"""A backtest on several machines: started and waited for, and what one has found, read again."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.lateness import horizon
from pql.cli.refused import Mistyped
from pql.cli.rules.places import absent
from pql.core.errors import PqlError
from pql.core.window import DAY, HOUR

if TYPE_CHECKING:
    from pql.adapters.event_cloud import Cloud
    from pql.backtest.course import Course
    from pql.backtest.rerun.labels import Conversions
    from pql.rules.pack import Pack

SHARDS = 4


def declare_machines(parser: argparse.ArgumentParser) -> None:
    """Declare `--on`, `--shards` and `--course`."""
    parser.add_argument(
        "--on",
        metavar="STACK",
        help="instead of EVENTS: the archive of a stack of infra/backtest, worked there",
    )
    parser.add_argument(
        "--shards",
        type=_shards,
        default=SHARDS,
        metavar="N",
        help=f"with --on: functions that share the work, all at once (default: {SHARDS})",
    )
    parser.add_argument(
        "--course", metavar="FILE", help="instead of EVENTS: what --on has found, a file or s3://BUCKET/KEY"
    )


def course_on(rules: Path, chosen: argparse.Namespace, conversions: Conversions, cloud: Cloud) -> Course:
    """Return the course that the functions of the chosen stack find under the rules in a place.

    What was received within the last hour is left out: some of it may still lie in a queue, and would come
    into the archive while it is read. Raises `Unavailable`, and `PqlError` for a run that failed.
    """
    from pql.adapters.backtest_machine import BacktestMachine  # noqa: PLC0415 - boto3 takes a second
    from pql.adapters.backtest_runs import Order, Runs  # noqa: PLC0415
    from pql.adapters.shard_processes import settled  # noqa: PLC0415
    from pql.adapters.stack_resources import resources  # noqa: PLC0415
    from pql.rules.load import read  # noqa: PLC0415

    now = int(time.time() * 1000)
    found = resources(cloud.client("cloudformation"), chosen.on)
    if missing := {"Runs", "Machine"} - set(found):
        raise PqlError(f"the stack {chosen.on} has no {min(missing)}: it is none of infra/backtest")
    ends = now - HOUR if chosen.end is None else min(chosen.end + DAY, now - HOUR)
    texts, _ = read(rules)
    order = Order(
        texts,
        dict(conversions) if isinstance(conversions, dict) else sorted(conversions),
        chosen.shards,
        horizon(chosen),
        begin=chosen.begin or 0,
        end=ends,
        until=settled(),
        now=now,
    )
    run = f"{now:013}-{secrets.token_hex(4)}"
    runs = Runs(cloud.client("s3"), found["Runs"])
    runs.put_order(run, order)
    machine = BacktestMachine(cloud.client("stepfunctions"), found["Machine"], time.sleep)
    machine.run(run, chosen.shards)
    print(f"found s3://{found['Runs']}/runs/{run}/course.json: --course shows it again", file=sys.stderr)
    return runs.course(run)


def course_in(place: str, pack: Pack, cloud: Cloud) -> Course:
    """Return the course under the rules of `pack` that lies in a file or in a bucket.

    Raises `PqlError` for anything else there, and for a course under other rules.
    """
    import msgspec  # noqa: PLC0415

    from pql.backtest.changes.ruling import stamps  # noqa: PLC0415
    from pql.backtest.course import Course  # noqa: PLC0415

    if place.startswith("s3://"):
        from pql.adapters.backtest_runs import stored  # noqa: PLC0415

        text = stored(cloud.client("s3"), place)
    else:
        if not Path(place).exists():
            raise Mistyped(absent(place))
        text = Path(place).read_bytes()
    try:
        course = msgspec.json.decode(text, type=Course)
    except msgspec.DecodeError as error:
        raise PqlError(f"{place} is no course of a backtest: {error}") from error
    here = [name for file in pack.files.values() for name in file.rules]
    if sorted(course.rules) != sorted(here):
        raise PqlError(
            f"{place} was found under other rules ({', '.join(course.rules)}) than these ({', '.join(here)})"
        )
    known = stamps(pack)
    if changed := [name for name in here if course.stamps.get(name) != known[name]]:
        raise PqlError(
            f"{place} was found under another version of {', '.join(changed)}: name the rules of that time, "
            "or work it out again with --on"
        )
    return course


def _shards(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"expected a number of functions from 1 to 1000, got {text!r}")
    return int(text)
