"""Look at leads, claim one, put one off, dismiss one.

A lead is named by its id, which stands on its card, or as `acme/activated#1`. The second way is quicker: an
id has to be looked for among all leads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from pql.cli.arguments import duration
from pql.cli.clock import now_ms
from pql.cli.lead_missing import no_such_lead, no_such_rule
from pql.cli.lead_options import limit, name, named, since
from pql.cli.lead_wanted import wanted
from pql.cli.lead_words import life, listed, story, told
from pql.cli.plain_json import plain_json
from pql.cli.refused import sorry
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.core.keys import LeadKey
from pql.core.lead import lead_id
from pql.core.lead_reference import referred
from pql.core.lead_state import STATES

if TYPE_CHECKING:
    from pql.flows.leads import Answer
    from pql.flows.ports import Leads

HELP = "look at leads, claim, snooze or dismiss one"
LIMIT = 100
Verb = Callable[["Leads", argparse.Namespace, int], int]


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")

    def verb(name: str, words: str, run_verb: Verb) -> argparse.ArgumentParser:
        own = verbs.add_parser(name, help=words)
        own.set_defaults(run_verb=run_verb)
        declare_stack(own)
        return own

    every = verb("list", "list leads, the newest first", _list)
    _declare_list(every)
    show = verb("show", "show a lead: its card, and what has been made of it", _show)
    claim = verb("claim", "claim a lead: it is yours, and nobody else's", _claim)
    snooze = verb("snooze", "put a lead off: it is open again later", _snooze)
    dismiss = verb("dismiss", "dismiss a lead: it is closed for good", _dismiss)
    for one in (show, claim, snooze, dismiss):
        one.add_argument("lead", type=named, metavar="LEAD", help="id, or ACCOUNT/RULE#CYCLE")
    for one in (claim, snooze, dismiss):
        one.add_argument("--by", required=True, type=name, metavar="NAME", help="who does it")
    snooze.add_argument(
        "--for", dest="how_long", type=duration, default="7d", metavar="TIME", help="such as 7d or 12h"
    )
    dismiss.add_argument("--reason", metavar="TEXT", help="why, in your words")
    for one in (every, show):
        declare_json(one)


def _declare_list(every: argparse.ArgumentParser) -> None:
    whose = every.add_mutually_exclusive_group()
    whose.add_argument("--account", metavar="ID", help="of this account only")
    whose.add_argument(
        "--user", metavar="ID", help="of this user only: as a person, and in an account's place"
    )
    every.add_argument("--rule", metavar="NAME", help="of this rule only")
    declare_deployed(every, "the deployed rules, of which --rule may be one without leads")
    every.add_argument(
        "--since",
        type=since,
        metavar="TIME",
        default="0",
        help="made since then: 2026-11-22, or so long ago, such as 7d or 12h",
    )
    every.add_argument(
        "--limit", type=limit, default=LIMIT, metavar="N", help=f"so many at most (default {LIMIT})"
    )
    every.add_argument(
        "--state", choices=[*STATES, "all"], help="in this state only (default: all that are not closed)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Run one verb; return 0 if all is well, and 1 with a word on standard error if not."""
    from pql.adapters.dynamo_leads import DynamoLeads  # noqa: PLC0415

    chosen.deployment = Deployment(chosen)
    leads = DynamoLeads(chosen.deployment.client("dynamodb"), chosen.deployment.table)
    code: int = chosen.run_verb(leads, chosen, now_ms())
    return code


def _list(leads: Leads, chosen: argparse.Namespace, now: int) -> int:
    asked = wanted(leads, chosen, now)
    found = [*islice(asked, chosen.limit)]
    if not found and chosen.rule is not None and (wrong := no_such_rule(leads, chosen.rule, chosen.rules)):
        return sorry(chosen, wrong)
    if chosen.json:
        print(plain_json([story(record, now) for record in found]))
    else:
        print("\n".join(listed(found, now)) or "no such leads")
    if next(asked, None) is not None:
        print(f"pql lead: these are the newest {chosen.limit}; --limit shows more", file=sys.stderr)
    return 0


def _show(leads: Leads, chosen: argparse.Namespace, now: int) -> int:
    key = _key(leads, chosen.lead)
    record = leads.lead(key) if key else None
    if record is None:
        return sorry(chosen, no_such_lead(leads, chosen.lead))
    if chosen.json:
        print(plain_json(story(record, now)))
    else:
        print("\n".join(life(record, now)))
    return 0


def _claim(leads: Leads, chosen: argparse.Namespace, now: int) -> int:
    from pql.flows.leads import claim  # noqa: PLC0415

    return _change(leads, chosen, lambda key: claim(leads, key, chosen.by, now))


def _snooze(leads: Leads, chosen: argparse.Namespace, now: int) -> int:
    from pql.flows.leads import snooze  # noqa: PLC0415

    return _change(leads, chosen, lambda key: snooze(leads, key, chosen.by, now + chosen.how_long, now))


def _dismiss(leads: Leads, chosen: argparse.Namespace, now: int) -> int:
    from pql.flows.leads import dismiss  # noqa: PLC0415

    return _change(leads, chosen, lambda key: dismiss(leads, key, chosen.by, chosen.reason, now))


def _change(leads: Leads, chosen: argparse.Namespace, make: Callable[[LeadKey], Answer]) -> int:
    key = _key(leads, chosen.lead)
    answer = make(key) if key else None
    if answer is None or answer.record is None:
        return sorry(chosen, no_such_lead(leads, chosen.lead))
    words = told(answer.record, answer.standing)
    if answer.result == "refused":
        return sorry(chosen, f"nothing changed: {words}")
    print(f"nothing new: {words}" if answer.result == "repeated" else words)
    return 0


def _key(leads: Leads, name: str) -> LeadKey | None:
    return referred(name) or next((key for key in leads.newest() if lead_id(*key) == name), None)
