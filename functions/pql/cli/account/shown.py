"""What is kept of one subject, with what its packed state holds."""

from __future__ import annotations

from typing import NamedTuple

from pql.adapters.dynamo_account import Kept
from pql.core.errors import NewerVersion, Unreadable
from pql.engine.contents import Contents, contents
from pql.engine.plan import Plan
from pql.flows.editions import Editions


class Shown(NamedTuple):
    """What is kept, and what is packed in it: nothing for a row without state, or why it is `unreadable`."""

    kept: Kept
    contents: Contents | None
    unreadable: str | None
    now: int


def shown(plan: Plan, editions: Editions, kept: Kept, now: int) -> Shown:
    """Return what is kept of a subject as of `now` (epoch ms), also if its state cannot be read."""
    row = kept.row
    if row is None:
        return Shown(kept, None, None, now)
    if row.newer:
        return Shown(kept, None, "its ids are damaged, or a newer deployment wrote them", now)
    if not row.state:
        return Shown(kept, None, None, now)
    try:
        editions.recall([row])
        return Shown(kept, contents(plan, row.subject, row.state, now), None, now)
    except (NewerVersion, Unreadable) as error:
        return Shown(kept, None, str(error), now)
