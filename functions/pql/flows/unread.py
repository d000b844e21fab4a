"""Why a row is left as it is: what this deployment cannot read may be a newer one's, or damaged."""

from __future__ import annotations

from pql.core.account import Row
from pql.core.errors import NewerVersion, PqlError

NEWER = "written by a newer deployment, or damaged"


def readable(row: Row) -> Row:
    """Return the row; raises `NewerVersion` if its ids cannot be read."""
    if row.newer:
        raise NewerVersion(f"the ids of {row.subject} cannot be read")
    return row


def why(error: PqlError) -> str:
    """Return what is said of a row that was left because of an error."""
    return f"{NEWER}: {error}" if isinstance(error, NewerVersion) else str(error)
