"""Leads as a terminal shows them and as JSON tells them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import Any

from pql.core.announcement import announcement
from pql.core.clean_text import cleaned, cut
from pql.core.lead import LeadRecord
from pql.core.lead_reference import reference
from pql.core.lead_state import Life
from pql.core.plain_words import ago, calendar, counted, iso
from pql.core.window import DAY

HEADINGS = ("STATE", "TIER", "MADE", "WHO", "LEAD", "TITLE")
TITLE_SHOWN = 60
WHO_SHOWN = 20


def listed(records: Sequence[LeadRecord], now: int) -> Iterator[str]:
    """Yield leads as lines of a table, its headings first; nothing for none."""
    rows = [HEADINGS, *(_row(record, record.at(now), now) for record in records)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS) - 1)]
    for row in rows if records else []:
        *cells, title = row
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), title])


def life(record: LeadRecord, now: int) -> Iterator[str]:
    """Yield the card of a lead, and below it what has been made of the lead."""
    from pql.flows.card import card_text  # noqa: PLC0415 - the list of leads does without

    lead = record.lead
    yield card_text(announcement(lead, lead.key), width=shutil.get_terminal_size().columns)
    yield told(record, record.at(now))
    yield f"made {calendar(lead.created)}, {_published(record)}"
    for channel, at in sorted(record.sent.items()):
        yield f"posted to {channel} {calendar(at)}"


def told(record: LeadRecord, standing: Life) -> str:
    """Return in a sentence how a lead stands."""
    return f"{cleaned(reference(record.lead.key))} is {stands(record, standing)}"


def stands(record: LeadRecord, standing: Life) -> str:
    """Return how a lead stands, as part of a sentence: `claimed by mia, 22 Nov 2026, 03:10 UTC`."""
    by = f" by {cleaned(standing.owner)}" if standing.owner else ""
    since = f", {calendar(standing.changed)}" if standing.changed is not None else ""
    words = standing.state
    if standing.state == "snoozed":
        return f"{words}{by} until {calendar(standing.until or 0)}"
    if standing.state == "dismissed":
        return f"{words}{by}{since}: {cleaned(standing.reason or 'without a reason')}"
    if standing.state == "converted":
        mine = f", {cleaned(standing.owner)} had it" if standing.owner else ""
        days = counted(record.days_to_conversion or 0, "day")
        return f"{words} after {days} by event {standing.conversion_event}{mine}"
    if standing.state == "expired":
        return f"{words}: for {counted(round(record.lead.expires / DAY, 1), 'day')} nobody closed it"
    return f"{words}{by}{since}"


def story(record: LeadRecord, now: int) -> dict[str, Any]:
    """Return a lead and its life for other programs; fields may be added, none is renamed."""
    lead, standing = record.lead, record.at(now)
    return {
        "lead_id": lead.id,
        "reference": reference(lead.key),
        "account_id": lead.account_id,
        "subject": lead.subject,
        "subject_key": lead.subject_key,
        "rule": lead.rule,
        "cycle": lead.cycle,
        "tier": lead.tier,
        "status": lead.status,
        "title": lead.title,
        "reason": lead.reason,
        "created_at": iso(lead.created),
        "published_at": _iso(record.published),
        "state": standing.state,
        "by": standing.owner,
        "until": _iso(standing.until),
        "dismissed_because": standing.reason,
        "changed_at": _iso(standing.changed),
        "answered_at": _iso(standing.answered),
        "converted_at": _iso(standing.converted_at),
        "conversion_event": standing.conversion_event,
        "days_to_conversion": record.days_to_conversion,
    }


def _row(record: LeadRecord, standing: Life, now: int) -> tuple[str, ...]:
    lead = record.lead
    who = cut(cleaned(standing.owner or ""), WHO_SHOWN)
    state = f"{standing.state}{' (shadow)' if lead.status == 'shadow' else ''}"
    where = cleaned(reference(lead.key))
    return state, lead.tier, ago(lead.created, now), who, where, cut(cleaned(lead.title), TITLE_SHOWN)


def _published(record: LeadRecord) -> str:
    if record.lead.status == "shadow":
        return "in shadow: kept and not announced"
    return "not announced yet" if record.published is None else f"announced {calendar(record.published)}"


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)
