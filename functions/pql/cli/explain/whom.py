"""Whom `pql explain` is asked about, and where else to look if nothing is known of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pql.cli.subject import asking_of

if TYPE_CHECKING:
    from pql.cli.explain.sources import Source
    from pql.core.account import Row
    from pql.engine.plan import Plan
    from pql.rules.pack import Pack


def why_not(chosen: argparse.Namespace, plan: Plan, pack: Pack) -> str | None:
    """Return why the rule that is asked for says nothing of whom is asked for."""
    from pql.rules.nearest import unknown  # noqa: PLC0415

    people = [rule for file in pack.about("user").files.values() for rule in file.rules]
    if chosen.rule is None or chosen.rule in plan.ruled:
        return None
    if chosen.rule not in people:
        return unknown("rule", chosen.rule, [*plan.ruled, *people])
    if plan.people is None:
        return f"`{chosen.rule}` is a draft about people: nothing is counted for it until it is live"
    if chosen.kind == "account":
        return f"`{chosen.rule}` is about people: {_as('user', chosen)}"
    return None


def elsewhere(chosen: argparse.Namespace, found: Sequence[Row], source: Source) -> str:
    """Return where else to look for whom nothing is counted, if that is known."""
    from pql.core.keys import account_key, as_person, readable, user_key  # noqa: PLC0415

    into = next((row.moved for row in found if row.moved), None)
    if into:
        return f"; it became part of {readable(into)}"
    if chosen.kind != "account":
        row = source.row(account_key(chosen.account))
        told = f"; there is an account of that id: {_as('account', chosen)}"
        return told if row is not None and row.state and not row.moved else ""
    user = user_key(chosen.account)
    rows = [row for key in (user, as_person(user)) if (row := source.row(key)) is not None]
    if any(row.state and not row.moved for row in rows):
        return f"; there is a user of that id: {_as('user', chosen)}"
    into = next((row.moved for row in rows if row.moved), None)
    return f"; the user of that id became part of {readable(into)}" if into else ""


def _as(kind: str, chosen: argparse.Namespace) -> str:
    return asking_of(kind, ["pql", "explain"], chosen, *([] if chosen.rule is None else [chosen.rule]))


def subjects(chosen: argparse.Namespace, plan: Plan) -> list[str]:
    """Return whom to look up: a user may be counted as a person, and in place of an account."""
    from pql.core.keys import account_key, anonymous_key, as_person, user_key  # noqa: PLC0415

    key = {"account": account_key, "user": user_key, "anonymous": anonymous_key}[chosen.kind](chosen.account)
    if plan.people is None or chosen.kind == "account":
        return [key]
    if chosen.rule is not None:
        return [as_person(key) if plan.judging(chosen.rule) is plan.people else key]
    return [as_person(key), key]
