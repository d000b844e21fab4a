"""How long somebody asks us to wait."""

from __future__ import annotations

import re

LONGEST = 900.0
DEFAULT = 1.0
_SECONDS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,9})?(?:[eE]\+?[0-9]{1,2})?")


def retry_after(header: str | None) -> float:
    """Return the seconds a Retry-After header asks for, from 1 to 900.

    A missing or malformed one is 1 s. `int()` would raise on `abc` and take `1_0`.
    """
    if header is None or not _SECONDS.fullmatch(header.strip()):
        return DEFAULT
    return min(max(float(header), DEFAULT), LONGEST)
