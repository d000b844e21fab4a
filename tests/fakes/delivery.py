"""A delivery with its surroundings in memory, and chats that fail as they are told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from fakes.leads import CREATED, northwind
from fakes.memory_backlog import MemoryBacklog
from fakes.memory_channels import MemoryChat, MemoryChats, MemoryRedelivery
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.announcement import announcement
from pql.core.errors import PqlError
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_message import encoded
from pql.flows.cards import CardChannels
from pql.flows.channels import Chat
from pql.flows.deliver import Deliver
from pql.flows.outcome import Outcome

NOW = CREATED + 5_000
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:slack"


def record(lead: Lead, received: int = 1) -> dict[str, Any]:
    """Return the queue record about `lead`, received so many times."""
    return {
        "messageId": f"m{lead.cycle}",
        "receiptHandle": f"r{lead.cycle}",
        "body": encoded(announcement(lead, lead.key)).decode(),
        "attributes": {"ApproximateReceiveCount": str(received), "SentTimestamp": str(CREATED + lead.cycle)},
        "eventSourceARN": QUEUE,
    }


THREE = [northwind(cycle=cycle, created=CREATED + cycle) for cycle in (1, 2, 3)]
RECORDS = [record(lead) for lead in THREE]


class Failing(MemoryChat):
    """A chat that raises what it is given, call by call, and then works; it `took` the first few though.

    `lookups` are what is raised when it is asked what it shows.
    """

    def __init__(self, *errors: PqlError | None, took: int = 0, lookups: Sequence[PqlError] = ()) -> None:
        super().__init__()
        self.errors = list(errors)
        self.took = took
        self.lookups = list(lookups)
        self.asked: list[tuple[frozenset[str], int]] = []
        self.calls = 0

    def post(self, card: Mapping[str, Any]) -> None:
        """Fail or keep one card."""
        self.calls += 1
        error = self.errors.pop(0) if self.errors else None
        if error is None or self.calls <= self.took:
            super().post(card)
        if error is not None:
            raise error

    def posted(self, leads: Collection[str], since: int) -> Collection[str]:
        """Fail or look."""
        self.asked.append((frozenset(leads), since))
        if self.lookups:
            raise self.lookups.pop(0)
        return super().posted(leads, since)


class Post:
    """A delivery of `leads`; `chats` are by channel, the default one by the empty name.

    Pauses move the clock and take of the time that a run has.
    """

    def __init__(
        self,
        leads: Sequence[Lead],
        chats: Chat | Mapping[str, Chat] | None,
        remaining: Callable[[], int] = lambda: 60_000,
    ) -> None:
        by_channel = chats if isinstance(chats, Mapping) else {"": chats} if chats else None
        self.outbox = MemoryOutbox({lead.key: LeadRecord(lead) for lead in leads})
        self.backlog = MemoryBacklog()
        self.redelivery = MemoryRedelivery()
        self.now = NOW
        self.paused: list[float] = []
        channels = None if by_channel is None else CardChannels(MemoryChats(by_channel), "")
        self.deliver = Deliver(
            outbox=self.outbox,
            backlog=self.backlog,
            channels=lambda: channels,
            redelivery=self.redelivery,
            unset="SlackNotConfigured",
            clock=lambda: self.now,
            remaining=remaining,
            chance=lambda: 0.5,
            pause=self._pause,
        )

    def batch(self, records: Sequence[Mapping[str, Any]]) -> Outcome:
        """Run one batch."""
        return self.deliver.batch(records)

    def delay(self, cycle: int) -> int:
        """Return for how long the message of a lead was kept back."""
        return self.redelivery.delays[QUEUE, f"r{cycle}"]

    def sent(self) -> set[int]:
        """Return the cycles of the leads that were sent somewhere."""
        return {key.cycle for key, one in self.outbox.leads.items() if one.sent}

    def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.now += round(seconds * 1000)


def told(chat: MemoryChat) -> list[str]:
    """Return the lead ids on the cards of a chat, in order."""
    ids: list[str] = []
    for card in chat.cards:
        payload = card["metadata"]["event_payload"]
        ids += [payload["lead_id"]] if "lead_id" in payload else payload["lead_ids"].split()
    return ids
