"""Take rules out of the shadow that `pql rules shadow`, or the watch, has put them into.

```console
$ pql rules live keen
```

Their leads are announced again within a minute, as their files say. What was made in shadow stays there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.rules.shadow import document, item, known, text
from pql.cli.stack import declare_stack
from pql.core.errors import PqlError
from pql.core.plain_words import iso
from pql.core.times import day_of

if TYPE_CHECKING:
    from pql.core.override import Overrides

HELP = "take rules out of the shadow that somebody put them into"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules live`."""
    parser.add_argument("rule", nargs="+", help="the rules")
    declare_deployed(parser)
    declare_stack(parser)
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Take them out; return 0, or 1 with a word on standard error."""
    from pql.flows.overrides import change  # noqa: PLC0415
    from pql.rules.nearest import unknown  # noqa: PLC0415

    now = now_ms()
    overrides = item(chosen)
    held = overrides.overrides()
    holding = sorted(held.holding(now))
    statuses = known([], chosen.rules)
    for rule in chosen.rule:
        if rule not in (*holding, *statuses):
            raise PqlError(unknown("rule", rule, sorted({*holding, *statuses})))
        if rule not in holding:
            raise PqlError(f"{rule} is not in shadow, unless by its file: {_others(holding)}")
    found = change(overrides, lambda one: one.without(chosen.rule))
    lines = [*ended(chosen.rule, held, statuses), *text(found, now)]
    print(document(found, now) if chosen.json else "\n".join(lines))
    return 0


def _others(holding: list[str]) -> str:
    return f"these are: {', '.join(holding)}" if holding else "no rule is"


def ended(rules: list[str], held: Overrides, statuses: Mapping[str, str]) -> Iterator[str]:
    """Yield what each rule was in shadow for until now, and what becomes of its leads."""
    for rule in rules:
        one = held.rules[rule]
        yield f"{rule} was in shadow since {iso(one.at)}, {one.whose}"
        status = statuses.get(rule, "live")
        if status in {"draft", "shadow"}:
            yield f"  it is not announced all the same: its file says `status: {status}`"
        else:
            yield "  its leads are announced again within a minute; those made meanwhile stay in shadow:"
            yield f"  pql lead list --rule {rule} --since {day_of(one.at)}"
