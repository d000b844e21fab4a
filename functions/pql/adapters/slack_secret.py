"""The secret that says how to reach Slack.

`{"webhook_url": "https://hooks.slack.com/…"}`, or `{"token": "xoxb-…", "channel": "C…"}` with an
optional `api_url`, or a bare webhook address. `webhooks` has addresses by the names that rules use for
channels, `channels` the ids of channels by those names, for the bot. Empty means that Slack is not set up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import urllib3

from pql.adapters.slack_bot import API, SlackBot
from pql.adapters.slack_hosts import allowed
from pql.adapters.slack_webhook import SlackWebhook
from pql.core.errors import ChannelClosed

if TYPE_CHECKING:
    from pql.flows.channels import Chat, Chats

# What may stand in a header; http.client would repeat a bad token in its error.
_TOKEN = re.compile(r"[\x21-\x7e]+")
_MAPS = ("channels", "webhooks")


@dataclass(frozen=True)
class SlackChats:
    """The `Chats` port on what the secret says; addresses are looked at when somebody wants to post there."""

    pool: urllib3.PoolManager
    hosts: Collection[str]
    settings: Mapping[str, str]
    channels: Mapping[str, str] = field(default_factory=dict)
    webhooks: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_default(self) -> bool:
        """Return whether leads without a channel have somewhere to go."""
        return bool(self.settings.get("webhook_url") or self.settings.get("channel"))

    def chat(self, channel: str) -> Chat:
        """Return the chat of a channel: a webhook of its name, else what the bot is to post to."""
        token = self.settings.get("token", "")
        if address := self.webhooks.get(channel) if channel else self.settings.get("webhook_url"):
            return SlackWebhook(self.pool, allowed(address, self.hosts))
        place = self.channels.get(channel, channel) if channel else self.settings.get("channel", "")
        if not (token and place):
            raise ChannelClosed(
                "the secret has neither a bot token nor a webhook of this name", "unknown_channel"
            )
        return SlackBot(self.pool, token, place, allowed(self.settings.get("api_url") or API, self.hosts))


def chats_from(values: Sequence[bytes], hosts: Collection[str], pool: urllib3.PoolManager) -> Chats | None:
    """Return the chats of the current secret value, or nothing where Slack is not set up.

    Raises `ChannelClosed` for a value that can never work. Its words never repeat the value.
    """
    settings, channels, webhooks = _settings(values[0] if values else b"")
    token = settings.get("token", "")
    if token and not _TOKEN.fullmatch(token):
        raise _wrong("a bot token has no blanks and no line breaks")
    if token and not settings.get("channel"):
        raise _wrong("a bot token needs a channel")
    if not (token or webhooks or settings.get("webhook_url")):
        return None
    return SlackChats(pool, hosts, settings, channels, webhooks)


def _settings(value: bytes) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    text = value.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return {"webhook_url": text}, {}, {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _wrong("the secret is no JSON object")
    channels, webhooks = (
        {name.strip().removeprefix("#"): to for name, to in _texts(found.pop(name, {})).items()}
        for name in _MAPS
    )
    return _texts(found), channels, webhooks


def _texts(found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise _wrong("the secret holds something else than texts")
    return {name: one.strip() for name, one in found.items()}


def _wrong(words: str) -> ChannelClosed:
    return ChannelClosed(words, "slack_secret")
