"""Show all that the table keeps of an account, a user or an anonymous id, by the names in the rule files.

What is packed into one attribute of its row, and what stands beside it: signals, traits, people, how it
stands with each rule, ids of events, and when it is to be looked at. Nothing is judged or written.

```console
$ pql account show northwind
$ pql account show ava --as user --json
```
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from pql.cli.rules.check import refuse
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack

if TYPE_CHECKING:
    from pql.adapters.dynamo_account import Kept
    from pql.cli.account.shown import Shown
    from pql.engine.plan import Plan

HELP = "show all that the table keeps of an account or a user"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the verb `show` and its options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    show = verbs.add_parser("show", help=HELP, description=HELP[0].upper() + HELP[1:] + ".")
    show.add_argument("account", help="the account's id, as senders know it")
    show.add_argument(
        "--as",
        dest="kind",
        choices=("account", "user", "anonymous"),
        default="account",
        help="who is meant: an account, a user or an anonymous id (default: account)",
    )
    declare_deployed(show)
    declare_stack(show)
    declare_json(show)


def run(chosen: argparse.Namespace) -> int:
    """Show; return 0, 1 if there is nothing to show, or 2 if it cannot be looked up or read."""
    from pql.cli.account.document import document  # noqa: PLC0415 - pydantic takes half a second
    from pql.cli.account.text import text  # noqa: PLC0415
    from pql.core.errors import PqlError  # noqa: PLC0415
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.rules.faults import RulesRejected  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    try:
        plan = Plan(load(chosen.rules))
        found = _shown(chosen, plan)
    except RulesRejected as rejected:
        refuse(rejected.faults, as_json=chosen.json)
        return 1
    except PqlError as error:
        print(f"pql account: {error}", file=sys.stderr)
        return 2
    if not found:
        print(f"pql account: nothing is kept of {chosen.kind} {chosen.account}", file=sys.stderr)
        return 1
    print(document(found) if chosen.json else "\n".join(text(found)))
    return 2 if any(one.unreadable for one in found) else 0


def _shown(chosen: argparse.Namespace, plan: Plan) -> list[Shown]:
    """Return what is kept under each key of whom is asked for, where anything is."""
    from pql.adapters.dynamo_account import kept  # noqa: PLC0415
    from pql.adapters.dynamo_store import DynamoStore  # noqa: PLC0415
    from pql.cli.account.shown import shown  # noqa: PLC0415
    from pql.flows.editions import Editions  # noqa: PLC0415

    deployment = Deployment(chosen)
    client, table = deployment.client("dynamodb"), deployment.table
    editions = Editions(DynamoStore(client, table, time.sleep), plan)
    every = [kept(client, table, subject) for subject in _subjects(chosen)]
    return [shown(plan, editions, one, _now()) for one in every if _is_anything(one)]


def _subjects(chosen: argparse.Namespace) -> list[str]:
    """Return the keys to look under: whoever is no account may be counted in its place, and as a person."""
    from pql.core.keys import account_key, anonymous_key, as_person, user_key  # noqa: PLC0415

    if chosen.kind == "account":
        return [account_key(chosen.account)]
    key = (user_key if chosen.kind == "user" else anonymous_key)(chosen.account)
    return [key, as_person(key)]


def _is_anything(one: Kept) -> bool:
    return bool(one.row or one.member or one.buckets or one.origins or one.leads)


def _now() -> int:
    return time.time_ns() // 1_000_000
