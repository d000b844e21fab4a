"""An explanation as a person reads it in a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from pql.cli.lead_words import stands
from pql.core.clean_text import cleaned
from pql.core.lead import Lead, LeadRecord, Operand
from pql.core.lead_reference import reference
from pql.core.plain_words import aside, calendar, iso, measured, ordinal, signed
from pql.engine.explain import Explained, Explanation
from pql.engine.wants import ahead

_NOT = "\N{EN DASH}"
_MARKS = {"qualified": "✓", "due": "→", "closed": "×", "held_back": "‖", "missing": _NOT}  # noqa: RUF001 (for reading)
_ASKED = {
    "qualified": "is a lead",
    "due": "holds: the next look makes it a lead",
    "held_back": "holds, and is held back",
}


def text(explanation: Explanation, options: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines: leads first, then what is nearest to becoming one.

    `options` are those that the command needs which makes a lead again.
    """
    yield f"{cleaned(explanation.account)} as of {calendar(explanation.as_of)}"
    for one in explanation.rules:
        yield ""
        for line in _rule(one, explanation, options):
            margin = len(line) - len(line.lstrip(" "))
            yield line[:margin] + cleaned(line)


def _rule(one: Explained, explanation: Explanation, options: Sequence[str]) -> Iterator[str]:
    yield f"{_MARKS[one.state]} {one.rule}: {_headline(one)}"
    if one.lead is not None and explanation.subject.startswith("a:") and one.lead.subject != "account":
        yield f"    made before the account was known, as {reference(one.lead.key)}"
    if one.lead is not None and one.life is not None and one.life.state != "open":
        yield f"    its lead is {stands(LeadRecord(one.lead, standing=one.life), one.life)}"
    if one.wants:
        yield from (f"    needs {line}" for line in _wants(one))
        if one.ways > 1:
            yield f"    that is the nearest of {one.ways} ways"
    if one.comes is not None:
        yield f"    if nothing more happens it comes by itself {ahead(one.comes, explanation.as_of)}"
    yield from (f"    {reason}" for reason in one.reasons)
    yield from _operands(one.operands)
    if one.lead is not None and one.state in ("qualified", "closed"):
        then = [*_operands(one.lead.evidence)]
        if not {*then} <= {*_operands(one.operands)}:
            yield "    what it was when it became a lead:"
            yield from (f"  {line}" for line in then)
        yield f"    derive it again: {_command(one.lead, options)}"


def _headline(one: Explained) -> str:
    if one.state in ("qualified", "closed") and one.fired is not None:
        tier = f"{one.lead.tier} " if one.lead else ""
        if one.state == "closed":
            return f"was a {tier}lead from {calendar(one.fired)} on ({ordinal(one.cycle)} time)"
        return f"{tier}lead since {calendar(one.fired)} ({ordinal(one.cycle)} time)"
    if one.state != "missing":
        return _ASKED[one.state]
    if not one.possible:
        return "can no longer hold"
    return f"{one.nearness:.0%} of the way"


def _wants(explained: Explained) -> Iterator[str]:
    for one in explained.wants:
        hurries = one.until is not None and explained.possible
        until = f" (what counts now counts until {calendar(one.until or 0)})" if hurries else ""
        yield f"{one.words}{until}"


def _operands(operands: Iterable[Operand]) -> Iterator[str]:
    for one in operands:
        points = "" if one.points is None else f" · {signed(one.points)}"
        event = "" if one.event_id is None else f" · event {one.event_id}"
        at = "" if one.at is None else f" of {calendar(one.at)}"
        value, against = measured(one.value, one.unit), aside(one.test, one.threshold, one.unit, met=one.met)
        told = f"{one.words}: {value}{against}"
        yield f"    {'✓' if one.met else _NOT} {told}{points}{event}{at}"


def _command(lead: Lead, options: Sequence[str]) -> str:
    """Return the command that makes the lead again from the log of accepted events."""
    who = [] if lead.subject == "account" else ["--as", lead.subject]
    moment = ["--at", iso(lead.created)]
    asked = ["--", lead.account_id, lead.rule] if lead.account_id.startswith("-") else []
    asked_first = [] if asked else [lead.account_id, lead.rule]
    return shlex.join(["pql", "explain", *asked_first, *who, *options, *moment, *asked])
