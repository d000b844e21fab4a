"""Fit the points of a score to what became of accounts, and propose the change of its rule file.

Older accounts teach, newer ones judge. What is learned from is how each item of the score stood when an
account was of an age, and whether it converted within a time after. The proposal is a diff, with the effect
that the same rules, run again over the same events, have on accounts that nothing was learned from. Where
newer accounts show no signal, or that other points rank no better, or where no lead would be another,
nothing is proposed: the exit code is 3.

```console
$ pql calibrate functions/rules archive --score activation
$ pql calibrate rules/ events.jsonl.gz --conversions won.csv --age 14d --within 180d --precision 0.2
$ pql calibrate rules/fit.yaml events/ --conversions 'Subscription Started' --leads-per-week 5 --apply
```
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.arguments import duration, whole
from pql.cli.backtest_list import need_list
from pql.cli.clock import now_ms
from pql.cli.lateness import horizon
from pql.cli.past import again, converting, declare_jobs, declare_past, heed, need_events
from pql.cli.plain_json import plain_json
from pql.cli.refused import Mistyped
from pql.cli.rules.places import rule_files
from pql.cli.sources import cloud_of, declare_sources, look_over
from pql.cli.targets import EVENTS, declare_printable, need_apart, need_reports, need_writable
from pql.core.dated import dated
from pql.core.errors import PqlError
from pql.core.window import DAY

if TYPE_CHECKING:
    from pql.backtest.calibrate.aim import Aim
    from pql.backtest.calibrate.calibration import Calibration
    from pql.backtest.calibrate.items import Items
    from pql.backtest.calibrate.proposal import Proposal
    from pql.backtest.course import Course
    from pql.backtest.rerun.labels import Conversions
    from pql.rules.pack import Pack

HELP = "fit the points of a score to conversions, as a diff"
AGE, WITHIN = 14 * DAY, 180 * DAY
NOTHING_PROPOSED = 3
_MOMENTS = frozenset({"first", "last", "since"})


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("rules", type=rule_files, metavar="RULES", help="a directory of rule files, or one")
    declare_sources(parser)
    declare_past(parser, WITHIN)
    declare_jobs(parser)
    parser.add_argument("--score", metavar="NAME", help="the score to fit (default: the only one)")
    parser.add_argument(
        "--age",
        type=duration,
        default=AGE,
        metavar="TIME",
        help="how old accounts are looked at (default: 14d)",
    )
    aim = parser.add_mutually_exclusive_group()
    aim.add_argument("--precision", type=_share, metavar="SHARE", help="the precision wanted, such as 0.2")
    aim.add_argument("--leads-per-week", type=_positive, metavar="N", help="how many leads are wanted")
    parser.add_argument("--rule", metavar="NAME", help="whose threshold (default: the only one's)")
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="of the resampling (default: 0)")
    parser.add_argument("--apply", action="store_true", help="write the change into the file")
    declare_printable(parser, "--json", "write all of it as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Calibrate; return 0 for a proposal, 1 if that is not possible, 2 if mistyped, 3 if there is none."""
    _need_the_extra()
    reports = {"--json": chosen.json}
    need_reports(reports)
    inputs = {"RULES": [chosen.rules], EVENTS: chosen.events, "--conversions": chosen.conversions or []}
    need_apart(reports.items(), inputs)
    need_writable(reports.values())
    from pql.adapters.event_pieces import is_read_once  # noqa: PLC0415
    from pql.backtest.calibrate.aim import Aim  # noqa: PLC0415
    from pql.backtest.calibrate.calibrated import told  # noqa: PLC0415
    from pql.backtest.calibrate.items import Items  # noqa: PLC0415
    from pql.backtest.calibrate.proposal import need_target  # noqa: PLC0415
    from pql.rules.load import load, read  # noqa: PLC0415

    pack = load(chosen.rules)
    look_over(chosen.events, "pql calibrate", chosen.conversions)
    if is_read_once(chosen.events):
        raise Mistyped("the events are read several times: give files, not stdin or a pipe")
    items = Items(pack, _score(pack, chosen.score))
    _need_rule(pack, chosen.rule)
    aim = Aim(chosen.precision, chosen.leads_per_week, chosen.rule)
    need_target(read(chosen.rules)[0][items.file], items, aim)
    if chosen.apply:
        need_writable((_path(chosen.rules, items.file),))
    try:
        found, made = _calibrated(chosen, pack, items, aim)
    except KeyboardInterrupt:
        print(f"{chosen.said_by}: interrupted: nothing is proposed, and no file was changed", file=sys.stderr)
        raise
    if chosen.json:
        _write(_document(found, items, made), chosen.json)
    if chosen.json != "-":
        print("\n".join(told(found, items, made)))
    if made is None or not made.diff:
        return NOTHING_PROPOSED
    if chosen.apply:
        _apply(chosen.rules, made, chosen.json)
    return 0


