"""Deliver: post lead messages from the queue to a chat, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pql.core.errors import NewerVersion, Poison, PqlError, Unavailable, Undeliverable
from pql.core.lead_message import decode
from pql.flows.backoff import LONGEST, backoff
from pql.flows.card import card
from pql.flows.outcome import Outcome

if TYPE_CHECKING:
    from pql.flows.ports import Chat, Outbox, Redelivery

# One post takes at most 3 s to connect and 7 s to answer; marking needs a little too.
ENOUGH = 12_000
# A lease outlives its function, so that whoever finds it expired knows the holder is dead.
LEASE_MARGIN = 30_000
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Deliver:
    """The way of lead messages into one chat.

    `chat` finds the chat, or nothing where none is set up. `link` is the account link template of the
    card, `clock` gives epoch milliseconds, `remaining` the milliseconds this run may still take,
    `chance` random numbers from 0 to 1.
    """

    outbox: Outbox
    chat: Callable[[], Chat | None]
    redelivery: Redelivery
    link: str
    clock: Callable[[], int]
    remaining: Callable[[], int]
    chance: Callable[[], float]

    def batch(self, records: Sequence[Record]) -> Outcome:
        """Deliver every record, oldest first; what fails comes again later.

        A message the chat will never take comes again every quarter of an hour until the queue gives
        it to its dead letters: by then somebody may have invited the bot or renewed its token. An
        outage ends the batch, since every further call would meet it too. Without a chat, every
        message is done with.
        """
        outcome = Outcome()
        waiting = sorted(records, key=_sent_at)
        try:
            chat = self.chat()
        except (Unavailable, Undeliverable) as error:
            outcome.faults.append(("secret", error))
            for record in waiting:
                self._postpone(outcome, record, error)
            return outcome
        if chat is None:
            outcome.counts["SlackNotConfigured"] = len(waiting)
            return outcome
        for record in waiting:
            if outcome.stopped:
                self._postpone(outcome, record, outcome.stopped)
            elif self.remaining() < ENOUGH:
                self._postpone(outcome, record, Unavailable("no time left in this run"))
            else:
                self._attempt(outcome, record, chat)
        return outcome

    def _attempt(self, outcome: Outcome, record: Record, chat: Chat) -> None:
        try:
            done = self._deliver(record, chat)
        except (Unavailable, NewerVersion, Undeliverable, Poison) as error:
            outcome.faults.append((record["messageId"], error))
            if isinstance(error, Unavailable):
                outcome.stopped = error
            self._postpone(outcome, record, error)
            return
        outcome.counts[done] += 1
        if done == "LeadsLeasedElsewhere":
            # Its holder is at work or dead; the queue's own visibility timeout outlasts the lease.
            outcome.failed.append(record["messageId"])

    def _deliver(self, record: Record, chat: Chat) -> str:
        message = decode(record["body"])
        now = self.clock()
        until = now + self.remaining() + LEASE_MARGIN
        claim = self.outbox.claim(message.key, chat.name, now, until)
        if claim == "sent":
            return "LeadsAlreadyDelivered"
        if claim == "leased":
            return "LeadsLeasedElsewhere"
        try:
            chat.post(card(message, self.link))
        except (Unavailable, Undeliverable):
            self.outbox.release(message.key, chat.name, until)
            raise
        self.outbox.mark_sent(message.key, chat.name, self.clock())
        return "LeadsDelivered"

    def _postpone(self, outcome: Outcome, record: Record, error: PqlError) -> None:
        never = isinstance(error, (Undeliverable, Poison))
        outcome.counts["LeadsParked" if never else "LeadsPostponed"] += 1
        outcome.failed.append(record["messageId"])
        named = error.retry_after if isinstance(error, Unavailable) else LONGEST if never else 0.0
        attempt = int(record["attributes"]["ApproximateReceiveCount"])
        try:
            seconds = backoff(attempt, named, self.chance())
            self.redelivery.delay(record["eventSourceARN"], record["receiptHandle"], seconds)
        except Unavailable as cause:
            # The queue's own visibility timeout holds instead.
            outcome.faults.append((record["messageId"], cause))


def _sent_at(record: Record) -> int:
    return int(record["attributes"].get("SentTimestamp", 0))
