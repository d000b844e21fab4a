"""Introduce rules that are new to accounts that are not: say who holds already, and what becomes of them.

A rule with a baseline makes no lead of an account that holds before the rule is there. This reads every
account once and ranks those that hold. `--announce` makes leads of the best, as many as `baseline: top N`
says (all with `none`, nobody with `silent`); the rest stay silent until they cease to hold and come again.
`--apply` does all but that. Either also wakes the accounts of whom time alone will make a lead:
nothing else would look at one that no event comes from. Without them nothing is written.

Deploy the rules first, then introduce all that are new at once. It may be stopped and typed again: no lead
is made twice, and no more than were asked for.

```console
$ pql rules introduce keen quiet                       # look
$ pql rules introduce keen quiet --announce            # do it
```
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.arguments import whole
from pql.cli.clock import now_ms
from pql.cli.rules.deployed import need_deployed, whence
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack

if TYPE_CHECKING:
    from pql.cli.rules.introduced import Introduced
    from pql.engine.plan import Plan
    from pql.engine.slots import RuleSlot

HELP = "say who holds a new rule already, make leads of the best"
RATE = 100
SHOWN = 20


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules introduce`."""
    parser.add_argument("rule", nargs="+", help="the rules that are new")
    declare_stack(parser)
    declare_deployed(parser, "rule files")
    parser.add_argument("--apply", action="store_true", help="write all but leads")
    parser.add_argument("--announce", action="store_true", help="make the leads, too")
    parser.add_argument(
        "--top", type=whole, metavar="N", help="so many leads (default: what the rule's baseline says)"
    )
    parser.add_argument(
        "--show", type=whole, default=SHOWN, metavar="N", help=f"lines of the ranking (default {SHOWN})"
    )
    parser.add_argument(
        "--rate",
        type=whole,
        default=RATE,
        metavar="UNITS",
        help=f"read units a second to take at most, 0 for no limit (default {RATE})",
    )
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="note there how far it got, and go on from there if it was stopped",
    )
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Introduce; return 0, or 1 with a word on standard error or if an account was left as it is."""
    from pql.cli.rules.introduced import document, text  # noqa: PLC0415
    from pql.core.errors import PqlError  # noqa: PLC0415
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    pack = load(chosen.rules)
    plan = Plan(pack)
    wrong = _mistake(chosen.rule, plan, {rule for file in pack.files.values() for rule in file.rules})
    if wrong:
        raise PqlError(f"{wrong}; asked were {whence(chosen.rules)}")
    found = _introduced(chosen, plan)
    print(document(found) if chosen.json else "\n".join(text(found)))
    return 1 if any(survey.left for survey in found.mark.surveys.values()) else 0


def _introduced(chosen: argparse.Namespace, plan: Plan) -> Introduced:
    from pql.adapters.dynamo_accounts import DynamoAccounts  # noqa: PLC0415
    from pql.adapters.dynamo_leads import DynamoLeads  # noqa: PLC0415
    from pql.adapters.dynamo_overrides import DynamoOverrides  # noqa: PLC0415
    from pql.adapters.dynamo_store import DynamoStore  # noqa: PLC0415
    from pql.cli.rules.checkpoint import Checkpoint, begun  # noqa: PLC0415
    from pql.cli.rules.introduced import Introduced  # noqa: PLC0415
    from pql.flows.introduce import Introducer  # noqa: PLC0415
    from pql.flows.overrides import Shadowing  # noqa: PLC0415
    from pql.flows.survey import SPARE, bound  # noqa: PLC0415

    deployment = Deployment(chosen)
    client, table = deployment.client("dynamodb"), deployment.table
    write = chosen.apply or chosen.announce
    slots = [slot for slot in every_rule(plan) if slot.name in chosen.rule]
    tops = {slot.name: _top(chosen.top, bound(slot.rule.baseline)) for slot in slots}
    mark = begun(Checkpoint.of(table, slots, now_ms(), write=write), chosen.resume)
    store = DynamoStore(client, table, time.sleep)
    need_deployed(store, plan, chosen, table, writes=write)
    shadowing = Shadowing(DynamoOverrides(client, table, time.sleep), plan)
    introducer = Introducer(store, DynamoLeads(client, table), plan, chosen.rule, mark.at, write=write)
    accounts = DynamoAccounts(client, table)
    while not mark.is_read:
        shadowing.refresh(now_ms())
        page = accounts.page(mark.after)
        introducer.survey(page.rows, mark.surveys, mark.tally)
        for name, survey in mark.surveys.items():
            survey.rank(max(chosen.show, tops[name]) + SPARE)
        mark.after, mark.is_read = page.after, page.after is None
        mark.keep(chosen.resume)
        if chosen.rate and not mark.is_read:
            time.sleep(page.units / chosen.rate)
    if chosen.announce:
        for name, survey in mark.surveys.items():
            shadowing.refresh(now_ms())
            introducer.announce(name, survey, tops[name])
    if chosen.resume is not None:
        chosen.resume.unlink(missing_ok=True)
    return Introduced(
        mark, {slot.name: slot for slot in slots}, tops, chosen.show, chosen.apply, chosen.announce
    )


def every_rule(plan: Plan) -> list[RuleSlot]:
    """Return the rules about accounts and those about people."""
    return [slot for one in plan.every for slot in one.rules]


def _mistake(names: list[str], plan: Plan, legal: set[str]) -> str | None:
    from pql.rules.nearest import unknown  # noqa: PLC0415

    known = {slot.name for slot in every_rule(plan)}
    for name in names:
        if name not in legal:
            return unknown("rule", name, sorted(legal))
        if name not in known:
            return f"{name} is a draft: only the tests in its file run it"
    return None


def _top(asked: int | None, wanted: int | None) -> int:
    if asked is not None:
        return asked
    return sys.maxsize // 2 if wanted is None else wanted
