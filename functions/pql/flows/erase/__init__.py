"""Erase: take a person, a device or an account out of everything that is stored.

What was counted of them is gone, and their ids stay for as long as copies of old events may come: those
count nothing. Every write is conditional on what was read and may be repeated, so after a crash the next run
does the rest, and a worker who counts meanwhile starts over from what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pql.core.erasure import Whom
from pql.core.lead import Lead, LeadRecord
from pql.core.member import Member, Members
from pql.flows.erase.archive import erase_lines
from pql.flows.erase.items import Items, Withdraw, has_ids
from pql.flows.erase.letters import erase_events, erase_leads
from pql.flows.erase.memberships import Memberships
from pql.flows.erase.writes import Writes
from pql.flows.holdings import Holdings, Pages, Receipt
from pql.flows.mailbox import Mailbox, Parked

DAY_SECONDS = 86_400


def _nowhere(_record: LeadRecord, _after: Lead | None) -> Collection[str]:
    return ()


@dataclass(frozen=True)
class Erasure:
    """Erases `whom` as of `now` (epoch ms); without `write` it only looks.

    `keep_ids` is how many days ids are kept; `pause` waits (seconds) before a lost write is tried again.
    """

    holdings: Holdings
    whom: Whom
    now: int
    keep_ids: int
    write: bool
    pause: Callable[[float], None]
    withdraw: Withdraw = _nowhere

    def table(self, parked: Parked) -> tuple[Receipt, Whom]:
        """Erase from the table; return the receipt, and whom with all that is known of them.

        Members first: from then on nobody is counted by them. Their names are the last to go, in `finish`,
        for until then they say what else is theirs. Raises `Conflict` when others won again and again,
        `NewerVersion` and `Unavailable`; a repeat does the rest.
        """
        receipt = Receipt(self.now, self.now // 1000 + self.keep_ids * DAY_SECONDS)
        members: Members = {}
        staying = set()
        for held in self.holdings.everything():
            if isinstance(held.what, Member):
                members[held.key] = held.what
                staying |= set() if held.ends else {held.key}
        whom = self.whom.knowing(members)
        memberships = Memberships(self._writes, whom, receipt)
        memberships.end(members, staying)
        kept = self._items(whom, receipt)
        receipt.keeps = bool(kept) or not whom.keys.isdisjoint(members)
        for key in sorted(staying - whom.keys):
            memberships.unpoint(key, members[key], kept)
        for channel, waiting in parked.every():
            if waiting.key.subject in whom.subjects:
                receipt.erased["waiting deliveries"] += 1
                if self.write:
                    parked.remove(channel, waiting.created, waiting.key)
        return receipt, whom

    def _items(self, whom: Whom, receipt: Receipt) -> AbstractSet[str]:
        """Erase what is no member; return those of their subjects of which there are ids.

        Leads last: until a row is blank, whoever counts may make one more of what it holds.
        """
        items = Items(self._writes, self.withdraw, whom, receipt)
        kept, theirs = set(), whom.subjects
        for leads in (False, True):
            for held in self.holdings.everything():
                if (held.kind == "lead") == leads:
                    items.erase(held)
                if held.key in theirs and has_ids(held):
                    kept.add(held.key)
        return kept

    def finish(self, whom: Whom, receipt: Receipt) -> None:
        """Erase the names; raises as `table` does."""
        Memberships(self._writes, whom, receipt).unname()

    def archive(self, pages: Pages, whom: Whom, receipt: Receipt) -> None:
        """Erase lines of the archive, by day; raises `Unavailable`."""
        erase_lines(pages, whom, receipt, write=self.write)

    def events(self, mailbox: Mailbox, name: str, whom: Whom, receipt: Receipt) -> None:
        """Erase events from messages that wait for somebody to look at them; raises `Unavailable`."""
        erase_events(mailbox, name, whom, receipt, write=self.write)

    def leads(self, mailbox: Mailbox, name: str, whom: Whom, receipt: Receipt) -> None:
        """Erase people from messages about leads that wait so; raises `Unavailable`."""
        erase_leads(mailbox, name, whom, receipt, self.holdings, write=self.write)

    @property
    def _writes(self) -> Writes:
        return Writes(self.holdings, self.now, self.write, self.pause)
