"""JSON as real clients send it, read more strictly than the standard library does.

A flaw inside one event must not cost its batch, so a flaw does not stop the reading: a `Flaw`
stands in the place of the bad value, and whoever judges the event around it finds it there.

A document without flaws, which is nearly every one, is read by msgspec in a quarter of the time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from pql.core.errors import Refused
from pql.core.shallow import shallow

DEPTH_LIMIT = 32
DIGITS_LIMIT = 40
# Bounds of one document, so that 32 MB of `[{},{},…` neither fill a small function's memory nor take
# the seconds that the queue needs. 4,000 events of a browser have 50,000 objects and 240,000 commas.
OPENERS_LIMIT = 200_000
COMMAS_LIMIT = 500_000
PRUNED_LIMIT = 2 * 1024 * 1024  # characters that are worth saving the good events from: half a second
_PRUNE_AT = DEPTH_LIMIT + 16  # below any envelope, so that what was cut is still seen as too deep


class Flaw(NamedTuple):
    """Stands where a value was that cannot be taken as it is."""

    code: str


_DUPLICATE, _NUMBER = Flaw("duplicate_key"), Flaw("bad_number")
_TELLING = frozenset({dict, list, Flaw})
_ENCODER = msgspec.json.Encoder()
_ALL_DIGITS_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
_ENDLESS = b"0" * (DIGITS_LIMIT + 1)
_POWER = b"e000"  # less than this lifts no forty digits beyond a float


class Parsed(NamedTuple):
    """A JSON value; without `flawed` there is no `Flaw` anywhere in it."""

    value: Any
    flawed: bool


def parse(text: str) -> Parsed:
    """Return the value of a JSON document; NaN and Infinity become null.

    Raises `Refused`: `invalid_json`, `too_deep` where not even the outer levels can be read, or
    `payload_too_large` for a document of absurdly many values.
    """
    if _absurd(text):
        raise Refused(413, "payload_too_large", "the document holds too many values")
    flawless = _flawless(text)
    if flawless is not None:
        return flawless
    flaws: list[Flaw] = []
    try:
        return Parsed(_decoder(flaws, bounded=_is_bounded(text)).decode(text), bool(flaws))
    except RecursionError:
        return _parse_pruned(text)
    except json.JSONDecodeError as error:
        raise Refused(400, "invalid_json", f"not JSON: {error.msg} at character {error.pos}") from error


def slice_end(text: str, start: int) -> int | None:
    """Return where the JSON value that begins at `start` ends, or None if none can be read."""
    try:
        return _decoder([]).raw_decode(text, start)[1]
    except (json.JSONDecodeError, RecursionError):
        return None


def flaw_in(value: Any) -> str | None:
    """Return the code of a flaw anywhere in `value`."""
    level = [value]
    while level:
        for node in level:
            if type(node) is Flaw:
                return node.code
        level = [child for node in level for child in _children(node) if type(child) in _TELLING]
    return None


def too_deep(value: Any, limit: int = DEPTH_LIMIT) -> bool:
    """Return whether `value` nests objects and arrays more than `limit` levels deep."""
    level = [value] if type(value) in (dict, list) else []
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return bool(level)


def deep_ones(items: Sequence[Any]) -> frozenset[int]:
    """Return the indexes of those `items` that are too deep, all of them looked through at once."""
    if not too_deep(items, DEPTH_LIMIT + 1):
        return frozenset()
    level = [(index, item) for index, item in enumerate(items) if type(item) in (dict, list)]
    for _ in range(DEPTH_LIMIT):
        level = [
            (index, child)
            for index, node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
    return frozenset(index for index, _ in level)


def _absurd(text: str) -> bool:
    size = len(text)
    # What is opened is closed again, or is no JSON after all.
    if size > 2 * OPENERS_LIMIT and text.count("{") + text.count("[") > OPENERS_LIMIT:
        return True
    return size > COMMAS_LIMIT and text.count(",") > COMMAS_LIMIT


def _flawless(text: str) -> Parsed | None:
    """Return the value of a document in which nothing is wrong, or None for everybody else to look at.

    msgspec takes the last of two equal keys without a word. But whatever it dropped had a colon, and
    each colon that it kept comes out again when the value is written: as many of them as went in prove
    that nothing is missing.
    """
    if "\\u003" in text:  # a colon may be escaped
        return None
    try:
        value = msgspec.json.decode(text)
        written = _ENCODER.encode(value)
    except (msgspec.MsgspecError, UnicodeError, OverflowError, RecursionError):
        return None
    if written.count(b":") != text.count(":") or _ENDLESS in written.translate(_ALL_DIGITS_ALIKE):
        return None
    return Parsed(value, flawed=False)


def _children(node: Any) -> Any:
    if type(node) is dict:
        return node.values()
    return node if type(node) is list else ()


def _is_bounded(text: str) -> bool:
    """Return whether no number in a document can be a bad one, for what is seen of them from afar."""
    alike = text.encode("utf-8", "surrogatepass").translate(_ALL_DIGITS_ALIKE, b"+")
    return _ENDLESS not in alike and _POWER not in alike


def _decoder(flaws: list[Flaw], *, bounded: bool = False) -> json.JSONDecoder:
    def flaw(one: Flaw) -> Flaw:
        flaws.append(one)
        return one

    def unique(pairs: list[tuple[str, Any]]) -> Any:
        found = dict(pairs)
        return found if len(found) == len(pairs) else flaw(_DUPLICATE)

    def integer(digits: str) -> Any:
        return int(digits) if len(digits.lstrip("-")) <= DIGITS_LIMIT else flaw(_NUMBER)

    def number(digits: str) -> Any:
        value = float(digits)
        return value if math.isfinite(value) else flaw(_NUMBER)

    return json.JSONDecoder(
        object_pairs_hook=unique,
        # Without these it reads a number in a fifth of the time.
        parse_int=None if bounded else integer,
        parse_float=None if bounded else number,
        parse_constant=lambda _: None,
    )


def _parse_pruned(text: str) -> Parsed:
    refusal = Refused(400, "too_deep", "the document nests too deeply to be read")
    if len(text) > PRUNED_LIMIT or text.rstrip()[-1:] not in ("]", "}"):
        raise refusal
    flaws: list[Flaw] = []
    try:
        return Parsed(_decoder(flaws).decode(shallow(text, _PRUNE_AT)), bool(flaws))
    except (json.JSONDecodeError, RecursionError) as error:
        raise refusal from error
