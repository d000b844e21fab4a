"""Put live rules into shadow without a deployment: their leads are made from now on, and nobody is told.

```console
$ pql rules shadow keen --for 7d --reason "too many trial accounts"
$ pql rules shadow                                                   # which are
$ pql rules live keen
```

It holds within a minute, wherever events are counted, until it is over or taken back. Everything else stays
as it is: accounts, cycles, cooldowns and ids of leads. Leads that are made meanwhile stay in shadow.
"""

from __future__ import annotations

import argparse
import getpass
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pql.cli.arguments import duration
from pql.cli.clock import now_ms
from pql.cli.plain_json import plain_json
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.core.errors import PqlError
from pql.core.plain_words import iso

if TYPE_CHECKING:
    from pathlib import Path

    from pql.core.override import Overrides

HELP = "put rules into shadow, or say which are"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules shadow`."""
    parser.add_argument("rule", nargs="*", help="the rules; without any it says which are in shadow")
    parser.add_argument(
        "--for", dest="period", type=duration, metavar="TIME", help="such as 7d; else for good"
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for whoever asks later")
    declare_deployed(parser)
    declare_stack(parser)
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Put them into shadow; return 0, or 1 with a word on standard error."""
    from pql.core.override import Override  # noqa: PLC0415
    from pql.flows.overrides import change  # noqa: PLC0415

    now = now_ms()
    until = None if chosen.period is None else now + chosen.period
    override = Override(now, getpass.getuser(), chosen.reason, until)
    statuses = known(chosen.rule, chosen.rules) if chosen.rule else {}

    def edit(held: Overrides) -> Overrides:
        for rule in chosen.rule:
            held = held.having(rule, override, now)
        return held

    found = change(item(chosen), edit)
    lines = [*meanwhile(chosen.rule, statuses), *text(found, now)] if chosen.rule else text(found, now)
    print(document(found, now) if chosen.json else "\n".join(lines))
    return 0


def known(rules: list[str], at: Path) -> dict[str, str]:
    """Return the status that the files give each rule there is; raises `PqlError` for one that is not."""
    from pql.rules.load import load  # noqa: PLC0415
    from pql.rules.nearest import unknown  # noqa: PLC0415

    files = load(at).files.values()
    statuses = {name: str(rule.status) for file in files for name, rule in file.rules.items()}
    for name in rules:
        if name not in statuses:
            raise PqlError(unknown("rule", name, sorted(statuses)))
    return statuses


def meanwhile(rules: list[str], statuses: Mapping[str, str]) -> Iterator[str]:
    """Yield what becomes of the leads of each rule while it is in shadow, and how that ends."""
    for rule in rules:
        if statuses[rule] == "draft":
            yield f"{rule} makes no leads, in shadow or not: its file says `status: draft`"
        elif statuses[rule] == "shadow":
            yield f"{rule} was in shadow before: its file says `status: shadow`, and will when this is over"
        else:
            yield f"{rule}: within a minute its leads are made and kept, and nobody is told of them"
            yield f"  pql lead list --rule {rule}    shows them"
            yield f"  pql rules live {rule}          ends it"


def item(chosen: argparse.Namespace) -> Any:
    """Return the item that holds the overrides."""
    from pql.adapters.dynamo_overrides import DynamoOverrides  # noqa: PLC0415

    deployment = Deployment(chosen)
    return DynamoOverrides(deployment.client("dynamodb"), deployment.table, time.sleep)


def text(held: Overrides, now: int) -> Iterator[str]:
    """Yield a line for each rule that is in shadow by an override."""
    for rule in sorted(held.holding(now)):
        yield said(rule, held)
    if not held.holding(now):
        yield "no rule is in shadow but by its file"


def said(rule: str, held: Overrides) -> str:
    """Return since and until when a rule is in shadow, by whom, and why."""
    return f"{rule} is {held.rules[rule].words}"


def document(held: Overrides, now: int) -> str:
    """Return the same as JSON; fields may be added, none is renamed."""
    rules = [
        {
            "rule": rule,
            "at": iso(one.at),
            "until": None if one.until is None else iso(one.until),
            "by": one.by,
            "reason": one.reason,
        }
        for rule, one in sorted(held.rules.items())
        if one.holds(now)
    ]
    return plain_json({"shadow": rules})
