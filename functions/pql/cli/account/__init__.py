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
import time
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.refused import COULD_NOT_LOOK, sorry
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.cli.subject import KINDS, SHOWN_BY, asking_of, declare_subject

if TYPE_CHECKING:
    from pql.adapters.dynamo_account import Kept
    from pql.cli.account.shown import Shown
    from pql.engine.plan import Plan

_A = {"account": "an account", "user": "a user", "anonymous": "an anonymous person"}
HELP = "show all that the table keeps of an account or a user"
UNABLE = COULD_NOT_LOOK


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the verb `show` and its options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    show = verbs.add_parser("show", help=HELP)
    declare_subject(show)
    declare_deployed(show)
    declare_stack(show)
    declare_json(show)


def run(chosen: argparse.Namespace) -> int:
    """Show; return 0, 1 if there is nothing to show, or 2 if it cannot be looked up or read."""
    from pql.cli.account.document import document  # noqa: PLC0415 - pydantic takes half a second
    from pql.cli.account.text import text  # noqa: PLC0415
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    found = _shown(chosen, Plan(load(chosen.rules)))
    if not found:
        return sorry(chosen, f"nothing is kept of {chosen.kind} {chosen.account}; {_other(chosen)}")
    print(document(found) if chosen.json else "\n".join(text(found)))
    return UNABLE if any(one.unreadable for one in found) else 0


def _shown(chosen: argparse.Namespace, plan: Plan) -> list[Shown]:
    """Return what is kept under each key of whom is asked for, where anything is."""
    from pql.adapters.dynamo_account import kept  # noqa: PLC0415
    from pql.adapters.dynamo_store import DynamoStore  # noqa: PLC0415
    from pql.cli.account.shown import shown  # noqa: PLC0415
    from pql.flows.editions import Editions  # noqa: PLC0415

    deployment = Deployment(chosen)
    client, table = deployment.client("dynamodb"), deployment.table
    editions = Editions(DynamoStore(client, table, time.sleep), plan)
    every = [kept(client, table, subject) for subject in _subjects(chosen, chosen.kind)]
    return [shown(plan, editions, one, now_ms()) for one in every if _is_anything(one)]


def _other(chosen: argparse.Namespace) -> str:
    """Return who else has the id of whom nothing is kept, or else where ids are to be seen."""
    from pql.adapters.dynamo_account import kept  # noqa: PLC0415

    deployment = Deployment(chosen)
    client, table = deployment.client("dynamodb"), deployment.table
    for kind in KINDS:
        if kind != chosen.kind and any(
            _is_anything(kept(client, table, one)) for one in _subjects(chosen, kind)
        ):
            return f"there is {_A[kind]} of that id: {asking_of(kind, ['pql', 'account', 'show'], chosen)}"
    return SHOWN_BY


def _subjects(chosen: argparse.Namespace, kind: str) -> list[str]:
    """Return the keys to look under: whoever is no account may be counted in its place, and as a person."""
    from pql.core.keys import account_key, anonymous_key, as_person, user_key  # noqa: PLC0415

    if kind == "account":
        return [account_key(chosen.account)]
    key = (user_key if kind == "user" else anonymous_key)(chosen.account)
    return [key, as_person(key)]


def _is_anything(one: Kept) -> bool:
    return bool(one.row or one.member or one.buckets or one.origins or one.leads)
