"""Leads as cards in the chats that their rules name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pql.core.lead_message import LeadMessage
from pql.flows.card import card
from pql.flows.card.digest import MOST, digest
from pql.flows.channels import Channel, Chat, Chats

# By this name deliveries to the default channel are remembered; others add their own.
NAME = "slack"


@dataclass(frozen=True)
class CardChannel:
    """A chat as a channel: one card for a lead, one digest for many. `link` is as in `card`."""

    chat: Chat
    link: str
    most: int = MOST
    pace: float = 1.0

    def deliver(self, messages: Sequence[LeadMessage]) -> None:
        """Post one card."""
        one = card(messages[0], self.link) if len(messages) == 1 else digest(messages, self.link)
        self.chat.post(one)

    def delivered(self, leads: Collection[str], since: int) -> Collection[str]:
        """Return those of these leads that the chat shows."""
        return self.chat.posted(leads, since)


@dataclass(frozen=True)
class CardChannels:
    """The `Channels` port on the chats of a workspace."""

    chats: Chats
    link: str

    def names(self, message: LeadMessage) -> Sequence[str]:
        """Return a name for each channel of the lead's rule, or that of the default channel."""
        named = dict.fromkeys(plain(channel) for channel in message.channels)
        if named:
            return [f"{NAME}:{channel}" for channel in named]
        return [NAME] if self.chats.has_default else []

    def channel(self, name: str) -> Channel:
        """Return a channel; raises `ChannelClosed` for one that is not set up."""
        return CardChannel(self.chats.chat(name.removeprefix(NAME).removeprefix(":")), self.link)


def plain(channel: str) -> str:
    """Return a channel's name as it is compared: `#Sales` and `sales` are one."""
    return channel.strip().removeprefix("#")
