"""Write, check, test, look through and introduce rules.

```console
$ pql rules check functions/rules
$ pql rules test functions/rules --rule activated
```
"""

from __future__ import annotations

import argparse

from pql.cli.rules import check, docs, introduce, lint, live, new, schema, shadow, test

HELP = "write, check, test, look through and introduce rules"
VERBS = {
    "check": check,
    "test": test,
    "lint": lint,
    "new": new,
    "introduce": introduce,
    "shadow": shadow,
    "live": live,
    "schema": schema,
    "docs": docs,
}


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs, each in a file of its own."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    for name, verb in VERBS.items():
        own = verbs.add_parser(name, help=verb.HELP, description=verb.__doc__)
        verb.declare(own)
        own.set_defaults(run_verb=verb.run, said_by=own.prog)


def run(chosen: argparse.Namespace) -> int:
    """Run one verb; return 0 if all is well and 1 if not."""
    code: int = chosen.run_verb(chosen)
    return code
