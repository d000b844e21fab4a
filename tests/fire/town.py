"""Every function of a deployment over memory, wired as in template.yaml, and breakable at every call."""

from __future__ import annotations

import random
from collections import Counter as Tally
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from fakes.crashing_store import Killed
from fakes.events import DAY, START
from fakes.memory_backlog import MemoryBacklog
from fakes.memory_channels import MemoryChats
from fire.faults import Faults, Fragile
from fire.mailbox import Mailbox
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_outbox import MemoryOutbox
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Move
from pql.core.envelope import encode
from pql.core.errors import Unavailable
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.core.lead_item import sort_key
from pql.engine.plan import Plan
from pql.flows.cards import CardChannels
from pql.flows.convert import Converter
from pql.flows.count import Counter
from pql.flows.deliver import Deliver
from pql.flows.notify import notify
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.flows.sweep import sweep
from pql.flows.wake import SETTLING, Waker

HORIZON: Final = 7 * DAY
KEEP_IDS: Final = 45


class Table(MemoryStore):
    """The store in memory, with a stream of new leads and ids that expire."""

    def __init__(self) -> None:
        super().__init__()
        self.stream: list[LeadKey] = []
        self.expires: dict[tuple[str, str], int] = {}

    def commit(self, change: Change, leads: Sequence[Lead]) -> None:
        """Write the row and the leads, or nothing."""
        super().commit(change, leads)
        self.stream += [lead.key for lead in leads]

    def move(self, move: Move, leads: Sequence[Lead]) -> None:
        """Write the member, the rows it moves between and the leads, or nothing."""
        super().move(move, leads)
        self.stream += [lead.key for lead in leads]

    def spill(self, subject: str, buckets: Mapping[str, Collection[bytes]], expires: int) -> None:
        """Add ids to the subject's buckets, which expire together."""
        super().spill(subject, buckets, expires)
        self.expires |= {(subject, bucket): expires for bucket in buckets}

    def expire(self, now: int) -> int:
        """Delete the buckets whose time is over; return how many."""
        over = [place for place, at in self.expires.items() if at < now // 1000]
        for place in over:
            del self.expires[place], self.buckets[place]
        return len(over)


class Town:
    """A deployment. `faults` break its calls; `now` is everybody's clock, epoch ms."""

    def __init__(self, plan: Plan, faults: Faults | None = None) -> None:
        self.plan = plan
        self.faults = faults or Faults()
        self.now = START
        self.table = Table()
        self.archive = MemoryArchive()
        self.quarantine = MemoryQuarantine()
        self.backlog = MemoryBacklog()
        self.told = Tally[str]()  # how often each lead stands on a card
        self.leases: dict[tuple[LeadKey, str], int] = {}
        self.events = Mailbox(lambda: self.now)
        self.letters = Mailbox(lambda: self.now, receives=400)
        self.read = 0  # of the stream
        self.runs = 0
        self.chat_is_up = True

    def send(self, *events: Event) -> None:
        """Put events into the queue as one message."""
        self.events.send(encode(events))

    def process(self, most: int = 10, chance: random.Random | None = None) -> None:
        """Let the function take a batch of events."""
        batch = self.events.take(most, chance)
        if not batch:
            return
        self.runs += 1
        store = self._fragile(self.table)
        processor = Processor(
            store,
            Counter(store, self.plan, KEEP_IDS, _no_pause),
            self._fragile(self.archive),
            self._fragile(self.quarantine),
            horizon=HORIZON,
            pause=_no_pause,
            converter=Converter(self._fragile(MemoryLeads(self.table.leads)), {"ordercompleted"}),
        )
        messages = [(one.id, one.body) for one in batch]
        with suppress(Killed):
            outcome = processor.process(messages, f"run {self.runs}", self.now, lambda: 60.0)
            self._delete(self.events, [one for one, _ in messages], outcome)

    def relay(self, most: int = 100) -> None:
        """Let the function take a batch of the table's stream."""
        keys = self.table.stream[self.read : self.read + most]
        if not keys:
            return
        records = [_inserted(key, number) for number, key in enumerate(keys)]
        with suppress(Killed):
            outcome = notify(records, self._outbox(), self._fragile(self), lambda: self.now)
            self.read += int(outcome.failed[0]) if outcome.failed else len(keys)

    def lose_stream(self) -> None:
        """Forget what nobody has read of the stream."""
        self.read = len(self.table.stream)

    def replay_stream(self, back: int) -> None:
        """Read so much of the stream once more."""
        self.read = max(0, self.read - back)

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Be the topic: give a lead to the queue of the chat."""
        del attributes
        self.letters.send(body)

    def post(self, card: Mapping[str, Any]) -> None:
        """Be the chat, or let nobody in."""
        if not self.chat_is_up:
            raise Unavailable("the chat is down", retry_after=30)
        named = card["metadata"]["event_payload"]
        self.told.update([named["lead_id"]] if "lead_id" in named else named["lead_ids"].split())

    def posted(self, leads: Collection[str], since: int) -> Collection[str]:
        """Be the chat's history."""
        del since
        return {lead for lead in leads if lead in self.told}

    def deliver(self, most: int = 10, chance: random.Random | None = None) -> None:
        """Let the function take a batch of leads to the chat."""
        batch = self.letters.take(most, chance)
        if not batch:
            return
        deliver = Deliver(
            outbox=self._outbox(),
            backlog=self._fragile(self.backlog),
            channels=lambda: CardChannels(MemoryChats({"": self._fragile(self)}), ""),
            redelivery=self._fragile(self),
            unset="SlackNotConfigured",
            clock=lambda: self.now,
            remaining=lambda: 60_000,
            chance=lambda: 0.5,
            pause=_no_pause,
        )
        records = [
            {
                "messageId": one.id,
                "receiptHandle": one.id,
                "body": one.body,
                "attributes": {"ApproximateReceiveCount": str(one.receives), "SentTimestamp": str(one.sent)},
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:slack",
            }
            for one in batch
        ]
        with suppress(Killed):
            self._delete(self.letters, [one.id for one in batch], deliver.batch(records))

    def delay(self, queue: str, receipt: str, seconds: int) -> None:
        """Be the queue that keeps a message back."""
        del queue
        self.letters.keep_back(receipt, seconds)

    def sweep(self) -> None:
        """Let the schedule come round: announce what the stream lost, wake whom time has made a lead."""
        with suppress(Killed):
            sweep(self._outbox(), self._fragile(self), lambda: self.now, lambda: 60_000)
            Waker(self._fragile(self.table), self.plan).run(self.now, lambda: 60_000)

    def round(self, chance: random.Random | None = None) -> None:
        """Let every function work once, five minutes after the last time."""
        self.process(chance=chance)
        self.relay()
        self.deliver(chance=chance)
        self.sweep()
        self.now += 5 * 60_000

    def settle(self, rounds: int = 400) -> None:
        """Go on until nothing waits; raises `AssertionError` if it always does."""
        for _ in range(rounds):
            self.events.redrive()
            self.letters.redrive()
            self.round()
            if not (self.events.waiting or self.letters.waiting or self._something_is_due()):
                return
        raise AssertionError(f"{len(self.events.waiting)} events and {len(self.letters.waiting)} leads wait")

    def _something_is_due(self) -> bool:
        until = (self.now - SETTLING) // 1000
        if self.read < len(self.table.stream) or any(
            row.wake is not None and row.wake <= until for row in self.table.accounts.values()
        ):
            return True
        return any(one.published is None for one in self.table.leads.values())

    def _outbox(self) -> Any:
        return self._fragile(MemoryOutbox(self.table.leads, self.leases))

    def _fragile(self, port: Any) -> Any:
        return Fragile(port, self.faults)

    @staticmethod
    def _delete(mailbox: Mailbox, taken: Sequence[str], outcome: Outcome) -> None:
        mailbox.delete(set(taken) - set(outcome.failed))


def _inserted(key: LeadKey, number: int) -> dict[str, Any]:
    keys = {"pk": {"S": key.subject}, "sk": {"S": sort_key(key)}}
    return {"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": str(number)}}


def _no_pause(_: float) -> None:
    """Wait for nothing."""
