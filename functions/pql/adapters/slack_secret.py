"""The secret that says how to reach Slack.

`{"webhook_url": "https://hooks.slack.com/…"}`, or `{"token": "xoxb-…", "channel": "C…"}` with an
optional `api_url`, or a bare webhook address. Empty means that Slack is not set up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import urllib3

from pql.adapters.slack_answers import undeliverable
from pql.adapters.slack_bot import API, SlackBot
from pql.adapters.slack_hosts import allowed
from pql.adapters.slack_webhook import SlackWebhook

if TYPE_CHECKING:
    from pql.flows.ports import Chat

# What may stand in a header; http.client would repeat a bad token in its error.
_TOKEN = re.compile(r"[\x21-\x7e]+")


def chat_from(values: Sequence[bytes], hosts: Collection[str], pool: urllib3.PoolManager) -> Chat | None:
    """Return the chat of the current secret value, or nothing where Slack is not set up.

    Raises `Undeliverable` for a value that can never work. Its words never repeat the value.
    """
    settings = _settings(values[0] if values else b"")
    webhook, token, channel = (settings.get(name, "") for name in ("webhook_url", "token", "channel"))
    if webhook:
        return SlackWebhook(pool, allowed(webhook, hosts))
    if token and channel and not _TOKEN.fullmatch(token):
        raise undeliverable("slack_secret", "a bot token has no blanks and no line breaks")
    if token and channel:
        return SlackBot(pool, token, channel, allowed(settings.get("api_url") or API, hosts))
    if token:
        raise undeliverable("slack_secret", "a bot token needs a channel")
    return None


def _settings(value: bytes) -> dict[str, str]:
    text = value.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return {"webhook_url": text}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise undeliverable("slack_secret", "the secret is no JSON object of texts")
    return {name: one.strip() for name, one in found.items()}
