"""Look for rules that are legal and yet cannot be meant: never true, shadowed, or about unknown events."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.rules.check import counted, loaded
from pql.cli.rules.places import declare_json, declare_rules, file, rules_of

if TYPE_CHECKING:
    from pql.rules.lint import Finding
    from pql.rules.pack import Pack

HELP = "look for rules that cannot be meant"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules lint`."""
    declare_rules(parser)
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--events",
        type=file,
        metavar="FILE",
        help="the events there are, one a line (`page/Pricing`: a page)",
    )
    source.add_argument(
        "--sample", type=file, metavar="FILE", help="events as SDKs send them, one JSON object a line"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 if there is a finding")
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Tell the findings; return 0, or 1 if the rules do not load or, with `--strict`, for a finding."""
    pack = loaded(chosen)
    if pack is None:
        return 1
    try:
        findings = _findings(pack, chosen)
    except _UselessFile as fault:
        print(f"pql rules lint: {fault}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps([one._asdict() for one in findings], indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(str, findings)) if findings else f"{counted(pack)}: nothing to say")
    return 1 if findings and chosen.strict else 0


def _findings(pack: Pack, chosen: argparse.Namespace) -> list[Finding]:
    from pql.backtest.rerun.sample import Sample  # noqa: PLC0415
    from pql.core.plain_words import counted as counted_words  # noqa: PLC0415
    from pql.rules.lint import event_names, lint  # noqa: PLC0415
    from pql.rules.load import read  # noqa: PLC0415
    from pql.rules.source import Source  # noqa: PLC0415

    texts, _ = read(rules_of(chosen))
    sources = {name: Source(name, text) for name, text in texts.items()}
    known = None
    overlapping: list[Finding] = []
    if chosen.events is not None:
        known = event_names(_lines(chosen.events))
        if not any(known.values()):
            raise _UselessFile(f"{chosen.events} names no event")
    if chosen.sample is not None:
        with chosen.sample.open("rb") as lines:
            sample = Sample(pack, lines)
        if sample.names and sample.unread:
            passed = counted_words(sample.unread, "line")
            print(f"pql rules lint: passed over {passed} without an event", file=sys.stderr)
        if not sample.names:
            raise _UselessFile(f"{chosen.sample} has no event with a name in it: nothing could be compared")
        known = sample.names
        overlapping = list(sample.overlaps(sources))
    return sorted([*lint(pack, sources, known), *overlapping])


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise _UselessFile(f"{path} is not UTF-8: it should hold names, one a line") from error


class _UselessFile(Exception):
    """A file of events that says nothing about the rules, in words for whoever named it."""
