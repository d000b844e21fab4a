"""What the flows need from the world, as protocols; adapters implement them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from pql.core.account import Change, Move, Row
from pql.core.edition import Edition
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_state import Life
from pql.core.member import Member

Claim = Literal["won", "doubt", "sent", "leased"]


class Secrets(Protocol):
    """Shared secrets, cached; every value that is valid right now."""

    def values(self, name: str, deadline: float = math.inf) -> tuple[bytes, ...]:
        """Return the current and the previous values of `name`, current first.

        `deadline` is on the monotonic clock, in seconds: no read may outlast it, and none that is not
        needed may use up what the queue needs before it. Raises `Unavailable` when the store cannot be
        read and nothing is cached.
        """

    def refresh(self, name: str, deadline: float = math.inf) -> tuple[bytes, ...]:
        """Return the values after one forced read, at most once per 30 s for each name."""


class EventQueue(Protocol):
    """The queue between `ingest` and `process`."""

    def send(self, messages: Sequence[tuple[str, str]], deadline: float) -> None:
        """Send (group, body) pairs and return only when the queue has all of them.

        `deadline` is on the monotonic clock, in seconds. Raises `Unavailable` if any message is
        not known to be stored by then; some may be, and a resend of them is harmless.
        """


class Quarantine(Protocol):
    """Where messages go that nobody can ever process."""

    def keep(self, body: str, reason: str) -> None:
        """Store `body` with `reason`; raises `Unavailable`."""


class Archive(Protocol):
    """The log of accepted events that replay, backtest and explain stand on."""

    def append(self, lines: Sequence[tuple[str, Event]], batch: str) -> None:
        """Store (subject, event) pairs under the day of each event's `received`.

        `batch` names the delivery: the same batch stored twice overwrites itself. Raises
        `Unavailable`.
        """


class Store(Protocol):
    """Account states, seen ids and members. Every read but `waking` is strongly consistent."""

    def members(self, keys: Collection[str]) -> dict[str, Member]:
        """Return the members that exist, by key."""

    def teach(self, key: str, member: Member) -> None:
        """Write what was learned about `key` that moves nobody.

        Raises `Conflict` if it changed since it was read, or if the outcome is unknown.
        """

    def move(self, move: Move, leads: Sequence[Lead]) -> None:
        """Write the member, the row it leaves, the row that one is folded into, and the leads, as one.

        Raises `Conflict` when any of them or of the move's basis changed since it was read or the
        outcome is unknown, and `LeadExists` as `commit` does; nothing is written then.
        """

    def rows(self, subjects: Collection[str]) -> dict[str, Row]:
        """Return the account rows that exist, by subject (P1)."""

    def seen(self, buckets: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Collection[bytes]]:
        """Return the ids in each (subject, bucket) that exists (P2)."""

    def spill(self, subject: str, buckets: Mapping[str, Collection[bytes]], expires: int) -> None:
        """Add ids to the subject's buckets and let them expire at `expires`, epoch seconds (P4)."""

    def commit(self, change: Change, leads: Sequence[Lead]) -> None:
        """Write the row if it is still at the version it was read at, and the leads with it (P5).

        Raises `Conflict` when the version moved on or the outcome is unknown, and its kind
        `LeadExists` when a lead of the same key stands already; nothing is written then.
        """

    def waking(self, until: int, shard: int) -> Iterator[tuple[int, str]]:
        """Return (wake, subject) of the accounts in a shard that are due at `until`, oldest first.

        In epoch seconds. Read from an index that lags: look at the row itself. Raises `Unavailable`.
        """

    def origins(self, subject: str) -> list[str]:
        """Return the subjects with leads whose rows were folded into this one's, a hundred at most."""

    def editions(self, ids: Collection[int]) -> dict[int, Edition]:
        """Return the editions of the rules that have been declared, by id."""

    def declare(self, edition: Edition) -> None:
        """Write an edition; a repeat changes nothing. Raises `Unavailable`."""

    def postpone(self, row: Row, wake: int | None) -> None:
        """Write when the account is to be woken (epoch seconds, None for never), and nothing else.

        Raises `Conflict` when the row is no longer at its version or the outcome is unknown.
        """


class Page(NamedTuple):
    """Rows of accounts, what reading them took in read units, and where the next page begins, if any."""

    rows: Sequence[Row]
    units: float
    after: str | None


class Accounts(Protocol):
    """Every account there is, for commands that people run: no function reads so."""

    def page(self, after: str | None) -> Page:
        """Return the page that begins after a place that an earlier one named, or the first one.

        Rows may be a moment old; raises `Unavailable`.
        """


class Outbox(Protocol):
    """Leads as something to announce: each is its own record of what has been delivered."""

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead with the state of its announcement, strongly consistent.

        Raises `Poison` when what is stored is no lead.
        """

    def mark_published(self, key: LeadKey, at: int) -> None:
        """Record that SNS took the lead at `at`; a repeat changes nothing."""

    def claim(self, key: LeadKey, channel: str, now: int, until: int) -> Claim:
        """Lease the delivery to `channel` until `until`: `won`, `sent` already, or `leased` elsewhere.

        `doubt` is won as well, after an attempt that nobody knows the outcome of: its holder died, or
        was `unsure`. Raises `Poison` when there is no such lead.
        """

    def mark_sent(self, key: LeadKey, channel: str, at: int) -> None:
        """Record that `channel` took the lead at `at`, and end the lease."""

    def release(self, key: LeadKey, channel: str, until: int) -> None:
        """End the lease that runs until `until` without a delivery; anybody else's lease stays."""

    def unsure(self, key: LeadKey, channel: str, until: int) -> None:
        """End that lease without knowing whether there was a delivery: the next claim is in doubt."""

    def unpublished(self, before: int) -> Iterator[LeadKey]:
        """Return the leads created before `before` that SNS may not have, oldest first.

        Read from an index that lags: look at the lead itself before publishing.
        """


class Leads(Protocol):
    """Leads as something that people and accounts make something of."""

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead and how it stands, strongly consistent.

        Raises `Poison` when what is stored is no lead.
        """

    def of(self, subject: str) -> Iterator[LeadRecord]:
        """Yield the leads of a subject, strongly consistent; raises as `lead` does."""

    def newest(self, since: int = 0) -> Iterator[LeadKey]:
        """Yield the keys of the leads made at `since` (epoch ms) or later, the newest first.

        Read from an index that lags by moments; raises `Unavailable`.
        """

    def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
        """Return those of the leads that exist, in the order of `keys`; raises as `lead` does."""

    def change(self, key: LeadKey, before: Life, after: Life) -> None:
        """Write how a lead stands, and nothing else of it.

        Raises `Conflict` if it no longer stands as `before`, and `Unavailable`, after which it may or
        may not be written: look again.
        """


class Topic(Protocol):
    """The topic that announces leads."""

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Publish one message; raises `Unavailable`."""


class Redelivery(Protocol):
    """When the queue hands out a message again that was not processed."""

    def delay(self, queue: str, receipt: str, seconds: int) -> None:
        """Keep the message of this receipt back for `seconds`; raises `Unavailable`."""
