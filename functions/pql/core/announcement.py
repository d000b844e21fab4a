"""What is announced about a lead: the message, kept under 8 KB, and the attributes to filter on."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pql.core.clean_text import cut, xml_safe
from pql.core.keys import LeadKey, is_person
from pql.core.lead import Lead, Operand, Person, Scalar
from pql.core.lead_message import MESSAGE_LIMIT, VERSION, ActivePerson, Condition, LeadMessage, encoded
from pql.core.plain_words import iso

ATTRIBUTE_LIMIT = 256
Shortening = Callable[[LeadMessage], LeadMessage]


def announcement(lead: Lead, key: LeadKey) -> LeadMessage:
    """Return what is said about `lead`, stored under `key`, shortened in the order of `SHORTENINGS`."""
    message = LeadMessage(
        version=VERSION,
        lead_id=lead.id,
        account_id=lead.account_id,
        subject=lead.subject,
        subject_key=key.subject,
        rule=key.rule,
        tier=lead.tier,
        title=lead.title,
        reason=lead.reason,
        created_at=iso(lead.created),
        cycle=key.cycle,
        checksum=lead.checksum,
        event_id=lead.event_id,
        score=lead.score,
        score_name=lead.score_name,
        evidence=[_condition(operand) for operand in lead.evidence],
        people=[_person(person) for person in lead.people],
        people_partial=lead.people_partial,
        traits=lead.traits,
        severity=lead.severity,
        channels=lead.channels,
        owner=lead.owner,
        runbook=lead.runbook,
        card=lead.card,
        about="user" if is_person(key.subject) else "account",
    )
    for shorten in SHORTENINGS:
        if len(encoded(message)) <= MESSAGE_LIMIT:
            break
        message = msgspec.structs.replace(shorten(message), truncated=True)
    return message


def attributes(message: LeadMessage) -> dict[str, str]:
    """Return the message attributes that subscribers filter on; SNS takes neither empty nor control text."""
    named = {
        "rule": message.rule,
        "tier": message.tier,
        "account_id": message.account_id,
        "lead_id": message.lead_id,
        "about": message.about,
    }
    return {name: xml_safe(value)[:ATTRIBUTE_LIMIT] or "\ufffd" for name, value in named.items()}


def _condition(operand: Operand) -> Condition:
    return Condition(
        words=operand.words,
        value=operand.value,
        test=operand.test,
        threshold=operand.threshold,
        met=operand.met,
        points=operand.points,
        event_id=operand.event_id,
        at=None if operand.at is None else iso(operand.at),
        unit=operand.unit,
    )


def _person(person: Person) -> ActivePerson:
    return ActivePerson(person.id, person.events, iso(person.last), person.name, person.email, person.role)


def _fewer_people(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, people=message.people[:5], people_partial=True)


def _no_unmet(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, evidence=[one for one in message.evidence if one.met])


def _fewer_traits(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, traits=dict(list(message.traits.items())[:10]))


def _fewer_conditions(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, evidence=message.evidence[:10])


def _nobody(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, people=[], people_partial=True)


def _no_traits(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, traits={})


def _no_conditions(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, evidence=[])


def _no_lines(message: LeadMessage) -> LeadMessage:
    return msgspec.structs.replace(message, runbook=None, card=[])


def _no_channels(message: LeadMessage) -> LeadMessage:
    # Ten names of eighty characters that JSON writes in six bytes each: nobody means them.
    return msgspec.structs.replace(message, channels=[])


def _shorter(main: int, detail: int, listed: int) -> Shortening:
    """Return a shortening to `main` characters of the main texts and `detail` of all others."""

    def value(found: Scalar) -> Scalar:
        return cut(found, detail) if isinstance(found, str) else found

    def condition(one: Condition) -> Condition:
        threshold = one.threshold
        return msgspec.structs.replace(
            one,
            words=cut(one.words, detail),
            value=value(one.value),
            test=cut(one.test, detail),
            threshold=[value(each) for each in threshold[:listed]]
            if isinstance(threshold, list)
            else value(threshold),
            event_id=one.event_id and cut(one.event_id, detail),
        )

    def person(one: ActivePerson) -> ActivePerson:
        return msgspec.structs.replace(
            one,
            id=cut(one.id, detail),
            name=one.name and cut(one.name, detail),
            email=one.email and cut(one.email, detail),
        )

    def shorten(message: LeadMessage) -> LeadMessage:
        return msgspec.structs.replace(
            message,
            account_id=cut(message.account_id, main),
            title=cut(message.title, main),
            reason=cut(message.reason, 2 * main),
            event_id=message.event_id and cut(message.event_id, main),
            score_name=message.score_name and cut(message.score_name, detail),
            evidence=[condition(one) for one in message.evidence],
            people=[person(one) for one in message.people],
            traits={cut(name, detail): value(found) for name, found in message.traits.items()},
            owner=message.owner and cut(message.owner, detail),
            runbook=message.runbook and cut(message.runbook, 2 * main),
            card=[cut(line, detail) for line in message.card],
        )

    return shorten


# In this order, each only while the message is above 8 KB. What is never cut: the ids that say which
# lead it is, the rule and the tier. The channels, by which it finds its way, go last and whole. The last five
# leave at most five times 150 characters of text, six bytes each when escaped, which fits.
SHORTENINGS: tuple[Shortening, ...] = (
    _fewer_people,
    _shorter(main=300, detail=200, listed=10),
    _no_unmet,
    _fewer_traits,
    _fewer_conditions,
    _shorter(main=150, detail=60, listed=5),
    _nobody,
    _no_traits,
    _no_conditions,
    _no_lines,
    _no_channels,
)
