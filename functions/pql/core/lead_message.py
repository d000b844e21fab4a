"""The message that announces a lead to whoever subscribed: versioned JSON of at most 8 KB.

It is a contract of its own beside the stored `Lead`, so that storage can change without breaking a
subscriber. `docs/lead.schema.json` is generated from the structs below, `docs/leads.md` explains them.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from pql.core.complaints import UNREADABLE, without_value
from pql.core.errors import NewerVersion, Poison
from pql.core.keys import LeadKey
from pql.core.lead import About, Role, Scalar, Severity, Subject, Tier, Unit

VERSION = 1
MESSAGE_LIMIT = 8_192
SCHEMA_ID = "urn:pql:lead:1"
# SNS and SQS refuse these two; the replacement character is as long in UTF-8.
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")

Moment = Annotated[
    str,
    msgspec.Meta(description="ISO 8601 in UTC, to the millisecond", examples=["2026-11-22T03:10:00.000Z"]),
]


class Condition(msgspec.Struct, frozen=True):
    """One condition of the rule as it stood: `words` had `value`, held against `test` `threshold`.

    `points` are what it added to the score, `event_id` and `at` name the newest event behind it. With the
    `unit` `%` value and threshold are shares of one, which people read as 80 %.
    """

    words: str
    value: Scalar
    test: str
    threshold: Scalar | list[Scalar]
    met: bool
    points: float | None = None
    event_id: str | None = None
    at: Moment | None = None
    unit: Unit | None = None


class ActivePerson(msgspec.Struct, frozen=True):
    """Somebody active in the account, with the number of all their events counted since first seen.

    `role` says what they have to do with the lead: they `did` the event that made it one, a condition is
    about them alone as the `champion`, or they are among those that a condition has `counted`. Of who
    `did` it the events may be 0: sixteen people are counted apart.
    """

    id: str
    events: int
    last_active: Moment
    name: str | None = None
    email: str | None = None
    role: Role | None = None


class LeadMessage(msgspec.Struct, frozen=True):
    """An account, a user or a visitor that became product-qualified.

    `about` says what the rule is about: an `account`, in whose place a user or visitor without one may
    stand, or a `user`, who may have accounts. Then `people` is that person alone.

    `lead_id` is the same on every repeat of the message. `subject_key`, `rule` and `cycle` are where
    the lead is stored. `severity`, `channels`, `owner` and `runbook` are what the rule says of itself,
    `card` has further lines for people. `truncated` says that something was left out to keep the message
    in 8 KB.
    """

    version: int
    lead_id: str
    account_id: str
    subject: Subject
    subject_key: str
    rule: str
    tier: Tier
    title: str
    reason: str
    created_at: Moment
    cycle: int
    checksum: str
    event_id: str | None
    score: float | None = None
    score_name: str | None = None
    evidence: list[Condition] = []
    people: list[ActivePerson] = []
    people_partial: bool = False
    traits: dict[str, Scalar] = {}
    severity: Severity | None = None
    channels: list[str] = []
    owner: str | None = None
    runbook: str | None = None
    card: list[str] = []
    about: About = "account"
    truncated: bool = False

    @property
    def key(self) -> LeadKey:
        """Return where the lead lives in the table."""
        return LeadKey(self.subject_key, self.rule, self.cycle)


class _Version(msgspec.Struct):
    version: int


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(LeadMessage)
_VERSION = msgspec.json.Decoder(_Version)


def encoded(message: LeadMessage) -> bytes:
    """Return `message` as JSON."""
    plain = _ENCODER.encode(message)
    for refused in _NONCHARACTERS:
        plain = plain.replace(refused, b"\xef\xbf\xbd")
    return plain


def decode(body: str) -> LeadMessage:
    """Return the message in `body`.

    Raises `NewerVersion` for a message of a newer deployment and `Poison` for anything else that
    `encoded` cannot have written.
    """
    plain = body.encode("utf-8", "replace")
    try:
        version = _VERSION.decode(plain).version
        if version > VERSION:
            raise NewerVersion(f"lead message of version {version}, this code knows {VERSION}")
        return _DECODER.decode(plain)
    except UNREADABLE as error:
        raise Poison(f"no lead message: {without_value(error)}") from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the message."""
    structs = msgspec.json.schema(LeadMessage)
    for struct in structs["$defs"].values():
        # Python 3.13 takes the indentation out of docstrings, earlier ones do not.
        struct["description"] = " ".join(struct["description"].split())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **structs}
