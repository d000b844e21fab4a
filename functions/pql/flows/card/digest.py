"""Many leads in one message, when a channel has fallen behind.

Slack refuses blocks with more than some 10,000 characters of text in all (`msg_blocks_too_long`, the limit
is not published: 9,600 were taken and 11,300 were not), so lines are short and there are at most `MOST`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pql.core.lead_message import LeadMessage
from pql.core.plain_words import calendar, counted, epoch
from pql.flows.card.blocks import SECTION_LIMIT, SIGNS
from pql.flows.card.mrkdwn import escaped, unformatted, units
from pql.flows.card.words import DOT, Words, words

MOST = 50
# 50 lines of 170 and their line ends are 8,550 characters, and three sections.
LINE_LIMIT = 170
NAME_LIMIT = 60
LINK_ROOM = 80
EVENT_TYPE = "pql_leads"


def digest(messages: Sequence[LeadMessage], link: str = "") -> dict[str, Any]:
    """Return the arguments of a Slack message about up to `MOST` leads, a line each, in their order.

    `metadata` holds their ids, so that a bot finds each of them again.
    """
    if len(messages) > MOST:
        raise ValueError(f"a digest holds {MOST} leads")
    heading = f"{counted(len(messages), 'lead')} that had to wait"
    lines = [_line(message, words(message, link)) for message in messages]
    return {
        "text": heading,
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": heading, "emoji": False}},
            *({"type": "section", "text": _text(section)} for section in _sections(lines)),
        ],
        "metadata": {
            "event_type": EVENT_TYPE,
            "event_payload": {"lead_ids": " ".join(message.lead_id for message in messages)},
        },
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _line(message: LeadMessage, told: Words) -> str:
    name = escaped(unformatted(told.account), NAME_LIMIT)
    # A long address would take the place of the words; the card of a single lead has it.
    linked = told.link and units(told.link) <= LINK_ROOM
    start = f"{SIGNS[message.tier]} *<{told.link}|{name}>*" if linked else f"{SIGNS[message.tier]} *{name}*"
    said = DOT.join(
        part for part in ("", told.title, told.score, calendar(epoch(message.created_at))) if part
    )
    room = LINE_LIMIT - units(start) - units(DOT)
    return f"{start}{DOT}{escaped(unformatted(said), room)}" if room > len(DOT) else start


def _sections(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines in as few texts as Slack's sections need."""
    section = ""
    for line in lines:
        longer = f"{section}\n{line}" if section else line
        if units(longer) > SECTION_LIMIT:
            yield section
            longer = line
        section = longer
    if section:
        yield section


def _text(section: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": section, "verbatim": True}
