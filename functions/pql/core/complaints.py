"""What a decoder complains of, fit for a log."""

from __future__ import annotations

import re

import msgspec

# What decoding JSON of strangers raises.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_QUOTED = re.compile(r"""['"]""")


def without_value(error: Exception) -> str:
    """Return the words of an error of msgspec, less the value it quotes: that is somebody's data."""
    said = str(error)
    words = _QUOTED.split(said, maxsplit=1)[0].rstrip()
    place = said.rpartition(" - at ")[2]
    # A quotation ends with its quotation mark, and a place never does.
    return f"{words} - at {place}" if len(words) < len(said) and place.endswith("`") else words
