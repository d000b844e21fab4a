"""An explanation as a person reads it in a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from pql.core.clean_text import cleaned
from pql.core.lead import Lead, Operand
from pql.core.plain_words import calendar, compared, iso, ordinal, said, signed
from pql.engine.explain import Explained, Explanation
from pql.engine.wants import Want, ahead

_NOT = "\N{EN DASH}"
_MARKS = {"qualified": "✓", "due": "→", "held_back": "‖", "missing": _NOT}
_ASKED = {
    "qualified": "is a lead",
    "due": "holds: the next look makes it a lead",
    "held_back": "holds, and is held back",
}


def text(explanation: Explanation) -> Iterator[str]:
    """Yield the lines: leads first, then what is nearest to becoming one."""
    yield f"{cleaned(explanation.account)} as of {calendar(explanation.as_of)}"
    for one in explanation.rules:
        yield ""
        for line in _rule(one, explanation):
            margin = len(line) - len(line.lstrip(" "))
            yield line[:margin] + cleaned(line)


def _rule(one: Explained, explanation: Explanation) -> Iterator[str]:
    yield f"{_MARKS[one.state]} {one.rule}: {_headline(one)}"
    if one.wants:
        yield from (f"    needs {line}" for line in _wants(one.wants))
        if one.ways > 1:
            yield f"    that is the nearest of {one.ways} ways"
    if one.comes is not None:
        yield f"    if nothing more happens it comes by itself {ahead(one.comes, explanation.as_of)}"
    yield from (f"    {reason}" for reason in one.reasons)
    yield from _operands(one.operands)
    if one.lead is not None and one.state == "qualified":
        then = [*_operands(one.lead.evidence)]
        if not {*then} <= {*_operands(one.operands)}:
            yield "    what it was when it became a lead:"
            yield from (f"  {line}" for line in then)
        yield f"    derive it again: {_command(one.lead)}"


def _headline(one: Explained) -> str:
    if one.state == "qualified" and one.fired is not None:
        tier = f"{one.lead.tier} " if one.lead else ""
        return f"{tier}lead since {calendar(one.fired)} ({ordinal(one.cycle)} time)"
    if one.state != "missing":
        return _ASKED[one.state]
    if not one.possible:
        return "can no longer hold"
    return f"{one.nearness:.0%} of the way"


def _wants(wants: Iterable[Want]) -> Iterator[str]:
    for one in wants:
        until = "" if one.until is None else f" (what counts now counts until {calendar(one.until)})"
        yield f"{one.words}{until}"


def _operands(operands: Iterable[Operand]) -> Iterator[str]:
    for one in operands:
        points = "" if one.points is None else f" · {signed(one.points)}"
        event = "" if one.event_id is None else f" · event {one.event_id}"
        at = "" if one.at is None else f" of {calendar(one.at)}"
        told = f"{one.words}: {said(one.value)} ({compared(one.test, one.threshold)})"
        yield f"    {'✓' if one.met else _NOT} {told}{points}{event}{at}"


def _command(lead: Lead) -> str:
    """Return the command that makes the lead again from the log of accepted events."""
    who = [] if lead.subject == "account" else ["--as", lead.subject]
    moment = ["--at", iso(lead.created)]
    return shlex.join(["pql", "explain", lead.account_id, lead.rule, *who, "--events", "ARCHIVE", *moment])
