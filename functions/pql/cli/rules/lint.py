"""Look for rules that are legal and yet cannot be meant: never true, shadowed, or about unknown events."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.plain_json import plain_json
from pql.cli.rules.check import counted
from pql.cli.rules.places import declare_json, declare_rules, file, rules_of
from pql.core.clean_text import cleaned
from pql.core.errors import PqlError

if TYPE_CHECKING:
    from pql.rules.lint.findings import Finding
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
    from pql.rules.load import load  # noqa: PLC0415

    pack = load(rules_of(chosen))
    findings = _findings(pack, chosen)
    if chosen.json:
        print(plain_json([one._asdict() for one in findings]))
    else:
        print("\n".join(cleaned(str(one)) for one in findings) or f"{counted(pack)}: nothing to say")
    return 1 if findings and chosen.strict else 0


def _findings(pack: Pack, chosen: argparse.Namespace) -> list[Finding]:
    from pql.backtest.rerun.sample import Sample  # noqa: PLC0415
    from pql.core.plain_words import counted as counted_words  # noqa: PLC0415
    from pql.engine.idle import idle_tests  # noqa: PLC0415
    from pql.rules.lint import lint  # noqa: PLC0415
    from pql.rules.lint.loose_ends import event_names  # noqa: PLC0415
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
        sample = Sample(pack, _events(chosen.sample))
        if sample.names and sample.unread:
            passed = counted_words(sample.unread, "line")
            print(f"pql rules lint: passed over {passed} without an event", file=sys.stderr)
        if not sample.names:
            raise _UselessFile(f"{chosen.sample} has no event with a name in it: nothing could be compared")
        known = sample.names
        overlapping = list(sample.overlaps(sources))
    return sorted([*lint(pack, sources, known), *idle_tests(pack, sources), *overlapping])


def _events(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of events, gzipped or not."""
    from pql.adapters.blocks import CHUNK, blocks  # noqa: PLC0415

    with path.open("rb") as opened:
        for block in blocks(iter(lambda: opened.read(CHUNK), b""), str(path)):
            yield from block.split(b"\n")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _UselessFile(f"{path} is not UTF-8: it should hold names, one a line") from error


class _UselessFile(PqlError):
    """A file of events that says nothing about the rules, in words for whoever named it."""
