"""Rows, leads and origins: those of whom is erased, and those that only mention them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from pql.core.account import Row
from pql.core.erasure import Whom, scrubbed, unsaid
from pql.core.errors import NewerVersion, Unreadable
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_reference import reference
from pql.engine.forget import forget
from pql.flows.erase.writes import Writes
from pql.flows.holdings import Held, Receipt
from pql.flows.unread import readable, why

# Takes the card of a lead out of the channels that allow it, or puts what is left of the lead in its place;
# returns the names of those channels.
Withdraw = Callable[[LeadRecord, Lead | None], Collection[str]]


@dataclass(frozen=True)
class Items:
    """Erases `whom` from items, and puts it on the receipt."""

    writes: Writes
    withdraw: Withdraw
    whom: Whom
    receipt: Receipt

    def erase(self, held: Held) -> None:
        """Erase one item, or forget in it who is erased; a member is left as it is."""
        subject = held.key
        if isinstance(held.what, Row):
            if subject not in self.whom.subjects:
                self._forget(held.what)
            elif not held.ends or held.what.moved is not None:
                # Who only left this place, or never was counted here, made a row of nothing but a version.
                self.receipt.erased["counters"] += held.what != Row(subject, held.what.version)
                self.writes.row(subject, lambda row: self.writes.holdings.blank(row, self.receipt.until))
        elif isinstance(held.what, LeadRecord):
            self._lead(held.what)
        elif held.kind == "origin" and not self.whom.subjects.isdisjoint((subject, held.origin)):
            self.receipt.erased["origins"] += 1
            if self.writes.wanted:
                self.writes.holdings.delete_origin(subject, held.origin)
        elif held.kind == "lead" and held.lead is not None and subject in self.whom.subjects:
            self.receipt.erased["leads"] += 1
            self.writes.again(partial(self.writes.holdings.delete_lead, held.lead))
        elif held.kind == "lead" and (self.whom.keys or subject in self.whom.subjects):
            self.receipt.unread.append(f"a lead of {subject} that cannot be read")
        elif held.kind == "other" and subject in self.whom.subjects:
            self.receipt.unread.append(f"an item of {subject}")

    def _forget(self, row: Row) -> None:
        """Forget the people in a row that is of others, too."""
        if row.moved in self.whom.subjects:
            # Whoever was folded into what is erased is part of nothing any more; their ids are theirs.
            self.receipt.erased["moves"] += 1
            self.writes.row(row.subject, self._part)
        try:
            if _forgotten(row, self.whom) is None:
                return
        except (NewerVersion, Unreadable) as error:
            self.receipt.unread.append(f"{row.subject}: {why(error)}")
            return
        self.receipt.erased["mentions in counters"] += 1

        def write(now: Row) -> None:
            state = _forgotten(now, self.whom)
            if state is not None:
                self.writes.holdings.rewrite(now, state)

        self.writes.row(row.subject, write)

    def _part(self, row: Row) -> None:
        if row.moved in self.whom.subjects:
            self.writes.holdings.part(row)

    def _lead(self, record: LeadRecord) -> None:
        lead = record.lead
        own = lead.subject_key in self.whom.subjects
        after = None if own else scrubbed(lead, self.whom)
        if after == lead:
            if self._reworded(record) is not None:
                self.receipt.erased["mentions in leads"] += 1
                self.writes.again(lambda: self._reword(lead.key))
            return
        self.receipt.erased["leads" if own else "mentions in leads"] += 1
        # Before the lead, for only the lead says where it was told.
        withdrawn = self.withdraw(record, after) if self.writes.wanted and record.sent else ()
        if record.published is not None or record.sent:
            told = {"lead": reference(lead.key), "lead_id": lead.id, "channels": sorted(record.sent)}
            self.receipt.told.append({**told, "withdrawn": sorted(withdrawn)})
        holdings = self.writes.holdings
        if after is None:
            self.writes.again(lambda: holdings.delete_lead(lead.key))
        else:
            # Before the lead, which says by what names its people are known.
            self.writes.again(lambda: self._reword(lead.key))
            self.writes.again(lambda: holdings.rewrite_lead(lead.key, lambda now: scrubbed(now, self.whom)))

    def _reworded(self, record: LeadRecord) -> str | None:
        """Return for what reason a lead was dismissed without the people, None if it tells of nobody."""
        reason = record.standing.reason
        left = reason and unsaid(reason, record.lead, self.whom)
        return left if left != reason else None

    def _reword(self, key: LeadKey) -> None:
        now = self.writes.holdings.lead(key)
        if now is not None and now.standing.reason and (left := self._reworded(now)) is not None:
            self.writes.holdings.rewrite_reason(key, now.standing.reason, left)


def has_ids(held: Held) -> bool:
    """Return whether this item has ids of counted events, or may have."""
    if isinstance(held.what, Row):
        return held.what.newer or bool(held.what.ledger.pend)
    return held.kind == "seen"


def _forgotten(row: Row, whom: Whom) -> bytes | None:
    if not whom.keys:
        return None
    state = readable(row).state
    return forget(state, whom.ids, whom.certain) if state else None
