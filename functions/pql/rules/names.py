"""Names of what stands in rule files, and of events and traits, which are matched whatever their case.

Senders write `Signed Up`, `signed_up` and `signedUp` for one event, and Segment's traits are
case-insensitive (`created_at` is `createdAt`).
"""

from __future__ import annotations

import re
import unicodedata

IDENTIFIER = r"[a-z][a-z0-9_]{0,63}"

# Names copied from a web page may hold a space that does not break the line.
_DROPPED = str.maketrans("", "", " _-.\t\u00a0")


def folded(name: str) -> str:
    """Return what `name` is compared by: casefolded, without spaces, underscores, hyphens and dots."""
    return name.casefold().translate(_DROPPED)


def misnamed(text: str) -> str:
    """Return what a name in a rule file may be, and the nearest such name to `text`."""
    near = _identifier(text)
    told = "a name is lower-case letters, digits and _, beginning with a letter"
    return f"{told}; did you mean `{near}`?" if near else told


def _identifier(text: str) -> str:
    """Return the words of `text` as a name: `Heavy Export` and `heavyExport` are `heavy_export`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:1_000]).casefold()
    plain = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).lstrip("_0123456789")[:64].rstrip("_")
