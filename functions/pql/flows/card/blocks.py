"""The card in Slack's Block Kit.

What strangers wrote goes into `plain_text`, where nothing is ever interpreted; only the linked account
name needs `mrkdwn`, with `verbatim` so that Slack makes no links or mentions of its own. Limits:
https://docs.slack.dev/reference/block-kit/blocks (header 150, section 3,000, context 10 elements).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pql.core.lead_message import LeadMessage
from pql.flows.card.mrkdwn import escaped, unformatted
from pql.flows.card.words import DOT, PEOPLE_HEADING, Words, words

HEADER_LIMIT = 150
SECTION_LIMIT = 3_000
CONTEXT_LIMIT = 2_000
NAME_LIMIT = 500
FALLBACK_LIMIT = 1_000
SIGNS = {"hot": "🔥", "warm": "🌤", "cold": "🧊"}


def card(message: LeadMessage, link: str = "") -> dict[str, Any]:
    """Return the arguments of a Slack message about `message`.

    `link` is a template as `checked_link` returned it. `text` is what notifications and screen
    readers say; `metadata` lets a bot find the message again by its lead id.
    """
    told = words(message, link)
    return {
        "text": _fallback(told),
        "blocks": [
            {"type": "header", "text": _plain(f"{SIGNS[message.tier]} {told.title}", HEADER_LIMIT)},
            *_summary(told),
            *_listed("What they did", _conditions(told)),
            *_listed(PEOPLE_HEADING, [f"• {one}" for one in told.people], told.more_people),
            *_listed("What to do", told.advice),
            *_context(told.traits),
            *_context(DOT.join(told.footer)),
        ],
        "metadata": {"event_type": "pql_lead", "event_payload": {"lead_id": message.lead_id}},
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _fallback(told: Words) -> str:
    parts = [told.title, told.account, told.reason]
    said = [part for index, part in enumerate(parts) if part and part not in " ".join(parts[:index])]
    return escaped(unformatted(DOT.join(said)), FALLBACK_LIMIT)


def _summary(told: Words) -> list[dict[str, Any]]:
    name = escaped(unformatted(told.account), NAME_LIMIT)
    account = f"*<{told.link}|{name}>*" if told.link else f"*{name}*"
    score = f"{DOT}{escaped(unformatted(told.score), NAME_LIMIT)}" if told.score else ""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": account + score, "verbatim": True}}
    return [section, *_section(told.reason)]


def _conditions(told: Words) -> list[str]:
    lines = [f"{one.text}  {one.points}".rstrip() for one in told.conditions]
    return [*lines, told.more_conditions] if told.more_conditions else lines


def _listed(heading: str, lines: Sequence[str], more: str = "") -> list[dict[str, Any]]:
    if not lines:
        return []
    caption = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"*{heading}*"}]}
    return [caption, *_section("\n".join([*lines, more] if more else lines))]


def _section(text: str) -> list[dict[str, Any]]:
    return [{"type": "section", "text": _plain(text, SECTION_LIMIT)}] if text else []


def _context(text: str) -> list[dict[str, Any]]:
    return [{"type": "context", "elements": [_plain(text, CONTEXT_LIMIT)]}] if text else []


def _plain(text: str, limit: int) -> dict[str, Any]:
    # `emoji: false`: a name such as `:tada:` stays what it is.
    return {"type": "plain_text", "text": escaped(text, limit), "emoji": False}
