"""What to say of a lead that is not there, and of a rule that has made none: what may have been meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pql.core.clean_text import cleaned
from pql.core.keys import LeadKey
from pql.core.lead_reference import reference, referred
from pql.rules.nearest import alike

if TYPE_CHECKING:
    from pql.flows.ports import Leads

# Of how many leads, the newest, one may have been meant whose account was misspelt.
LOOKED_THROUGH = 1_000


def no_such_lead(leads: Leads, name: str) -> str:
    """Return that there is no lead of this name, and which one it may have been; ids resemble nothing."""
    told = f"there is no lead {name}"
    key = referred(name)
    if key is None:
        return told
    near = alike(name, [reference(one) for one in _around(leads, key)])
    return f"{told}; did you mean {cleaned(near)}?" if near else told


def _around(leads: Leads, key: LeadKey) -> Iterator[LeadKey]:
    """Yield the leads of the subject that was named; if it has none, the newest of all."""
    own = [record.lead.key for record in leads.of(key.subject)]
    yield from own or islice(leads.newest(), LOOKED_THROUGH)


def no_such_rule(leads: Leads, rule: str, rules: Path) -> str | None:
    """Return that nobody knows the rule, and what was meant; None if a file has it, or a lead is of it.

    Raises `PqlError` for files that do not load.
    """
    from pql.rules.load import load  # noqa: PLC0415 - pydantic takes half a second
    from pql.rules.nearest import unknown  # noqa: PLC0415

    legal = {name for file in load(rules).files.values() for name in file.rules}
    if rule not in legal:
        legal |= {key.rule for key in leads.newest()}
    return None if rule in legal else unknown("rule", rule, sorted(legal))
