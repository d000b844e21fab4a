"""JSON as real clients send it, read more strictly than the standard library does.

A flaw inside one event must not cost its batch, so a flaw does not stop the reading: a `Flaw`
stands in the place of the bad value, and whoever judges the event around it finds it there.

A document without flaws, which is nearly every one, is read by msgspec in a quarter of the time.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple

import msgspec

from pql.core.errors import Refused

DEPTH_LIMIT = 32
DIGITS_LIMIT = 40
# Bounds of one document, so that 32 MB of `[{},{},…` neither fill a small function's memory nor take
# the seconds that the queue needs. 4,000 events of a browser have 50,000 objects and 240,000 commas.
OPENERS_LIMIT = 200_000
COMMAS_LIMIT = 500_000
PRUNED_LIMIT = 2 * 1024 * 1024  # characters that are worth saving the good events from: half a second
_PRUNE_AT = DEPTH_LIMIT + 16  # below any envelope, so that what was cut is still seen as too deep
# The next brackets of one kind, past everything that is none, strings included.
_BRACKETS = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?)*+([\[{]++|[\]}]++)', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Flaw(NamedTuple):
    """Stands where a value was that cannot be taken as it is."""

    code: str


_DUPLICATE, _NUMBER = Flaw("duplicate_key"), Flaw("bad_number")
_ENCODER = msgspec.json.Encoder()
_ALL_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
_ENDLESS = b"0" * (DIGITS_LIMIT + 1)


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
        return Parsed(_decoder(flaws).decode(text), bool(flaws))
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
            if isinstance(node, Flaw):
                return node.code
        level = [child for node in level for child in _children(node)]
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


def scrubbed(value: Any) -> Any:
    """Return `value` with U+FFFD for every lone surrogate, which no UTF-8 text can hold."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {scrubbed(key): scrubbed(child) for key, child in value.items()}
    if isinstance(value, list):
        return [scrubbed(child) for child in value]
    return value


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


def _decoder(flaws: list[Flaw]) -> json.JSONDecoder:
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
        parse_int=integer,
        parse_float=number,
        parse_constant=lambda _: None,
    )


def _parse_pruned(text: str) -> Parsed:
    refusal = Refused(400, "too_deep", "the document nests too deeply to be read")
    if len(text) > PRUNED_LIMIT or text.rstrip()[-1:] not in ("]", "}"):
        raise refusal
    flaws: list[Flaw] = []
    try:
        return Parsed(_decoder(flaws).decode(_pruned(text)), bool(flaws))
    except (json.JSONDecodeError, RecursionError) as error:
        raise refusal from error


def _pruned(text: str) -> str:
    """Return `text` with null for everything below `_PRUNE_AT` levels: still too deep, but readable."""
    kept: list[str] = []
    depth = start = 0
    for match in _BRACKETS.finditer(text):
        at, end = match.span(1)
        if text[at] in "[{":
            if depth <= _PRUNE_AT < depth + end - at:
                kept += (text[start : at + _PRUNE_AT - depth], "null")
            depth += end - at
        else:
            if depth > _PRUNE_AT >= depth - (end - at):
                start = at + depth - _PRUNE_AT
            depth -= end - at
    kept.append(text[start:] if depth <= _PRUNE_AT else "")
    return "".join(kept)
