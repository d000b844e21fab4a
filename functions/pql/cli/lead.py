"""Look at leads, claim one, put one off, dismiss one.

A lead is named by its id, which stands on its card, or as `acme/activated#1`. The second way is quicker: an
id has to be looked for among all leads.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from pql.cli.lead_options import duration, limit, name, named, since
from pql.cli.lead_words import life, listed, story, told
from pql.cli.table import declare_table, dynamodb
from pql.core.errors import PqlError
from pql.core.keys import LeadKey, account_key, person_key, user_key
from pql.core.lead import LeadRecord, lead_id
from pql.core.lead_reference import referred
from pql.core.lead_state import STATES

if TYPE_CHECKING:
    from pql.flows.leads import Answer
    from pql.flows.ports import Leads

HELP = "look at leads, claim, snooze or dismiss one"
LIMIT = 100
TOGETHER = 100  # as many as one call reads
Verb = Callable[["Leads", argparse.Namespace, int], int]


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")

    def verb(name: str, words: str, run_verb: Verb) -> argparse.ArgumentParser:
        own = verbs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        own.set_defaults(run_verb=run_verb)
        declare_table(own)
        return own

    every = verb("list", "list leads, the newest first", _list)
    whose = every.add_mutually_exclusive_group()
    whose.add_argument("--account", metavar="ID", help="of this account only")
    whose.add_argument(
        "--user", metavar="ID", help="of this user only: as a person, and in an account's place"
    )
    every.add_argument("--rule", metavar="NAME", help="of this rule only")
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
        one.add_argument("--json", action="store_true", help="print JSON, for other programs")


def run(chosen: argparse.Namespace) -> int:
    """Run one verb; return 0 if all is well, and 1 with a word on standard error if not."""
    from pql.adapters.dynamo_leads import DynamoLeads  # noqa: PLC0415

    try:
        leads = DynamoLeads(dynamodb(chosen), chosen.table)
        code: int = chosen.run_verb(leads, chosen, _now())
    except PqlError as error:
        return _sorry(str(error))
    return code


def _whose(chosen: argparse.Namespace) -> list[str]:
    """Return the subjects that are asked for, with those that were folded into them; none for all."""
    from pql.adapters.dynamo_store import DynamoStore  # noqa: PLC0415
    from pql.flows.convert import origins  # noqa: PLC0415

    subjects = _subjects(chosen)
    if not subjects:
        return []
    store = DynamoStore(dynamodb(chosen), chosen.table, time.sleep)
    return [*dict.fromkeys(one for subject in subjects for one in origins(store, subject))]


def _list(leads: Leads, chosen: argparse.Namespace, now: int) -> int:
    wanted = _wanted(leads, chosen, now)
    found = [*islice(wanted, chosen.limit)]
    if chosen.json:
        print(json.dumps([story(record, now) for record in found], indent=2, ensure_ascii=False))
    else:
        print("\n".join(listed(found, now)) or "no such leads")
    if next(wanted, None) is not None:
        print(f"pql lead: these are the newest {chosen.limit}; --limit shows more", file=sys.stderr)
    return 0


def _wanted(leads: Leads, chosen: argparse.Namespace, now: int) -> Iterator[LeadRecord]:
    """Yield the leads that are asked for, the newest first; no more are read than somebody takes."""
    since = chosen.since(now)
    subjects = _whose(chosen)
    for record in _of(leads, subjects) if subjects else _read(leads, chosen, since):
        lead, standing = record.lead, record.at(now)
        if lead.created < since or chosen.rule not in (None, lead.rule):
            continue
        if chosen.state in ("all", standing.state) or (chosen.state is None and not standing.is_closed):
            yield record


def _subjects(chosen: argparse.Namespace) -> list[str]:
    if chosen.account is not None:
        return [account_key(chosen.account)]
    return [] if chosen.user is None else [person_key(chosen.user), user_key(chosen.user)]


def _of(leads: Leads, subjects: list[str]) -> list[LeadRecord]:
    found = [record for subject in subjects for record in leads.of(subject)]
    return sorted(found, key=lambda one: (-one.lead.created, one.lead.key))


def _read(leads: Leads, chosen: argparse.Namespace, since: int) -> Iterator[LeadRecord]:
    keys = (key for key in leads.newest(since) if chosen.rule in (None, key.rule))
    while together := [*islice(keys, TOGETHER)]:
        yield from leads.records(together)


def _show(leads: Leads, chosen: argparse.Namespace, now: int) -> int:
    key = _key(leads, chosen.lead)
    record = leads.lead(key) if key else None
    if record is None:
        return _sorry(f"there is no lead {chosen.lead}")
    if chosen.json:
        print(json.dumps(story(record, now), indent=2, ensure_ascii=False))
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
        return _sorry(f"there is no lead {chosen.lead}")
    words = told(answer.record, answer.standing)
    if answer.result == "refused":
        return _sorry(f"nothing changed: {words}")
    print(f"nothing new: {words}" if answer.result == "repeated" else words)
    return 0


def _key(leads: Leads, name: str) -> LeadKey | None:
    return referred(name) or next((key for key in leads.newest() if lead_id(*key) == name), None)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _sorry(words: str) -> int:
    print(f"pql lead: {words}", file=sys.stderr)
    return 1
