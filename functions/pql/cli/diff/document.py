"""A change of rules as JSON, for other programs; fields may be added, none is renamed."""

from __future__ import annotations

from typing import Any

import msgspec

from pql.backtest.changes.change import Change, Entries, Entry, RuleChange, Side
from pql.backtest.figures.group import Group
from pql.backtest.figures.wilson import Share
from pql.cli.diff.words import MOVES, Whys
from pql.cli.plain_json import plain_json
from pql.core.keys import readable
from pql.core.plain_words import iso
from pql.core.window import DAY


def document(change: Change, sides: tuple[str, str], whys: Whys) -> str:
    """Return the whole change, every account that it moves with its times; `sides` name both packs."""
    old, new = sides
    told = {
        "old": old,
        "new": new,
        "from": _iso(change.first),
        "to": _iso(change.last),
        "within_days": None if change.within is None else change.within / DAY,
        "bases": msgspec.to_builtins(change.bases),
        "shared": change.shared,
        "announced": {
            "before": _side(change.before),
            "after": _side(change.after),
            **_entries(change.announced, "", {}),
        },
        "rules": [_rule(one, whys) for one in change.rules],
    }
    return plain_json(told)


def _rule(one: RuleChange, whys: Whys) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "kind": one.kind,
        "formerly": one.formerly,
        "status": {"before": one.stages[0] or None, "after": one.stages[1] or None},
        "differences": one.differences,
        "before": _group(one.before),
        "after": _group(one.after),
        **_entries(one.entries, one.rule, whys),
    }


def _side(one: Side) -> dict[str, Any]:
    return {
        "accounts": one.accounts,
        "leads": one.leads,
        "leads_per_week": one.per_week,
        "precision": _share(one.precision),
    }


def _group(one: Group | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "accounts": one.accounts,
        "leads": one.leads,
        "leads_per_week": one.per_week,
        "precision": _share(one.precision),
        "recall": _share(one.recall),
        "lift": msgspec.to_builtins(one.lift),
        "median_lead_days": one.lead_time.median,
        "suppressed": one.suppressed,
        "undecided": one.open,
    }


def _share(one: Share) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(one)
    return built


def _entries(entries: Entries, rule: str, whys: Whys) -> dict[str, Any]:
    lists = {kind: [_entry(one, rule, whys) for one in getattr(entries, kind)] for kind in MOVES}
    return {**lists, "unchanged": entries.unchanged}


def _entry(one: Entry, rule: str, whys: Whys) -> dict[str, Any]:
    return {
        "account": readable(one.subject),
        "subject_key": one.subject,
        "before": _iso(one.before),
        "after": _iso(one.after),
        "converted": _iso(one.converted),
        "won": one.wins,
        **({"why": whys[rule, one.subject]} if (rule, one.subject) in whys else {}),
    }


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)
