"""Forget people in an account's packed state, whatever rules packed it.

No rules are needed, and those of another deployment that were carried along are forgotten in, too. What an
account did stays counted; who did it does not. A person who is forgotten is no longer one of the distinct
users, nor of those whose use is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from pql.core.aggregates.distinct import HASH_BYTES, hashed
from pql.core.errors import Unreadable
from pql.core.identity import id_text
from pql.core.keys import readable, user_key
from pql.engine import layout
from pql.engine.account import PERSON_ID_LIMIT

_PAYLOAD = 3


def forget(state: bytes, ids: Iterable[str], words: Iterable[str]) -> bytes | None:
    """Return the state without the people of these ids, and without these words; None if it holds none.

    In the place of a long id may stand the text of its key, which is a hash.
    Raises `NewerVersion` for bytes that a newer deployment packed, and `Unreadable` for what is no state.
    """
    try:
        return _forgotten(state, frozenset(ids), frozenset(words))
    except layout.DAMAGED as error:
        raise Unreadable(f"no state of an account: {type(error).__name__}") from error


def _forgotten(state: bytes, ids: AbstractSet[str], words: AbstractSet[str]) -> bytes | None:
    sections = layout.read(state)
    names = layout.whole(sections.names)
    known = {one for one in names if _key_text(one) in ids}
    forgotten = known | {one[:PERSON_ID_LIMIT] for one in ids}
    hashes = {hashed(one) for one in ids | words | known}
    texts = {one.casefold() for one in words}
    people = list(zip(names, sections.events, sections.minutes, strict=True))
    stay = [one for one in people if one[0] not in forgotten]
    before = layout.hashes(names)
    after = {one: place for place, one in enumerate(layout.hashes(name for name, _, _ in stay))}
    signals = [
        (fingerprint, place, _beside(payload, hashes, before, after))
        for fingerprint, place, payload in zip(
            layout.parted(sections.prints), sections.moments, sections.payloads, strict=True
        )
        if not _says(payload, texts)
    ]
    carried: Sequence[Any] = sections.carried or ([], [])
    kept = sections._replace(
        prints=layout.joined([fingerprint for fingerprint, _, _ in signals]),
        moments=[place for _, place, _ in signals],
        payloads=[payload for _, _, payload in signals],
        traits=[
            part
            for name, place, value in zip(*(iter(sections.traits),) * 3, strict=True)
            if not _says(id_text(value), texts)
            for part in (name, place, value)
        ],
        names=layout.shortened([name for name, _, _ in stay]),
        events=[events for _, events, _ in stay],
        minutes=[age for _, _, age in stay],
        carried=[
            [
                [*entry[:_PAYLOAD], _without(entry[_PAYLOAD], hashes), *entry[_PAYLOAD + 1 :]]
                for entry in carried[0]
                if not _says(entry[_PAYLOAD], texts)
            ],
            carried[1],
        ]
        if any(carried)
        else None,
    )
    return None if kept == sections else layout.written(layout.without_idle_moments(kept))


def _key_text(person: str) -> str:
    return readable(user_key(person))


def _beside(payload: Any, hashes: AbstractSet[int], before: Sequence[int], after: Mapping[int, int]) -> Any:
    """Return a signal's memory without these hashes; `before` and `after` are the people it stands beside."""
    if not layout.names_people(payload):
        return _without(payload, hashes)
    held = layout.members(payload, before)
    for member in hashes & held.members.keys():
        del held.members[member]
    return held.packed_beside(after, 0, None)


def _says(value: Any, texts: AbstractSet[str]) -> bool:
    """Return whether one of the texts is in a value, or in a list of values."""
    if isinstance(value, str):
        return value.casefold() in texts
    return isinstance(value, list) and any(_says(one, texts) for one in value)


def _without(payload: Any, hashes: AbstractSet[int]) -> Any:
    """Return a signal's memory without these hashes; only memories that begin with hashes have any."""
    if not isinstance(payload, list) or not payload or not isinstance(payload[0], bytes):
        return payload
    joined, *rest = payload
    starts = range(0, len(joined), HASH_BYTES)
    members = [int.from_bytes(joined[start : start + HASH_BYTES], "big") for start in starts]
    if hashes.isdisjoint(members):
        return payload
    stay = [place for place, member in enumerate(members) if member not in hashes]
    left = b"".join(members[place].to_bytes(HASH_BYTES, "big") for place in stay)
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
