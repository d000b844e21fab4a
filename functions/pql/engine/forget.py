"""Forget people in an account's packed state, whatever rules packed it.

No rules are needed, and those of another deployment that were carried along are forgotten in, too. What an
account did stays counted; who did it does not. A person who is forgotten is no longer one of the distinct
users, nor of those whose use is followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from pql.core.aggregates.distinct import HASH_BYTES, hashed
from pql.core.errors import NewerVersion, Unreadable
from pql.engine.account import PERSON_ID_LIMIT
from pql.engine.state import SCHEMA

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
_SIGNALS, _TRAITS, _PEOPLE = 3, 4, 5
_PAYLOAD = 3


def forget(state: bytes, ids: Iterable[str], words: Iterable[str]) -> bytes | None:
    """Return the state without the people of these ids, and without these words; None if it holds none.

    Raises `NewerVersion` for bytes that a newer deployment packed, and `Unreadable` for what is no state.
    """
    try:
        return _forgotten(state, frozenset(ids), frozenset(words))
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
        raise Unreadable(f"no state of an account: {type(error).__name__}") from error


def _forgotten(state: bytes, ids: AbstractSet[str], words: AbstractSet[str]) -> bytes | None:
    plain = _decode(state)
    if plain[0] > SCHEMA:
        raise NewerVersion(f"account state of schema {plain[0]}, this code knows {SCHEMA}")
    told = ids | words
    people = {one[:PERSON_ID_LIMIT] for one in ids}
    hashes = {hashed(one).to_bytes(HASH_BYTES, "big") for one in told}
    texts = {one.casefold() for one in words}
    kept = list(plain)
    kept[_SIGNALS] = [
        [*entry[:_PAYLOAD], _without(entry[_PAYLOAD], hashes), *entry[_PAYLOAD + 1 :]]
        for entry in plain[_SIGNALS]
        if not _says(entry[_PAYLOAD], texts)
    ]
    kept[_TRAITS] = [one for one in plain[_TRAITS] if not _says(one[3], texts)]
    kept[_PEOPLE] = [one for one in plain[_PEOPLE] if one[0] not in people]
    return None if kept == plain else _encode(kept)


def _says(value: Any, texts: AbstractSet[str]) -> bool:
    """Return whether one of the texts is in a value, or in a list of values."""
    if isinstance(value, str):
        return value.casefold() in texts
    return isinstance(value, list) and any(_says(one, texts) for one in value)


def _without(payload: Any, hashes: AbstractSet[bytes]) -> Any:
    """Return a signal's memory without these hashes; only memories that begin with hashes have any."""
    if not isinstance(payload, list) or not payload or not isinstance(payload[0], bytes):
        return payload
    joined, *rest = payload
    members = [joined[start : start + HASH_BYTES] for start in range(0, len(joined), HASH_BYTES)]
    if hashes.isdisjoint(members):
        return payload
    stay = [place for place, member in enumerate(members) if member not in hashes]
    left = b"".join(members[place] for place in stay)
    if rest and isinstance(rest[0], list):
        return [left, *_rows(rest, {old: new for new, old in enumerate(stay)})]
    return [left, *(rest[place] for place in stay)]


def _rows(rows: Iterable[list[int]], places: dict[int, int]) -> Iterable[list[int]]:
    """Yield the rows of `Usage`: the age of a bucket, the events of others, and (place, times) of users."""
    for age, others, *pairs in rows:
        both = zip(pairs[::2], pairs[1::2], strict=True)
        kept = [part for place, times in both if place in places for part in (places[place], times)]
        if kept or others:
            yield [age, others, *kept]
