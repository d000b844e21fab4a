"""Messages in queues that wait for somebody to look at them, and tell of whom is erased."""

from __future__ import annotations

from collections.abc import Callable

from pql.core.announcement import announcement
from pql.core.envelope import decode, encode
from pql.core.erasure import Whom, scrubbed
from pql.core.errors import NewerVersion, Poison
from pql.core.lead_message import decode as decode_lead
from pql.core.lead_message import encoded
from pql.flows.holdings import Holdings, Receipt
from pql.flows.mailbox import Letter, Mailbox, keeping, letters


def erase_events(mailbox: Mailbox, name: str, whom: Whom, receipt: Receipt, *, write: bool) -> None:
    """Erase events from messages, or without `write` only count them; raises `Unavailable`."""
    _erase(mailbox, lambda letter: _events_left(letter, whom), name, receipt, write=write)


def erase_leads(
    mailbox: Mailbox, name: str, whom: Whom, receipt: Receipt, holdings: Holdings, *, write: bool
) -> None:
    """Erase people from messages about leads in the same way; a lead is told as `holdings` have it."""
    _erase(mailbox, lambda letter: _lead_left(letter, whom, holdings), name, receipt, write=write)


def _erase(
    mailbox: Mailbox,
    left_of: Callable[[Letter], tuple[int, str]],
    name: str,
    receipt: Receipt,
    *,
    write: bool,
) -> None:
    with keeping(mailbox) as kept:
        for letter in letters(mailbox):
            try:
                gone, body = left_of(letter)
            except (Poison, NewerVersion) as error:
                receipt.unread.append(f"{name}: {error}")
                gone, body = 0, letter.body
            receipt.erased[name] += gone
            if not gone or not write:
                kept.append(letter)
                continue
            if body:
                mailbox.send(letter._replace(body=body))
            mailbox.delete(letter)


def _events_left(letter: Letter, whom: Whom) -> tuple[int, str]:
    """Return how many of the events are theirs, and the message without them: nothing if none is left."""
    try:
        events = decode(letter.body)
    except Poison:
        # Others may be in it, too: a word that means something else is no reason to lose them.
        if whom.named_in(letter.body):
            return 1, ""
        raise
    left = [event for event in events if not whom.owns(event, "")]
    return len(events) - len(left), encode(left) if left else ""


def _lead_left(letter: Letter, whom: Whom, holdings: Holdings) -> tuple[int, str]:
    message = decode_lead(letter.body)
    if not whom.tells(message):
        return 0, letter.body
    record = holdings.lead(message.key)
    if record is None or message.key.subject in whom.subjects:
        return 1, ""
    return 1, encoded(announcement(scrubbed(record.lead, whom), message.key)).decode()
