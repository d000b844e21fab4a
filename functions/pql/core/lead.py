"""The lead: the record of one qualification, and the message that announces it.

A lead is written in the same transaction as the count that caused it, under an id made from
account, rule and cycle, so that it exists exactly once however often the work is repeated.
"""

from __future__ import annotations

import uuid
from typing import Literal, get_args

import msgspec

from pql.core.keys import LeadKey
from pql.core.lead_state import EXPIRES, Life
from pql.core.window import DAY

NAMESPACE = uuid.UUID("6b1f3c52-0c5e-5d0a-9a43-3a6f1d3c7b10")
Tier = Literal["hot", "warm", "cold"]
Status = Literal["live", "shadow"]
Severity = Literal["low", "medium", "high", "critical"]
Subject = Literal["account", "user", "anonymous"]
About = Literal["account", "user"]
# What somebody has to do with a lead: they did the event that made it one; a signal of the rule is about
# them alone, or counts them among others. In this order they are named.
Role = Literal["did", "champion", "counted"]
ROLES: tuple[Role, ...] = get_args(Role)
Scalar = str | int | float | bool | None
Unit = Literal["%"]


class Operand(msgspec.Struct, frozen=True):
    """One condition as it stood when the rule fired.

    `words` says in plain English what was looked at, `value` what it was, `test` and `threshold`
    what it was held against; both are shares of one if `unit` is `%`. `event_id` and `at` name the newest
    event behind it, if any.
    """

    words: str
    value: Scalar
    test: str
    threshold: Scalar | list[Scalar]
    met: bool
    points: float | None = None
    event_id: str | None = None
    at: int | None = None
    unit: Unit | None = None


class Person(msgspec.Struct, frozen=True):
    """Somebody active in the account: `events` counted since first seen, `last` in epoch ms.

    Whoever made it a lead is named even if their events are not counted apart; those are 0 then.
    """

    id: str
    events: int
    last: int
    name: str | None = None
    email: str | None = None
    role: Role | None = None


class Lead(msgspec.Struct, frozen=True):
    """An account, a user or an anonymous visitor that became product-qualified.

    `subject_key` is where it lives in the table, `account_id` the id as senders know it.
    `created` is the time of evaluation in epoch ms, `event_id` the event that tipped the rule (none where
    time alone did), `cycle` counts the account's qualifications by this rule from 1, `checksum` is the
    hash of the rule's meaning at that moment. A lead in `shadow` is kept and not announced. `card` has
    lines for the card, `channels`, `owner`, `severity` and `runbook` are what the rule says of itself. One
    that nobody closes expires after `expires` ms. One is `introduced` if the account held already when the
    rule came, and the command that introduces rules made it.
    """

    id: str
    subject: Subject
    subject_key: str
    account_id: str
    rule: str
    checksum: str
    cycle: int
    tier: Tier
    created: int
    title: str
    reason: str
    event_id: str | None
    score: float | None = None
    score_name: str | None = None
    evidence: list[Operand] = []
    people: list[Person] = []
    people_partial: bool = False
    traits: dict[str, Scalar] = {}
    status: Status = "live"
    severity: Severity | None = None
    channels: list[str] = []
    owner: str | None = None
    runbook: str | None = None
    card: list[str] = []
    expires: int = EXPIRES
    introduced: bool = False

    @property
    def key(self) -> LeadKey:
        """Return where the lead lives in the table."""
        return LeadKey(self.subject_key, self.rule, self.cycle)


class LeadRecord(msgspec.Struct, frozen=True):
    """A stored lead, how far its announcement got, and what has been made of it.

    `published` is when SNS took it (epoch ms), `sent` when each channel did.
    """

    lead: Lead
    published: int | None = None
    sent: dict[str, int] = {}
    standing: Life = Life()

    def at(self, now: int) -> Life:
        """Return how the lead stands at `now`, epoch ms."""
        return self.standing.at(now, self.lead.created, self.lead.expires)

    @property
    def days_to_conversion(self) -> float | None:
        """Return the days from the lead to its conversion, if there was one, to a tenth of a day."""
        at = self.standing.converted_at
        return None if at is None else round((at - self.lead.created) / DAY, 1)


def lead_id(subject: str, rule: str, cycle: int) -> str:
    """Return the id that a lead of this subject key, rule and cycle always has."""
    return str(uuid.uuid5(NAMESPACE, f"{subject}\n{rule}\n{cycle}"))
