"""Text from strangers made safe to show: nothing invisible, nothing that turns the line around.

Names, titles and traits come from whoever may send events, so they may hold control characters,
bidirectional overrides (which make `gpj.exe` read as `exe.jpg`) or invisible tags.
"""

from __future__ import annotations

import re
from typing import Any

ELLIPSIS = "…"
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Zero-width joiners (U+200C, U+200D) stay: emoji and the scripts of Persian and India need them.
_HIDDEN = re.compile(
    r"[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBERS = frozenset({int, float, bool})
_REFUSED = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def cleaned(text: str) -> str:
    """Return `text` on one line, without control, bidirectional and invisible characters."""
    return _BLANK.sub(" ", _HIDDEN.sub("", text)).strip()


def cut(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def xml_safe(text: str) -> str:
    """Return `text` with U+FFFD for every character that SNS and SQS refuse.

    They take what XML 1.0 takes: tab, line feed, return, and everything from U+0020 but surrogates
    and U+FFFE, U+FFFF.
    """
    return _REFUSED.sub("\ufffd", text)


def scrubbed(value: Any) -> Any:
    """Return `value` with U+FFFD for every lone surrogate, which no UTF-8 text can hold."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    # What is empty or a number is asked about here: a call for each would take thrice as long.
    if kind is dict:
        return {
            scrubbed(key): child if not child or type(child) in _NUMBERS else scrubbed(child)
            for key, child in value.items()
        }
    if kind is list:
        return [child if not child or type(child) in _NUMBERS else scrubbed(child) for child in value]
    return value
