"""Redrive: give dead letters back to the queue they came from, and try again what waits for channels.

A letter is sent before it is deleted: what crashes in between leaves two, and a repeat counts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pql.core.announcement import announcement
from pql.core.envelope import decode
from pql.core.errors import NewerVersion, Poison
from pql.core.keys import LeadKey
from pql.core.lead_message import encoded
from pql.flows.dwell import DWELL_DAYS, is_too_old, oldest
from pql.flows.mailbox import Letter, Mailbox, Parked, keeping, letters
from pql.flows.ports import Outbox


class Refusal(NamedTuple):
    """A letter that was left where it is, and why."""

    letter: str
    why: str


class Redriven(NamedTuple):
    """How many letters went back to their queue, and which stayed among the dead ones."""

    moved: int
    refused: Sequence[Refusal]


class Retried(NamedTuple):
    """How many leads are tried again, and how many had been delivered or were gone."""

    sent: int
    settled: int


def of_events(body: str, now: int) -> str | None:
    """Return why a message of events must not be counted again; None if it may be."""
    try:
        received = oldest(decode(body))
    except Poison:
        return "unreadable: pql replay quarantine"
    except NewerVersion:
        return "written by a newer deployment"
    if received is not None and is_too_old(received, now):
        return f"received more than {DWELL_DAYS} days ago: it may have been counted, and nobody knows"
    return None


def of_leads(_body: str, _now: int) -> str | None:
    """Return that a lead may always be told again: its item knows to whom it was."""
    return None


def redrive(
    dead: Mailbox, source: Mailbox, judge: Callable[[str, int], str | None], now: int, *, dry: bool = False
) -> Redriven:
    """Send the dead letters that `judge` has nothing against back to their source; `dry` moves none.

    Raises `Unavailable`; what was moved stays moved, and a repeat goes on.
    """
    moved = 0
    refused = []
    with keeping(dead) as kept:
        for letter in letters(dead):
            why = judge(letter.body, now)
            if why is not None:
                refused.append(Refusal(letter.id, why))
            if why is not None or dry:
                kept.append(letter)
            else:
                source.send(letter)
                dead.delete(letter)
            moved += why is None
    return Redriven(moved, refused)


def clear(mailbox: Mailbox, *, dry: bool = False) -> int:
    """Delete what waits in a mailbox and return how many letters that is; `dry` deletes none.

    Raises `Unavailable`; a repeat goes on.
    """
    count = 0
    with keeping(mailbox) as kept:
        for letter in letters(mailbox):
            count += 1
            if dry:
                kept.append(letter)
            else:
                mailbox.delete(letter)
    return count


def retry(
    parked: Parked, outbox: Outbox, queues: Callable[[str], Mailbox | None], *, dry: bool = False
) -> Retried:
    """Let every lead that waits for a channel be tried now, whatever it was parked for.

    `queues` finds the queue of a channel's kind, `slack` or `webhook`, if there is one. What has been
    delivered, or is no lead any more, is crossed out; what cannot be read, such as a lead of a newer
    deployment, is left as it is. Raises `Unavailable`.
    """
    due: dict[tuple[str, LeadKey], Letter] = {}
    settled = 0
    for channel, waiting in parked.every():
        try:
            record = outbox.lead(waiting.key)
        except Poison:
            continue
        if record is None or channel in record.sent:
            settled += 1
            if not dry:
                parked.remove(channel, waiting.created, waiting.key)
            continue
        kind = channel.partition(":")[0]
        body = encoded(announcement(record.lead, waiting.key)).decode()
        due[kind, waiting.key] = Letter(record.lead.id, body, "")
        if not dry:
            parked.lift(channel)
    sent = 0
    for (kind, _), letter in due.items():
        queue = queues(kind)
        if queue is not None:
            sent += 1
            if not dry:
                queue.send(letter)
    return Retried(sent, settled)
