"""Check rule files, and run the tests inside them.

```console
$ pql rules check functions/rules
1 file, 1 rule, 4 signals: all good
```
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pql.rules.pack import Pack


HELP = "check rule files and run their tests"
SHIPPED = Path(__file__).parents[2] / "rules"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare `check` and `test`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    for verb, words in (("check", "say everything that is wrong"), ("test", "run the tests in the files")):
        own = verbs.add_parser(verb, help=words)
        own.add_argument(
            "directory", nargs="?", type=_directory, default=SHIPPED, help="rule files (default: shipped)"
        )


def run(chosen: argparse.Namespace) -> int:
    """Check or test; return 0 if all is well and 1 if not."""
    # Imported here: pydantic takes half a second, and `pql --help` should not.
    from pql.core.errors import RuleFault  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    try:
        pack = load(chosen.directory)
    except RuleFault as fault:
        print(fault, file=sys.stderr)
        return 1
    return _check(pack) if chosen.verb == "check" else _test(pack)


def _directory(text: str) -> Path:
    path = Path(text)
    if path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is a file; give the directory it is in")
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no directory")
    return path


def _check(pack: Pack) -> int:
    files = pack.files.values()
    counts = {
        "file": len(files),
        "rule": sum(len(file.rules) for file in files),
        "signal": sum(len(file.signals) for file in files),
    }
    told = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())
    print(f"{told}: all good")
    return 0


def _test(pack: Pack) -> int:
    from pql.engine.rehearsal import rehearse  # noqa: PLC0415

    passed = failed = 0
    for verdict in rehearse(pack):
        passed += verdict.passed
        failed += not verdict.passed
        print(f"{'ok  ' if verdict.passed else 'FAIL'} {verdict.file}: {verdict.name}: {verdict.words}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
