"""A topic, chats and a queue's redelivery that only remember what they were asked."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pql.core.errors import ChannelClosed
from pql.flows.channels import Chat


@dataclass
class MemoryTopic:
    """A topic that keeps its (body, attributes) messages."""

    messages: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Keep one message."""
        self.messages.append((body, dict(attributes)))


@dataclass
class MemoryChat:
    """A chat that keeps its cards."""

    cards: list[Mapping[str, Any]] = field(default_factory=list)

    def post(self, card: Mapping[str, Any]) -> None:
        """Keep one card."""
        self.cards.append(card)

    def posted(self, leads: Collection[str], since: int) -> Collection[str]:
        """Return those of these leads that are on a card."""
        del since
        told = [json.dumps(card["metadata"]) for card in self.cards]
        return {lead for lead in leads if any(lead in text for text in told)}


@dataclass
class MemoryChats:
    """Chats by channel; the one of the empty name is the default."""

    by_channel: Mapping[str, Chat]

    @property
    def has_default(self) -> bool:
        """Return whether there is a default chat."""
        return "" in self.by_channel

    def chat(self, channel: str) -> Chat:
        """Return the chat of a channel."""
        if channel not in self.by_channel:
            raise ChannelClosed("no such channel", "unknown_channel")
        return self.by_channel[channel]


@dataclass
class MemoryRedelivery:
    """Redelivery that keeps the seconds by queue and receipt."""

    delays: dict[tuple[str, str], int] = field(default_factory=dict)

    def delay(self, queue: str, receipt: str, seconds: int) -> None:
        """Keep how long the message of this receipt is to wait."""
        self.delays[queue, receipt] = seconds
