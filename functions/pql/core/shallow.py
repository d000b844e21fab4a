"""The text of a document that nests too deeply to be read, with nothing left of its depths."""

from __future__ import annotations

import re
from array import array
from itertools import accumulate, compress, repeat
from operator import gt, ne

_BRACKET = re.compile(r"[\[\]{}]")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
# What each character adds to the depth: 255 is -1 to a signed byte.
_STEPS = bytes.maketrans(
    bytes(range(256)), bytes({91: 1, 123: 1, 93: 255, 125: 255}.get(n, 0) for n in range(256))
)


def shallow(text: str, depth: int) -> str:
    """Return `text` with null for every object and array that lies below `depth` others.

    Its time grows with the text and with nothing else, whatever a stranger has made of it.
    """
    steps = _blanked(text).encode("ascii", "replace").translate(_STEPS)
    depths = accumulate(array("b", steps.translate(None, b"\0")))
    inside = bytes(map(gt, depths, repeat(depth)))
    # Where the inside begins, ends, begins again.
    edges = list(compress(compress(range(len(steps)), steps), map(ne, inside, b"\0" + inside)))
    ends = [*edges[::2], len(text)]
    starts = [0, *(edge + 1 for edge in edges[1::2])]
    kept = [text[start:end] for start, end in zip(starts, ends, strict=False)]
    return "null".join(kept if len(edges) % 2 == 0 else [*kept, ""])


def _blanked(text: str) -> str:
    """Return `text`, as long as it was, with no brackets in its strings."""
    if "\\" in text:
        return _STRING.sub(lambda found: "_" * len(found[0]), text)
    parts = text.split('"')
    if _BRACKET.search("".join(parts[1::2])) is None:
        return text
    parts[1::2] = ["_" * len(part) for part in parts[1::2]]
    return '"'.join(parts)
