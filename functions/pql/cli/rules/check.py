"""Say everything that is wrong with rule files: each fault as `file:line:column`, all at once."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pql.cli.rules.places import declare_json, declare_rules, rules_of

if TYPE_CHECKING:
    from pql.rules.pack import Pack

HELP = "say everything that is wrong"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules check`."""
    declare_rules(parser)
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Check; return 0 if all is well and 1 if not."""
    # Imported here: pydantic takes half a second, and `pql --help` should not.
    from pql.rules.load import load, passed_over  # noqa: PLC0415

    for note in passed_over(rules_of(chosen)):
        print(f"note: {note}", file=sys.stderr)
    pack = load(rules_of(chosen))
    print("[]" if chosen.json else f"{counted(pack)}: all good")
    return 0


def counted(pack: Pack) -> str:
    """Return what a pack holds, as `1 file, 1 rule, 4 signals`."""
    files = pack.files.values()
    counts = {
        "file": len(files),
        "rule": sum(len(file.rules) for file in files),
        "signal": sum(len(file.signals) for file in files),
    }
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())
