"""The receipt of an erasure: what was stored and is gone, what stays and until when, as JSON and as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pql.core.clean_text import cleaned
from pql.core.plain_words import counted, iso
from pql.core.window import DAY

if TYPE_CHECKING:
    from pql.core.erasure import Whom
    from pql.flows.holdings import Receipt


def document(whom: Whom, receipt: Receipt, waiting: int, *, written: bool, archive: bool) -> dict[str, Any]:
    """Return the receipt, with so many messages `waiting`; `archive` says whether that was looked into."""
    until = iso(receipt.until * 1000)
    ids = {
        "what": "ids of counted events (hashes), under the erased keys, which stay as long",
        "why": "a copy still on its way must not count or teach again",
        "until": until,
    }
    kept = [
        *([ids] if receipt.keeps else []),
        {"what": "how often an account did something", "why": "it names nobody", "until": None},
        {
            "what": "backups of the table",
            "why": "point-in-time recovery",
            "until": iso(receipt.at + 35 * DAY),
        },
    ]
    if receipt.pointing:
        kept.append(
            {
                "what": f"in {counted(receipt.pointing, 'member')} of others,"
                " where these were counted before",
                "why": "copies of their events are looked up there; erase again after that",
                "until": until,
            }
        )
    if not archive:
        kept.append({"what": "the archive", "why": "--no-archive", "until": None})
    return {
        "erased_at": iso(receipt.at),
        "written": written,
        "subjects": sorted(whom.subjects),
        "erased": {name: number for name, number in sorted(receipt.erased.items()) if number},
        "archive_lines_by_day": dict(sorted(receipt.days.items())),
        "leads_told_elsewhere": receipt.told,
        "kept": kept,
        "not_looked_into": receipt.unread,
        "messages_on_their_way": waiting,
    }


def text(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a receipt."""
    if found["erased"] or found["archive_lines_by_day"]:
        yield f"{'erased' if found['written'] else 'would erase'} {', '.join(found['subjects'])}"
    else:
        yield f"nothing to erase is stored of {', '.join(found['subjects'])}"
    for name, number in found["erased"].items():
        yield f"  {number:>6}  {name}"
    for day, number in found["archive_lines_by_day"].items():
        yield f"  {number:>6}  lines of the archive, {day}"
    for one in found["leads_told_elsewhere"]:
        left = [channel for channel in one["channels"] if channel not in one["withdrawn"]]
        where, lead = ", ".join([*left, "subscribers of the topic"]), cleaned(one["lead"])
        if one["withdrawn"]:
            yield f"  taken out of {', '.join(one['withdrawn'])}: {lead}"
        yield f"  told: {lead} ({one['lead_id']}) to {where}; delete it there"
    for one in found["kept"]:
        ends = f", until {one['until']}" if one["until"] else ""
        yield f"  kept: {one['what']}: {one['why']}{ends}"
    for one in found["not_looked_into"]:
        yield f"  not looked into: {one}"
    if waiting := found["messages_on_their_way"]:
        yield f"  on their way: {counted(waiting, 'message')}; run this again after that"
    if not found["written"]:
        yield "nothing is written yet: add --yes"