def _calibrated(
    chosen: argparse.Namespace, pack: Pack, items: Items, aim: Aim
) -> tuple[Calibration, Proposal | None]:
    """Return what fitting found, and the proposal, if there was any signal."""
    import msgspec  # noqa: PLC0415

    from pql.adapters.shard_processes import settled  # noqa: PLC0415
    from pql.backtest.calibrate.calibration import calibrate  # noqa: PLC0415
    from pql.backtest.calibrate.cohort import cohort  # noqa: PLC0415
    from pql.backtest.calibrate.edits import difference  # noqa: PLC0415
    from pql.backtest.calibrate.proposal import propose  # noqa: PLC0415
    from pql.rules.load import read  # noqa: PLC0415

    need_list(chosen.conversions, chosen.events)
    conversions = converting(chosen, pack)
    until = settled()  # the same for every rerun, or they would differ by what is counted meanwhile
    course = _rerun(chosen, pack, conversions, until, chosen.age)
    found = calibrate(cohort(course, items, chosen.age, chosen.within), items.items, chosen.seed)
    made: Proposal | None = None
    if found.verdict in {"better", "kept"}:
        texts, _ = read(chosen.rules)
        made = propose(texts, items, found, course, lambda new: _rerun(chosen, new, conversions, until), aim)
        diff = difference(_place(chosen.rules, made), made.before, made.after)
        made = msgspec.structs.replace(made, diff=diff)
    return found, made


def _score(pack: Pack, name: str | None) -> str:
    """Return the score to fit; raises `PqlError` where that is not clear."""
    from pql.rules.nearest import unknown  # noqa: PLC0415

    scores = [score for file in pack.files.values() for score in file.scores]
    if name is not None and name not in scores:
        raise PqlError(unknown("score", name, scores))
    if name is None and len(scores) != 1:
        told = f"choose with --score: {', '.join(scores)}" if scores else "there is no score in these rules"
        raise PqlError(told)
    return name or scores[0]


def _need_rule(pack: Pack, name: str | None) -> None:
    from pql.rules.nearest import unknown  # noqa: PLC0415

    rules = [rule for file in pack.files.values() for rule in file.rules]
    if name is not None and name not in rules:
        raise PqlError(unknown("rule", name, rules))


def _rerun(
    chosen: argparse.Namespace, pack: Pack, conversions: Conversions, until: int, age: int | None = None
) -> Course:
    from pql.adapters.shard_processes import sharded  # noqa: PLC0415
    from pql.cli.progress import Progress  # noqa: PLC0415

    with Progress() as tell:
        course = sharded(
            pack,
            chosen.events,
            jobs=chosen.jobs,
            horizon=horizon(chosen, chosen.events),
            conversions=conversions,
            tell=tell,
            age=age,
            cloud=cloud_of(chosen),
            until=until,
            now=now_ms(),
            near=False,  # nobody reads it here
        )
    if age is not None:
        heed(chosen, course, conversions, "pql calibrate", again(chosen, chosen.events))
        need_events(course, chosen.events)
    return course


def _path(rules: Path, name: str) -> Path:
    return rules if rules.is_file() else rules / name


def _place(rules: Path, made: Proposal) -> str:
    """Return the file as seen from here, where `git apply` is typed; its name alone if it is not below."""
    here, path = Path.cwd(), _path(rules, made.name).resolve()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else made.name


def _apply(rules: Path, made: Proposal, json: str | None) -> None:
    path = _path(rules, made.name)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(made.after)
    told = f"\nwrote {path}; now: pql rules test {path}" if made.failing else f"\nwrote {path}"
    print(told, file=sys.stderr if json == "-" else sys.stdout)  # where a document goes is nothing else


def _document(found: Calibration, items: Items, made: Proposal | None) -> str:
    import msgspec  # noqa: PLC0415

    calibration = dated(msgspec.to_builtins(found), _MOMENTS)
    for length in ("age", "within", "lasts"):
        calibration[f"{length}_days"] = calibration.pop(length) / DAY
    plain: Mapping[str, object] = {
        "score": items.path[1],
        "file": items.file,
        "calibration": calibration,
        "proposal": dated(msgspec.to_builtins(made), _MOMENTS),
    }
    return plain_json(plain)


def _write(text: str, where: str) -> None:
    if where == "-":
        print(text)
    else:
        Path(where).write_text(f"{text}\n", encoding="utf-8")


def _need_the_extra() -> None:
    try:
        import sklearn  # type: ignore[import-untyped]  # noqa: F401, PLC0415
    except ImportError as error:
        raise PqlError("this needs scikit-learn: pip install -e '.[calibrate]'") from error


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share between 0 and 1, such as 0.2")
    return share


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of leads, such as 5")
    return number
