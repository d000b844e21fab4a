"""Take rules out of the shadow that `pql rules shadow`, or the watch, has put them into.

```console
$ pql rules live keen
```

Their leads are announced again within a minute, as their files say. What was made in shadow stays there.
"""

from __future__ import annotations

import argparse
import sys
import time

from pql.cli.rules.places import declare_json
from pql.cli.rules.shadow import document, item, text
from pql.cli.table import declare_table
from pql.core.errors import PqlError

HELP = "take rules out of the shadow that somebody put them into"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules live`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("rule", nargs="+", help="the rules")
    declare_table(parser)
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Take them out; return 0, or 1 with a word on standard error."""
    from pql.flows.overrides import change  # noqa: PLC0415
    from pql.rules.nearest import unknown  # noqa: PLC0415

    now = time.time_ns() // 1_000_000
    try:
        overrides = item(chosen)
        held = overrides.overrides().rules
        for rule in chosen.rule:
            if rule not in held:
                raise PqlError(unknown("rule in shadow", rule, sorted(held)))  # noqa: TRY301 - told below
        found = change(overrides, lambda one: one.without(chosen.rule))
    except PqlError as error:
        print(f"pql rules live: {error}", file=sys.stderr)
        return 1
    print(document(found, now) if chosen.json else "\n".join(text(found, now)))
    return 0
