"""The bytes of an account's state: what stands in it more than once is written once.

An account that much happens in takes a third less that way, and mostly fits into one write unit. Signals
and traits whose newest event is the same share it, names of people share how they begin, and of distinct
users who are among these people the place is written and not the hash.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec

from pql.core.aggregates.distinct import Distinct, hash_of
from pql.core.errors import NewerVersion, Unreadable

SCHEMA = 2
_EVENT_BYTES = 8
_PRINT_BYTES = 4
_MANY = 1 << 20
# What a state raises that is not as we write it, wherever it is taken apart.
DAMAGED = (AttributeError, LookupError, OverflowError, TypeError, ValueError, struct.error)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode


class Sections(NamedTuple):
    """What is written of an account, in this order; ages are counted back from the clock.

    Signals are told by `prints`, their fingerprints joined. `moments` are the places of their newest events
    among those of `gaps`, ms from the clock to the newest and from each to the next older one, and `ids`.
    `traits` are name, moment and value, one after the other. `names` are what the people's names have in
    common, then the rest of each; `events` and `minutes` are theirs. Standings are told by `ruled`, too;
    `cycles` are doubled, odd if armed, and a pair with a mark; `fired` are ages. `carried` are signals and
    standings that other rules left, whole. `editions` are none, one, or a list.
    """

    schema: int
    clock: int
    crowded: bool
    prints: bytes
    moments: list[int]
    payloads: list[Any]
    gaps: list[int]
    ids: bytes | list[bytes]
    traits: list[Any]
    names: list[str]
    events: list[int]
    minutes: list[int]
    ruled: bytes
    cycles: list[Any]
    fired: list[int]
    carried: list[Any] | None = None
    editions: int | list[int] | None = None


def written(sections: Sections) -> bytes:
    """Return the bytes of the sections."""
    return _encode(sections)


def read(state: bytes) -> Sections:
    """Return the sections in a state; raises `NewerVersion` for a newer deployment's, or `Unreadable`."""
    try:
        sections = _decode(state)
        if sections[0] > SCHEMA:
            raise NewerVersion(f"account state of schema {sections[0]}, this code knows {SCHEMA}")
        return Sections(*sections)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Unreadable(f"no account state: {type(error).__name__}") from error


def joined(fingerprints: Sequence[int]) -> bytes:
    """Return fingerprints as one string of bytes."""
    return struct.pack(f">{len(fingerprints)}I", *fingerprints)


def parted(prints: bytes) -> tuple[int, ...]:
    """Return the fingerprints that `joined` took."""
    return struct.unpack(f">{len(prints) // _PRINT_BYTES}I", prints)


class Moments:
    """The newest events of signals and traits, each once, by age and id; `place` is where one stands."""

    def __init__(self, found: Iterable[tuple[int, str]]) -> None:
        """Take (age, id) pairs, the same one any number of times."""
        self._moments = sorted({*found})
        self.place = {moment: place for place, moment in enumerate(self._moments)}

    @property
    def gaps(self) -> list[int]:
        """Return the ms from the clock to the newest, and from each to the next older one."""
        newer, gaps = 0, []
        for age, _ in self._moments:
            gaps.append(age - newer)
            newer = age
        return gaps

    @property
    def ids(self) -> bytes | list[bytes]:
        """Return the ids joined; those that nobody made as we do may have any length, and stand apart."""
        ids = bytes.fromhex("".join([event for _, event in self._moments]))
        if len(ids) == _EVENT_BYTES * len(self._moments) and all(
            len(event) == 2 * _EVENT_BYTES for _, event in self._moments
        ):
            return ids
        return [bytes.fromhex(event) for _, event in self._moments]


def moments(sections: Sections) -> list[tuple[int, str]]:
    """Return the time (epoch ms) and the id of each moment."""
    clock, ids = sections.clock, sections.ids
    times = [clock - age for age in accumulate(sections.gaps)]
    if isinstance(ids, list):
        return list(zip(times, map(bytes.hex, ids), strict=True))
    digits, wide = ids.hex(), 2 * _EVENT_BYTES
    ends = range(wide, len(digits) + 1, wide)
    return list(zip(times, [digits[end - wide : end] for end in ends], strict=True))


def without_idle_moments(sections: Sections) -> Sections:
    """Return the sections with those moments only that a signal or a trait stands at."""
    known = [(sections.clock - at, event) for at, event in moments(sections)]
    traits = [
        [name, known[place], value] for name, place, value in zip(*(iter(sections.traits),) * 3, strict=True)
    ]
    used = Moments([*(known[place] for place in sections.moments), *(moment for _, moment, _ in traits)])
    return sections._replace(
        moments=[used.place[known[place]] for place in sections.moments],
        traits=[part for name, moment, value in traits for part in (name, used.place[moment], value)],
        gaps=used.gaps,
        ids=used.ids,
    )


def shortened(names: Sequence[str]) -> list[str]:
    """Return what sorted names have in common, then the rest of each; nothing for no names."""
    if not names:
        return []
    first, last = names[0], names[-1]
    most = min(len(first), len(last)) if len(names) > 1 else 0
    same = next((place for place in range(most) if first[place] != last[place]), most)
    return [first[:same], *[name[same:] for name in names]]


def whole(names: Sequence[str]) -> list[str]:
    """Return the names that `shortened` took."""
    return [names[0] + name for name in names[1:]]


def hashes(names: Iterable[str]) -> list[int]:
    """Return the hashes under which people are told apart."""
    return [hash_of(name) for name in names]


def names_people(payload: Any) -> bool:
    """Return whether a payload speaks of people by their place."""
    return isinstance(payload, list) and [one.__class__ for one in payload[:2]] == [bytes, bytes]


def alone(payload: Any, people: Sequence[int]) -> Any:
    """Return a payload that can be read without the people it was written beside, of these hashes."""
    return members(payload, people).packed(0, None) if names_people(payload) else payload


def members(payload: Any, people: Sequence[int]) -> Distinct:
    """Return the distinct users in a payload that names people, as of a clock of 0."""
    held = Distinct(_MANY)
    held.unpack_beside(people, payload, 0, None)
    return held
