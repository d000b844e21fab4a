"""Which leads `pql lead list` is asked for."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pql.core.clean_text import cleaned
from pql.core.keys import LeadKey, account_key, person_key, user_key
from pql.core.lead import LeadRecord
from pql.core.lead_reference import reference

if TYPE_CHECKING:
    from pql.flows.ports import Leads


def wanted(leads: Leads, chosen: argparse.Namespace, now: int) -> Iterator[LeadRecord]:
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
    from pql.flows.legible import legible  # noqa: PLC0415

    return legible(leads, (key for key in leads.newest(since) if chosen.rule in (None, key.rule)), _pass_over)


def _pass_over(key: LeadKey) -> None:
    print(
        f"pql lead list: {cleaned(reference(key))} left out: nobody can read what is stored", file=sys.stderr
    )


def _whose(chosen: argparse.Namespace) -> list[str]:
    """Return the subjects that are asked for, with those that were folded into them; none for all."""
    from pql.adapters.dynamo_store import DynamoStore  # noqa: PLC0415
    from pql.flows.convert import origins  # noqa: PLC0415

    subjects = _subjects(chosen)
    if not subjects:
        return []
    deployment = chosen.deployment
    store = DynamoStore(deployment.client("dynamodb"), deployment.table, time.sleep)
    return [*dict.fromkeys(one for subject in subjects for one in origins(store, subject))]
