"""What a card says, in plain words, before any channel's own format.

Everything here is cleaned text of strangers, unescaped: how to escape is the channel's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from pql.core.clean_text import cleaned, cut
from pql.core.keys import account_key
from pql.core.lead import ROLES, Role
from pql.core.lead_message import ActivePerson, Condition, LeadMessage
from pql.core.plain_words import (
    ago,
    aside,
    calendar,
    counted,
    day,
    epoch,
    measured,
    number,
    ordinal,
    said,
    signed,
)

CONDITIONS = 12
PEOPLE = 5
TRAITS = 8
LINE = 200
LINK_LIMIT = 2_000
DOT = " · "
UNBROKEN = "\u00a0"
PEOPLE_HEADING = "Most active people"
ROLE_WORDS: dict[Role, str] = {"did": "did it", "champion": "the champion", "counted": "took part"}
MET, UNMET = "✓", "–"  # noqa: RUF001 (the dash is for reading)
_LINK = re.compile(r"https://[^\s<>|\\\x00-\x20\x7f-\uffff]+")


@dataclass(frozen=True)
class ConditionLine:
    """One condition as a line, and the points it added."""

    text: str
    points: str


@dataclass(frozen=True)
class Words:
    """The parts of a card; an empty part is left out."""

    title: str
    account: str
    link: str
    score: str
    reason: str
    conditions: tuple[ConditionLine, ...]
    more_conditions: str
    people: tuple[str, ...]
    more_people: str
    advice: tuple[str, ...]
    traits: str
    footer: tuple[str, ...]


def words(message: LeadMessage, link: str = "") -> Words:
    """Return what the card of `message` says; `link` is a template with `{account_id}`."""
    created = epoch(message.created_at)
    # A card about one person says above who that is.
    active = message.people if message.about == "account" else []
    people = sorted(active, key=lambda person: (_place(person), -person.events))
    partial = "and others" if message.people_partial else ""
    return Words(
        title=cleaned(message.title) or "A new lead",
        account=_account(message) if message.about == "account" else _whoever(message),
        link=_link(message, link),
        score=_score(message),
        reason=cleaned(message.reason),
        conditions=tuple(_condition(one) for one in message.evidence[:CONDITIONS]),
        more_conditions=_more(len(message.evidence) - CONDITIONS),
        people=tuple(_person(one, created) for one in people[:PEOPLE]),
        more_people=partial or _more(len(people) - PEOPLE),
        advice=tuple(cleaned(one) for one in (*message.card, message.runbook or "") if one),
        traits=_traits(message),
        footer=_footer(message, created),
    )


def checked_link(template: str) -> str:
    """Return `template` if links can be made from it: empty, or https without blanks and brackets.

    Raises `ValueError`, so that a deployment with a wrong link fails when it starts.
    """
    if template and not _LINK.fullmatch(template):
        raise ValueError(
            "the account link must be an https address, such as https://app.example.com/{account_id}"
        )
    return template


def _account(message: LeadMessage) -> str:
    named = next((value for name, value in message.traits.items() if name.casefold() == "name"), None)
    name = cleaned(named) if isinstance(named, str) else ""
    account = cleaned(message.account_id) or "unknown"
    who = cut(name or account, LINE)
    return {"account": who, "user": f"User {who}", "anonymous": f"Visitor {who}"}[message.subject]


def _whoever(message: LeadMessage) -> str:
    """Return the person a card is about: by name and address, as far as anybody has told them."""
    if message.subject == "anonymous":
        return _account(message)
    known = message.people[0] if message.people else None
    email = cleaned(known.email or "") if known else ""
    name = cleaned((known.name if known else None) or "") or cleaned(message.account_id) or "unknown"
    return DOT.join(cut(text, LINE) for text in (f"Person {name}", email) if text)


def _link(message: LeadMessage, template: str) -> str:
    # A shortened account id fails the comparison: no link is better than one to another account.
    if not template or account_key(message.account_id) != message.subject_key:
        return ""
    url = template.replace("{account_id}", quote(message.account_id, safe="", errors="replace"))
    return url if len(url) <= LINK_LIMIT else ""


def _score(message: LeadMessage) -> str:
    if message.score is None:
        return ""
    name = cleaned(message.score_name or "")
    return (
        f"score {number(message.score)}"
        if name in {"", "score"}
        else f"{cut(name, 40)} {number(message.score)}"
    )


def _condition(one: Condition) -> ConditionLine:
    held = cut(cleaned(measured(one.value, one.unit)), 60)
    against = cut(cleaned(aside(one.test, one.threshold, one.unit, met=one.met)), 80)
    text = f"{MET if one.met else UNMET} {cut(cleaned(one.words), 100)}: {held}{against and f' {against}'}"
    return ConditionLine(text, signed(one.points) if one.met and one.points else "")


def _person(one: ActivePerson, now: int) -> str:
    known = [cleaned(text) for text in (one.name or "", one.email or "", one.id)]
    said_names = [cut(text, 80) for text in known if text][:1] or ["somebody"]
    if known[0] and known[1]:
        said_names.append(cut(known[1], 80))
    role = [ROLE_WORDS[one.role]] if one.role else []
    events = [f"{counted(one.events, 'event')} in all"] if one.events else []
    active = f"active {ago(epoch(one.last_active), now)}".replace(" ", UNBROKEN)
    return DOT.join([*said_names, *role, *events, active])


def _place(person: ActivePerson) -> int:
    return ROLES.index(person.role) if person.role else len(ROLES)


def _traits(message: LeadMessage) -> str:
    told = [
        f"{cut(cleaned(name.replace('_', ' ')), 40)} {cut(cleaned(said(day(value))), 60)}"
        for name, value in message.traits.items()
        if value not in (None, "") and name.casefold() != "name"
    ]
    return DOT.join(told[:TRAITS])


def _footer(message: LeadMessage, created: int) -> tuple[str, ...]:
    owner = cut(cleaned(message.owner or ""), 80)
    return (
        f"rule {cleaned(message.rule)}",
        message.tier,
        *([f"severity {message.severity}"] if message.severity else []),
        *([f"owner {owner}"] if owner else []),
        f"{ordinal(message.cycle)} time",
        calendar(created),
        f"{message.subject} {cut(cleaned(message.account_id), 80)}",
        f"lead {message.lead_id}",
    )


def _more(amount: int) -> str:
    return f"and {number(amount)} more" if amount > 0 else ""
