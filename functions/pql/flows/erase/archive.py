"""Lines of the archive that tell of whom is erased."""

from __future__ import annotations

from pql.core.erasure import Whom
from pql.core.errors import Poison
from pql.flows.holdings import Pages, Receipt
from pql.flows.replay import Stored


def erase_lines(pages: Pages, whom: Whom, receipt: Receipt, *, write: bool) -> None:
    """Erase lines of the archive, by day, or without `write` only count them; raises `Unavailable`.

    Looks again until nothing new is there: what a compaction has merged meanwhile has a name of its own.
    What was counted later than all that was there at first is left, or this would follow writers for ever.
    """
    seen: set[tuple[str, str]] = set()
    found = [*pages.stored()]
    until = max([receipt.at, *(one.counted_at for one in found)])
    while found:
        for one in found:
            _page(pages, one, whom, receipt, write=write)
        seen.update((one.key, one.tag) for one in found)
        known = {key for key, _ in seen}
        found = [
            one
            for one in pages.stored()
            if (one.key, one.tag) not in seen and (one.counted_at <= until or one.key in known)
        ]


def _page(pages: Pages, one: Stored, whom: Whom, receipt: Receipt, *, write: bool) -> None:
    try:
        lines = pages.lines(one.key)
    except Poison as error:
        receipt.unread.append(str(error))
        return
    kept = [line for line in lines if not whom.owns(line.event, line.subject)]
    if len(kept) < len(lines):
        receipt.days[one.day] += len(lines) - len(kept)
        if write:
            pages.keep(one.key, kept)
