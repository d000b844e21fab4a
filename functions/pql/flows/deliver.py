"""Deliver: bring lead messages from a queue to the channels they are for, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pql.core.errors import NewerVersion, Poison, Unavailable, Undeliverable
from pql.core.keys import LeadKey
from pql.core.lead_message import LeadMessage, decode
from pql.flows.backoff import backoff
from pql.flows.docket import Docket, Verdict, failed
from pql.flows.outcome import Outcome
from pql.flows.serve import ENOUGH, Service

if TYPE_CHECKING:
    from pql.flows.channels import Backlog, Channels
    from pql.flows.ports import Outbox, Redelivery

# Milliseconds. SQS would tell how old the oldest message is, but leaves out what was received three times.
LATE = 900_000
Record = Mapping[str, Any]
Letter = tuple[Record, LeadMessage, Sequence[str]]


@dataclass(frozen=True)
class Deliver:
    """The way of lead messages into the channels of one kind.

    `channels` finds them, or nothing where none is set up: `unset` is the metric that counts the leads
    then. `clock` gives epoch milliseconds, `remaining` the milliseconds this run may still take,
    `chance` random numbers from 0 to 1; `pause` sleeps for seconds.
    """

    outbox: Outbox
    backlog: Backlog
    channels: Callable[[], Channels | None]
    redelivery: Redelivery
    unset: str
    clock: Callable[[], int]
    remaining: Callable[[], int]
    chance: Callable[[], float]
    pause: Callable[[float], None]

    def batch(self, records: Sequence[Record]) -> Outcome:
        """Deliver every record to each of its channels; what fails comes again later.

        A channel that fails keeps no other one waiting. A message that will never be taken comes again
        every quarter of an hour until the queue gives it to its dead letters: by then somebody may have
        invited the bot or renewed its token. Without any channel, every message is done with.
        """
        outcome = Outcome()
        waiting = sorted(records, key=_sent_at)
        try:
            channels = self.channels()
        except (Unavailable, Undeliverable) as error:
            outcome.faults.append(("secret", error))
            for record in waiting:
                self._postpone(outcome, record, [failed(error)])
            return outcome
        if channels is None:
            outcome.counts[self.unset] = len(waiting)
            return outcome
        letters = self._letters(outcome, waiting, channels)
        verdicts = self._serve(outcome, letters, channels)
        for record, message, names in letters:
            self._answer(outcome, record, [verdicts[name, message.key] for name in names])
        return outcome

    def _letters(self, outcome: Outcome, records: Sequence[Record], channels: Channels) -> list[Letter]:
        """Return the messages that go somewhere, with where they go."""
        letters: list[Letter] = []
        for record in records:
            try:
                message = decode(record["body"])
            except (Poison, NewerVersion) as error:
                self._answer(outcome, record, [failed(error)])
                continue
            names = channels.names(message)
            if names:
                letters.append((record, message, names))
            else:
                outcome.counts[self.unset] += 1
        return letters

    def _serve(
        self, outcome: Outcome, letters: Sequence[Letter], channels: Channels
    ) -> Mapping[tuple[str, LeadKey], Verdict]:
        by_name: dict[str, list[LeadMessage]] = {}
        for _, message, names in letters:
            for name in names:
                by_name.setdefault(name, []).append(message)
        verdicts: dict[tuple[str, LeadKey], Verdict] = {}
        # Who has little to say is heard first, and nobody talks through the time of those that follow.
        shortest = sorted(by_name.items(), key=lambda one: len(one[1]))
        for left, (name, messages) in zip(range(len(shortest), 0, -1), shortest, strict=True):
            share = max(0, self.remaining() - ENOUGH) // left
            docket = Docket(name, self.backlog, outcome, {message.key: message for message in messages})
            ends = self.clock() + share if left > 1 else None
            Service(docket, self.outbox, self.clock, self.remaining, self.pause, ends).serve(channels)
            verdicts |= {(name, key): verdict for key, verdict in docket.verdicts.items()}
        return verdicts

    def _answer(self, outcome: Outcome, record: Record, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if verdict.error is None:
                outcome.counts[verdict.metric] += 1
            elif not any(verdict.error is known for _, known in outcome.faults):
                # One line in the log for what holds up many.
                outcome.faults.append((record["messageId"], verdict.error))
        left = [verdict for verdict in verdicts if not verdict.done]
        if left:
            self._postpone(outcome, record, left)

    def _postpone(self, outcome: Outcome, record: Record, left: Sequence[Verdict]) -> None:
        outcome.counts.update(verdict.metric for verdict in left if verdict.error)
        outcome.counts["LeadsLate"] += self.clock() - _sent_at(record) >= LATE
        outcome.failed.append(record["messageId"])
        named = [verdict.named for verdict in left if verdict.named is not None]
        if not named:
            return
        attempt = int(record["attributes"]["ApproximateReceiveCount"])
        try:
            seconds = backoff(attempt, min(named), self.chance())
            self.redelivery.delay(record["eventSourceARN"], record["receiptHandle"], seconds)
        except Unavailable as cause:
            # The queue's own visibility timeout holds instead.
            outcome.faults.append((record["messageId"], cause))


def _sent_at(record: Record) -> int:
    return int(record["attributes"].get("SentTimestamp", 0))
