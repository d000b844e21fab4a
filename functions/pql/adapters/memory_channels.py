"""A topic, a chat and a queue's redelivery that only remember what they were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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

    name: str = "slack"
    cards: list[Mapping[str, Any]] = field(default_factory=list)

    def post(self, card: Mapping[str, Any]) -> None:
        """Keep one card."""
        self.cards.append(card)


@dataclass
class MemoryRedelivery:
    """Redelivery that keeps the seconds by queue and receipt."""

    delays: dict[tuple[str, str], int] = field(default_factory=dict)

    def delay(self, queue: str, receipt: str, seconds: int) -> None:
        """Keep how long the message of this receipt is to wait."""
        self.delays[queue, receipt] = seconds
