"""Say everything that is wrong with rule files: each fault as `file:line:column`, all at once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pql.cli.rules.places import declare_json, declare_rules, rules_of

if TYPE_CHECKING:
    from pql.rules.faults import Fault
    from pql.rules.pack import Pack

HELP = "say everything that is wrong"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules check`."""
    declare_rules(parser)
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Check; return 0 if all is well and 1 if not."""
    from pql.rules.load import passed_over  # noqa: PLC0415

    for note in passed_over(rules_of(chosen)):
        print(f"note: {note}", file=sys.stderr)
    pack = loaded(chosen)
    if pack is None:
        return 1
    print("[]" if chosen.json else f"{counted(pack)}: all good")
    return 0


def loaded(chosen: argparse.Namespace) -> Pack | None:
    """Return the rules chosen; None if they do not load, and every fault is told."""
    # Imported here: pydantic takes half a second, and `pql --help` should not.
    from pql.rules.faults import RulesRejected  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    try:
        return load(rules_of(chosen))
    except RulesRejected as rejected:
        refuse(rejected.faults, as_json=chosen.json)
        return None


def refuse(faults: Iterable[Fault], *, as_json: bool) -> None:
    """Tell the faults: as JSON for programs, else one a line on standard error."""
    if as_json:
        print(json.dumps([one._asdict() for one in faults], indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(str, faults)), file=sys.stderr)


def counted(pack: Pack) -> str:
    """Return what a pack holds, as `1 file, 1 rule, 4 signals`."""
    files = pack.files.values()
    counts = {
        "file": len(files),
        "rule": sum(len(file.rules) for file in files),
        "signal": sum(len(file.signals) for file in files),
    }
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())
