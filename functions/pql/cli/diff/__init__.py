"""Say what a change of rules does: run both versions over the same events, with the code that judges live.

OLD and NEW are directories or files of rules, or versions of them in git: `git:REV` or `git:REV:PATH`. A
rule whose meaning is unchanged is the same rule whatever it is called. Nothing is written but what you ask
for, and the exit code is 0 whatever the change does, unless `--most-gained` or `--most-lost` say otherwise.

```console
$ pql diff git:origin/main functions/rules archive --within 90d
$ pql diff rules/before rules/after events.jsonl.gz --conversions 'Subscription Started' --markdown -
```
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.arguments import whole
from pql.cli.past import converting, courses, declare_jobs, declare_past
from pql.cli.refused import Mistyped, refuse, sorry
from pql.cli.sources import declare_sources, look_over
from pql.cli.targets import EVENTS, declare_printable, need_apart, need_reports, need_writable
from pql.core.errors import PqlError
from pql.core.plain_words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pql.backtest.changes.change import Change
    from pql.rules.pack import Pack

HELP = "say what a change of rules does to accounts of the past"
EXAMPLES = 5


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("old", metavar="OLD", help="rules before: a directory, a file, or git:REV:PATH")
    parser.add_argument("new", metavar="NEW", help="rules after")
    declare_sources(parser)
    declare_past(parser)
    declare_jobs(parser)
    parser.add_argument(
        "--examples",
        type=whole,
        default=EXAMPLES,
        metavar="N",
        help=f"name so many accounts of each list (default {EXAMPLES})",
    )
    declare_printable(parser, "--json", "write all of it as JSON")
    declare_printable(parser, "--markdown", "write it for a pull request")
    for side in ("gained", "lost"):
        parser.add_argument(
            f"--most-{side}",
            type=whole,
            metavar="N",
            help=f"exit with 1 if any rule has more accounts {side} than this",
        )


def run(chosen: argparse.Namespace) -> int:
    """Compare; return 0, 1 if that is not possible or moves more accounts than it may, or 2 if mistyped."""
    from pql.backtest.changes.change import Judged, change  # noqa: PLC0415
    from pql.cli.diff.document import document  # noqa: PLC0415
    from pql.cli.diff.markdown import markdown  # noqa: PLC0415
    from pql.cli.diff.text import text  # noqa: PLC0415
    from pql.cli.diff.whys import whys_of  # noqa: PLC0415

    if chosen.json == chosen.markdown == "-":
        raise Mistyped("--json - and --markdown - would be mixed: name a file for one of them")
    _need_targets(chosen)
    packs = _packs(chosen)
    if packs is None:
        return 1
    look_over(chosen.events, "pql diff", chosen.conversions)
    conversions = converting(chosen, *packs)
    was, now = (
        Judged(*one) for one in zip(packs, courses(packs, chosen, conversions, "pql diff"), strict=True)
    )
    found = change(was, now, chosen.within)
    whys = whys_of(chosen, found, was, now)
    sides = (chosen.old, chosen.new)
    if chosen.json:
        _write(document(found, sides, whys) + "\n", chosen.json)
    if chosen.markdown:
        _write(markdown(found, sides, whys, chosen.examples), chosen.markdown)
    if "-" not in (chosen.json, chosen.markdown):
        print("\n".join(text(found, sides, whys, chosen.examples)))
    return _judged(chosen, found)


def _need_targets(chosen: argparse.Namespace) -> None:
    """Raise `PqlError` for what cannot be written, or is to be read."""
    reports = {"--json": chosen.json, "--markdown": chosen.markdown}
    need_reports(reports)
    sides = {"OLD": [chosen.old], "NEW": [chosen.new]}
    need_apart(reports.items(), {**sides, EVENTS: chosen.events, "--conversions": chosen.conversions or []})
    need_writable(reports.values())


def _packs(chosen: argparse.Namespace) -> tuple[Pack, Pack] | None:
    from pql.cli.diff.versions import pack_of  # noqa: PLC0415
    from pql.rules.faults import RulesRejected  # noqa: PLC0415

    found = []
    for named in (chosen.old, chosen.new):
        try:
            found.append(pack_of(named))
        except RulesRejected as rejected:
            print(f"pql diff: {named} does not load", file=sys.stderr)
            refuse(rejected.faults, as_json=False)
            return None
    return found[0], found[1]


def _judged(chosen: argparse.Namespace, change: Change) -> int:
    """Return 1, and say so, where a rule moves more accounts than it may."""
    code = 0
    for side, most in (("gained", chosen.most_gained), ("lost", chosen.most_lost)):
        for one in change.rules:
            moved: Sequence[object] = getattr(one.entries, side)
            if most is not None and len(moved) > most:
                words = f"{one.rule} has {counted(len(moved), 'account')} {side}, and may have {most}"
                code = sorry(chosen, words)
    return code


def _write(text: str, where: str) -> None:
    if where == "-":
        print(text, end="")
        return
    try:
        Path(where).write_text(text, encoding="utf-8")
    except OSError as error:
        raise PqlError(f"{where} cannot be written: {error.strerror}") from error
