"""What delivering needs of the world: channels that take leads, and a memory of what waits for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from pql.core.keys import LeadKey
from pql.core.lead_message import LeadMessage


class Channel(Protocol):
    """One place that takes leads.

    `most` is how many leads one message of it can hold, and `pace` the seconds from one message to the
    next once a few have been sent in a row.
    """

    @property
    def most(self) -> int:
        """Return how many leads one message can hold."""

    @property
    def pace(self) -> float:
        """Return the seconds from one message to the next."""

    def deliver(self, messages: Sequence[LeadMessage]) -> None:
        """Deliver these leads as one message.

        Raises `Unavailable` (with `retry_after`) when a later attempt may succeed, `Unanswered` when
        this one may have, `Undeliverable` when the message will never be taken, and `ChannelClosed`
        when no message will.
        """

    def delivered(self, leads: Collection[str], since: int) -> Collection[str]:
        """Return those of these lead ids that the channel has had since then (epoch ms), if it can tell.

        Raises `Unavailable`.
        """


class Channels(Protocol):
    """The channels of one kind, by the names under which deliveries to them are remembered."""

    def names(self, message: LeadMessage) -> Sequence[str]:
        """Return where this lead goes; nowhere if nothing is set up for it."""

    def channel(self, name: str) -> Channel:
        """Return a channel; raises `ChannelClosed` for one that is not set up."""


class Chat(Protocol):
    """A channel that people read, and that takes cards."""

    def post(self, card: Mapping[str, Any]) -> None:
        """Deliver one card; raises as `Channel.deliver` does."""

    def posted(self, leads: Collection[str], since: int) -> Collection[str]:
        """Return those of these lead ids that cards of ours have named since then, if it can tell."""


class Chats(Protocol):
    """The chats of one workspace."""

    @property
    def has_default(self) -> bool:
        """Return whether leads without a channel have somewhere to go."""

    def chat(self, channel: str) -> Chat:
        """Return the chat of a channel as rules name it, or the default one for an empty name.

        Raises `ChannelClosed` for one that is not set up.
        """


class Waiting(NamedTuple):
    """A delivery that could not be made yet.

    `code` says why. One that is `parked` was refused for what is in it: its own message tries again, and
    nobody takes it along.
    """

    created: int
    key: LeadKey
    code: str
    parked: bool


class Standby(NamedTuple):
    """What stands of a channel: until when it rests (epoch ms), and what waits for it, oldest first."""

    rests: int
    waiting: Sequence[Waiting]


class Backlog(Protocol):
    """What waits for channels.

    It is a help and not the truth: whether a lead was delivered says the lead, and its message comes
    again whatever stands here. All of it raises `Unavailable`.
    """

    def look(self, channel: str, limit: int) -> Standby:
        """Return what stands of a channel, with at most `limit` deliveries, strongly consistent."""

    def rest(self, channel: str, until: int) -> None:
        """Let a channel rest until then, or for as long as it was going to if that is longer."""

    def add(self, channel: str, waiting: Waiting) -> None:
        """Write down a delivery that waits, or why it does now."""

    def remove(self, channel: str, created: int, key: LeadKey) -> None:
        """Cross out a delivery; one that is not there is no fault."""

    def every(self) -> Sequence[tuple[str, Waiting]]:
        """Return everything that waits, with its channel."""
