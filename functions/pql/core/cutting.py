"""Cutting accepted events into queue messages, so that `process` folds an account's events at once.

One message holds the events of one account, or of one user where no account is named. A body of
very many small groups would cost a call to the queue per ten of them; then groups share messages
by a stable hash, because the answer has to leave within seconds.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence

from pql.core.canonical import Sized
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.keys import account_key, anonymous_key, user_key

EVENTS_LIMIT = 100
# Encoded events. Packing (gzip, then base64) adds 9 % to text that does not compress: 200 KB at most.
BYTES_LIMIT = 180 * 1024
# 100 messages are 10 calls. Above that, 100 shards: also what a body of 4,000 users comes to.
MESSAGES_LIMIT = 100
GROUP_LIMIT = 128
_GROUP_CHARACTERS = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)


def messages(events: Sequence[Sized]) -> list[tuple[str, str]]:
    """Return (group, body) pairs that hold `events`, each group's in the order of `events`."""
    of: dict[tuple[str | None, ...], list[Sized]] = {}
    for sized in events:
        event = sized.event
        whose = (
            (event.account,)
            if event.account is not None
            else (None, event.user, None if event.user else event.anonymous)
        )
        of.setdefault(whose, []).append(sized)
    groups: dict[str, list[Sized]] = {}
    for members in of.values():
        groups.setdefault(group_of(members[0].event), []).extend(members)
    if len(groups) > MESSAGES_LIMIT:
        groups = _shared(groups)
    return [(group, encode(part)) for group, members in groups.items() for part in _parts(members)]


def group_of(event: Event) -> str:
    """Return the message group of an event: at most 128 characters of those that SQS allows."""
    if event.account is not None:
        key = account_key(event.account)
    elif event.user is not None:
        key = user_key(event.user)
    else:
        key = anonymous_key(event.anonymous or "")
    if len(key) <= GROUP_LIMIT and _GROUP_CHARACTERS.issuperset(key):
        return key
    return f"{key[:2]}~{hashlib.sha256(key.encode()).hexdigest()}"


def _shared(groups: dict[str, list[Sized]]) -> dict[str, list[Sized]]:
    shards: dict[str, list[Sized]] = {}
    for group, members in groups.items():
        shard = f"shard-{zlib.crc32(group.encode()) % MESSAGES_LIMIT}"
        shards.setdefault(shard, []).extend(members)
    return shards


def _parts(members: Sequence[Sized]) -> Iterator[list[Event]]:
    part: list[Event] = []
    size = 0
    for event, bytes_of_event in members:
        if part and (len(part) == EVENTS_LIMIT or size + bytes_of_event > BYTES_LIMIT):
            yield part
            part, size = [], 0
        part.append(event)
        size += bytes_of_event
    if part:
        yield part
