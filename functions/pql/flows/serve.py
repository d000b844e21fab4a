"""Serve: bring one channel what waits for it, each lead once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pql.core.announcement import announcement
from pql.core.errors import ChannelClosed, Poison, Unanswered, Unavailable, Undeliverable
from pql.core.keys import LeadKey
from pql.core.lead_message import LeadMessage
from pql.core.plain_words import epoch
from pql.flows.backoff import LONGEST
from pql.flows.channels import Channel, Channels
from pql.flows.docket import Docket, Verdict, failed
from pql.flows.ports import Outbox

# A post takes at most 3 s to connect and 7 s to answer, and asking first whether it is there as long.
ENOUGH = 22_000
# A lease outlives its function, so that whoever finds it expired knows the holder is dead.
LEASE_MARGIN = 30_000
# More than these waiting are told together; so many messages may follow each other at once.
SINGLE = 20
BURST = 5
# Seconds until a channel that did not answer is tried again, by whichever lead comes first.
PROBE = 10.0


class _Claimed(NamedTuple):
    message: LeadMessage
    doubt: bool


@dataclass
class Service:
    """One run's service to one channel.

    `clock` gives epoch milliseconds, `remaining` the milliseconds this run may still take; `pause`
    sleeps for seconds. After `ends` nothing begins but the first message: that time is others'.
    Deliveries of others that wait are made along with one's own: what matters is that they are made, and
    their messages find them `sent`.
    """

    docket: Docket
    outbox: Outbox
    clock: Callable[[], int]
    remaining: Callable[[], int]
    pause: Callable[[float], None]
    ends: int | None
    _until: int = field(default=0, init=False)
    _posts: int = field(default=0, init=False)
    _last: int = field(default=0, init=False)

    def serve(self, channels: Channels) -> None:
        """Deliver what is on the docket and what waits, oldest first; every delivery has its verdict then."""
        try:
            rests = (self.docket.look() - self.clock()) / 1000
            if rests > 0:
                self.docket.note(Unavailable("the channel rests"), rests)
            else:
                self._work(channels.channel(self.docket.name))
        except ChannelClosed as error:
            self._rest(error, LONGEST)
        except Unavailable as error:
            # The table is away.
            self.docket.leave(error, error.retry_after)

    def _work(self, channel: Channel) -> None:
        """Deliver the queue until it is empty, time is up, or the channel does not take any more."""
        queue = self.docket.queue()
        size = channel.most if len(queue) > SINGLE else 1
        groups = [queue[start : start + size] for start in range(0, len(queue), size)]
        begun = False
        while groups:
            if self.remaining() < ENOUGH or (begun and self._is_over()):
                self.docket.leave(Unavailable("no time left in this run"), 0.0)
                return
            begun = True
            group = groups.pop(0)
            claimed = self._claim(group)
            try:
                self._deliver(channel, self._unknown(channel, claimed))
            except ChannelClosed:
                raise
            except Undeliverable as error:
                if len(claimed) == 1:
                    self.docket.park(claimed[0].message, error)
                else:
                    # One of them is to blame, or the digest as such: each on its own then.
                    groups = [[key] for key in group] + groups
            except Unavailable as error:
                self._rest(error, max(error.retry_after, PROBE if isinstance(error, Unanswered) else 0.0))
                return

    def _is_over(self) -> bool:
        return self.ends is not None and self.clock() > self.ends

    def _claim(self, keys: Sequence[LeadKey]) -> list[_Claimed]:
        """Lease what can be had of these, and cross out what is done with."""
        claimed = []
        self._until = self.clock() + self.remaining() + LEASE_MARGIN
        for key in keys:
            try:
                message = self.docket.mine.get(key) or self._read(key)
                claim = message and self.outbox.claim(key, self.docket.name, self.clock(), self._until)
            except Poison as error:
                self.docket.finish(key, "LeadsGone")
                self.docket.settle(key, failed(error))
                continue
            if message and claim in ("won", "doubt"):
                claimed.append(_Claimed(message, claim == "doubt"))
            elif claim == "leased":
                # Its holder is at work or dead; the queue's own visibility timeout outlasts the lease.
                self.docket.settle(key, Verdict("LeadsLeasedElsewhere"))
            else:
                self.docket.finish(key, "LeadsAlreadyDelivered")
        return claimed

    def _read(self, key: LeadKey) -> LeadMessage | None:
        """Return what is said of somebody else's lead, unless it has been delivered or is gone."""
        record = self.outbox.lead(key)
        gone = record is None or self.docket.name in record.sent
        return None if record is None or gone else announcement(record.lead, key)

    def _unknown(self, channel: Channel, claimed: Sequence[_Claimed]) -> Sequence[_Claimed]:
        """Return what the channel has not had yet, as far as it can tell."""
        doubted = [one.message for one in claimed if one.doubt]
        if not doubted:
            return claimed
        since = min(epoch(message.created_at) for message in doubted)
        try:
            found = channel.delivered([message.lead_id for message in doubted], since)
        except (Unavailable, Undeliverable):
            self._release(claimed, posted=False)
            raise
        self._mark([message for message in doubted if message.lead_id in found], "LeadsFound")
        return [one for one in claimed if one.message.lead_id not in found]

    def _deliver(self, channel: Channel, claimed: Sequence[_Claimed]) -> None:
        if not claimed:
            return
        self._keep_pace(channel.pace)
        messages = [one.message for one in claimed]
        try:
            channel.deliver(messages)
        except (Unavailable, Undeliverable) as error:
            self._release(claimed, posted=isinstance(error, Unanswered))
            raise
        self._mark(messages, "LeadsDigested" if len(messages) > 1 else "")

    def _release(self, claimed: Sequence[_Claimed], *, posted: bool) -> None:
        for message, doubt in claimed:
            end = self.outbox.unsure if posted or doubt else self.outbox.release
            end(message.key, self.docket.name, self._until)

    def _mark(self, messages: Sequence[LeadMessage], also: str) -> None:
        """Write down deliveries, each by itself: one that cannot be written keeps no other one waiting."""
        prevented: list[Unavailable] = []
        for message in messages:
            try:
                self.outbox.mark_sent(message.key, self.docket.name, self.clock())
                self.docket.outcome.counts.update([also] if also else [])
                self.docket.finish(message.key, "LeadsDelivered")
            except Unavailable as error:
                prevented.append(error)
        if prevented:
            raise prevented[0]

    def _keep_pace(self, pace: float) -> None:
        """Wait until the next message may follow."""
        ready = self._last + int(pace * 1000)
        if self._posts >= BURST and self.clock() < ready:
            self.pause((ready - self.clock()) / 1000)
        self._posts, self._last = self._posts + 1, self.clock()

    def _rest(self, error: Unavailable | ChannelClosed, seconds: float) -> None:
        """Let the channel be for so long, and everything that is on the docket with it."""
        try:
            self.docket.hold(error, self.clock() + int(seconds * 1000), seconds)
        except Unavailable:
            # It cannot be written down, and holds for this run all the same.
            self.docket.leave(error, seconds)
