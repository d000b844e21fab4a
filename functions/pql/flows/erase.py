"""Erase: take a person, a device or an account out of everything that is stored.

What was counted of them is gone, and their ids stay for as long as copies of old events may come: those
count nothing. Every write is conditional on what was read and may be repeated, so after a crash the next run
does the rest, and a worker who counts meanwhile starts over from what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pql.core.account import Row
from pql.core.announcement import announcement
from pql.core.envelope import decode, encode
from pql.core.erasure import SHORTEST, Whom, belongs, nameless, placeless, scrubbed, unlinked
from pql.core.errors import Conflict, NewerVersion, Poison, Unreadable
from pql.core.keys import account_key, user_key
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_message import decode as decode_lead
from pql.core.lead_message import encoded
from pql.core.lead_reference import reference
from pql.core.member import Member, Members, home
from pql.engine.forget import forget
from pql.flows.holdings import Held, Holdings, Pages, Receipt
from pql.flows.mailbox import Letter, Mailbox, Parked, keeping, letters
from pql.flows.replay import Stored
from pql.flows.tries import TRIES, wait

DAY_SECONDS = 86_400


# Takes the card of a lead out of the channels that allow it, or puts what is left of the lead in its place;
# returns the names of those channels.
Withdraw = Callable[[LeadRecord, Lead | None], Collection[str]]


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
        self._members(members, whom, receipt)
        kept = self._items(whom, receipt)
        for key in sorted(staying - whom.keys):
            self._unpoint(key, members[key], whom, kept, receipt)
        for channel, waiting in parked.every():
            if waiting.key.subject in whom.subjects:
                receipt.erased["waiting deliveries"] += 1
                if self.write:
                    parked.remove(channel, waiting.created, waiting.key)
        return receipt, whom

    def _members(self, members: Members, whom: Whom, receipt: Receipt) -> None:
        for key, one in sorted(members.items()):
            if key in whom.keys and belongs(one):
                receipt.erased["memberships"] += 1
                self._member(key, placeless, receipt.until)
            elif one.account is not None and account_key(one.account) in whom.accounts:
                receipt.erased["memberships"] += 1
                self._member(key, unlinked, None)

    def _items(self, whom: Whom, receipt: Receipt) -> AbstractSet[str]:
        """Erase what is no member; return those of their subjects of which there are rows or ids.

        Leads last: until a row is blank, whoever counts may make one more of what it holds.
        """
        kept, theirs = set(), whom.subjects
        for leads in (False, True):
            for held in self.holdings.everything():
                if (held.kind == "lead") == leads:
                    self._erase(held, whom, receipt)
                if held.kind in ("row", "seen") and held.key in theirs:
                    kept.add(held.key)
        return kept

    def _unpoint(
        self, key: str, member: Member, whom: Whom, kept: AbstractSet[str], receipt: Receipt
    ) -> None:
        """Let somebody who stays not name the erased as where they were counted, once no ids are kept there.

        Until then copies of what they did are looked up there.
        """
        named = whom.subjects.intersection(member.former)
        joined = member.account is not None and account_key(member.account) in whom.accounts
        if joined or not named.isdisjoint(kept):
            receipt.pointing += 1
        elif named:
            receipt.erased["former places"] += 1
            # Whoever was written meanwhile may have left such a place anew: the next run looks again.
            self._member(
                key,
                lambda own, members, _at: (
                    members[own].never_left(named) if members[own].version == member.version else members[own]
                ),
                None,
            )

    def finish(self, whom: Whom, receipt: Receipt) -> None:
        """Erase the names; raises as `table` does."""
        for key in sorted(whom.keys):
            if (known := self.holdings.members([key]).get(key)) and nameless(known) != known:
                receipt.erased["names"] += 1
                self._member(key, lambda own, members, _at: nameless(members[own]), receipt.until)

    def archive(self, pages: Pages, whom: Whom, receipt: Receipt) -> None:
        """Erase lines of the archive, by day; raises `Unavailable`.

        Looks again until nothing new is there: what a compaction has merged meanwhile has a name of its own.
        """
        seen: set[tuple[str, str]] = set()
        while found := [one for one in pages.stored() if (one.key, one.tag) not in seen]:
            for one in found:
                self._page(pages, one, whom, receipt)
            seen.update((one.key, one.tag) for one in found)

    def _page(self, pages: Pages, one: Stored, whom: Whom, receipt: Receipt) -> None:
        try:
            lines = pages.lines(one.key)
        except Poison as error:
            receipt.unread.append(str(error))
            return
        kept = [line for line in lines if not whom.owns(line.event, line.subject)]
        if len(kept) < len(lines):
            receipt.days[one.day] += len(lines) - len(kept)
            if self.write:
                pages.keep(one.key, kept)

    def events(self, mailbox: Mailbox, name: str, whom: Whom, receipt: Receipt) -> None:
        """Erase events from messages that wait for somebody to look at them; raises `Unavailable`."""
        self._letters(mailbox, lambda letter: _events_left(letter, whom), name, receipt)

    def leads(self, mailbox: Mailbox, name: str, whom: Whom, receipt: Receipt) -> None:
        """Erase people from messages about leads that wait so; raises `Unavailable`."""
        self._letters(mailbox, lambda letter: self._lead_left(letter, whom), name, receipt)

    def _member(self, key: str, become: Callable[[str, Members, int], Member], expires: int | None) -> None:
        if not self.write:
            return

        def write() -> None:
            members = self.holdings.members([key])
            if key not in members:
                return
            linked = members[key].user
            members |= self.holdings.members([user_key(linked)]) if linked else {}
            after = become(key, members, self.now)
            left = home(key, members)
            moves = home(key, {**members, key: after}) != left
            self.holdings.put_member(key, after, left if moves else None, expires)

        self._again(write)

    def _erase(self, held: Held, whom: Whom, receipt: Receipt) -> None:
        subject = held.key
        if isinstance(held.what, Row):
            if subject not in whom.subjects:
                self._forget(held.what, whom, receipt)
            elif not held.ends:
                receipt.erased["counters"] += 1
                self._row(subject, lambda row: self.holdings.blank(row, receipt.until))
        elif isinstance(held.what, LeadRecord):
            self._lead(held.what, whom, receipt)
        elif held.kind == "origin" and not whom.subjects.isdisjoint((subject, held.origin)):
            receipt.erased["origins"] += 1
            if self.write:
                self.holdings.delete_origin(subject, held.origin)
        elif held.kind == "other" and subject in whom.subjects:
            receipt.unread.append(f"an item of {subject}")

    def _forget(self, row: Row, whom: Whom, receipt: Receipt) -> None:
        """Forget the people in a row that is of others, too."""
        if row.moved in whom.subjects:
            # Whoever was folded into what is erased is part of nothing any more; their ids are theirs.
            receipt.erased["moves"] += 1
            self._row(row.subject, lambda now: self._part(now, whom))
        try:
            if _forgotten(row, whom) is None:
                return
        except Unreadable as error:
            receipt.unread.append(f"{row.subject}: {error}")
            return
        receipt.erased["mentions in counters"] += 1

        def write(now: Row) -> None:
            state = _forgotten(now, whom)
            if state is not None:
                self.holdings.rewrite(now, state)

        self._row(row.subject, write)

    def _part(self, row: Row, whom: Whom) -> None:
        if row.moved in whom.subjects:
            self.holdings.part(row)

    def _lead(self, record: LeadRecord, whom: Whom, receipt: Receipt) -> None:
        lead = record.lead
        own = lead.subject_key in whom.subjects
        after = None if own else scrubbed(lead, whom)
        if after == lead:
            return
        receipt.erased["leads" if own else "mentions in leads"] += 1
        # Before the lead, for only the lead says where it was told.
        withdrawn = self.withdraw(record, after) if self.write and record.sent else ()
        if record.published is not None or record.sent:
            told = {"lead": reference(lead.key), "lead_id": lead.id, "channels": sorted(record.sent)}
            receipt.told.append({**told, "withdrawn": sorted(withdrawn)})
        if self.write:
            if after is None:
                self._again(lambda: self.holdings.delete_lead(lead.key))
            else:
                self._again(lambda: self.holdings.rewrite_lead(lead.key, lambda now: scrubbed(now, whom)))

    def _letters(
        self,
        mailbox: Mailbox,
        left_of: Callable[[Letter], tuple[int, str]],
        name: str,
        receipt: Receipt,
    ) -> None:
        with keeping(mailbox) as kept:
            for letter in letters(mailbox):
                try:
                    gone, body = left_of(letter)
                except (Poison, NewerVersion) as error:
                    receipt.unread.append(f"{name}: {error}")
                    gone, body = 0, letter.body
                receipt.erased[name] += gone
                if not gone or not self.write:
                    kept.append(letter)
                    continue
                if body:
                    mailbox.send(letter._replace(body=body))
                mailbox.delete(letter)

    def _lead_left(self, letter: Letter, whom: Whom) -> tuple[int, str]:
        message = decode_lead(letter.body)
        if not whom.tells(message):
            return 0, letter.body
        record = self.holdings.lead(message.key)
        if record is None or message.key.subject in whom.subjects:
            return 1, ""
        return 1, encoded(announcement(scrubbed(record.lead, whom), message.key)).decode()

    def _row(self, subject: str, write: Callable[[Row], None]) -> None:
        """Write a row as it is now, and as it is then if somebody else was first."""
        if not self.write:
            return

        def once() -> None:
            row = self.holdings.row(subject)
            if row is not None:
                write(row)

        self._again(once)

    def _again(self, write: Callable[[], None]) -> None:
        for attempt in range(TRIES):
            try:
                write()
            except Conflict:
                if attempt == TRIES - 1:
                    raise
                self.pause(wait(attempt, 0.05))
            else:
                return


def _forgotten(row: Row, whom: Whom) -> bytes | None:
    if row.newer:
        raise NewerVersion("a newer deployment wrote the row")
    return forget(row.state, whom.ids, whom.certain) if row.state and whom.keys else None


def _events_left(letter: Letter, whom: Whom) -> tuple[int, str]:
    """Return how many of the events are theirs, and the message without them: nothing if none is left."""
    try:
        events = decode(letter.body)
    except Poison:
        if any(word in letter.body for word in whom.words if len(word) >= SHORTEST):
            return 1, ""
        raise
    left = [event for event in events if not whom.owns(event, "")]
    return len(events) - len(left), encode(left) if left else ""
