"""Names of events and traits, matched without regard to case, spaces and the like.

Senders write `Signed Up`, `signed_up` and `signedUp` for one event, and Segment's traits are
case-insensitive (`created_at` is `createdAt`).
"""

from __future__ import annotations

# Names copied from a web page may hold a space that does not break the line.
_DROPPED = str.maketrans("", "", " _-.\t\u00a0")


def folded(name: str) -> str:
    """Return what `name` is compared by: casefolded, without spaces, underscores, hyphens and dots."""
    return name.casefold().translate(_DROPPED)
