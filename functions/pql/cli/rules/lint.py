"""Look for rules that are legal and yet cannot be meant: never true, shadowed, or about unknown events."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from pql.cli.rules.check import counted, loaded
from pql.cli.rules.places import declare_directory, declare_json, file

if TYPE_CHECKING:
    from pql.rules.lint import Finding
    from pql.rules.pack import Pack

HELP = "look for rules that cannot be meant"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules lint`."""
    declare_directory(parser)
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
    findings = _findings(pack, chosen)
    if chosen.json:
        print(json.dumps([one._asdict() for one in findings], indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(str, findings)) if findings else f"{counted(pack)}: nothing to say")
    return 1 if findings and chosen.strict else 0


def _findings(pack: Pack, chosen: argparse.Namespace) -> list[Finding]:
    from pql.engine.sample import Sample  # noqa: PLC0415
    from pql.rules.lint import event_names, lint  # noqa: PLC0415
    from pql.rules.source import Source  # noqa: PLC0415

    texts = {name: (chosen.directory / name).read_text(encoding="utf-8") for name in pack.files}
    sources = {name: Source(name, text) for name, text in texts.items()}
    known = None
    overlapping: list[Finding] = []
    if chosen.events is not None:
        known = event_names(chosen.events.read_text(encoding="utf-8").splitlines())
    if chosen.sample is not None:
        with chosen.sample.open("rb") as lines:
            sample = Sample(pack, lines)
        known = sample.names
        overlapping = list(sample.overlaps(sources))
    return sorted([*lint(pack, sources, known), *overlapping])
