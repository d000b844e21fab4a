"""Members: where whom is erased belongs, who belongs to them, and who was counted there before."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pql.core.erasure import Whom, belongs, is_named, nameless, placeless, unlinked
from pql.core.keys import account_key, as_person
from pql.core.member import Member, Members
from pql.flows.erase.writes import Writes
from pql.flows.holdings import Receipt


@dataclass(frozen=True)
class Memberships:
    """Erases `whom` from members, and puts it on the receipt."""

    writes: Writes
    whom: Whom
    receipt: Receipt

    def end(self, members: Members, staying: AbstractSet[str]) -> None:
        """Let whom is erased belong nowhere, and nobody to their account; who is `staying` is to end.

        Whoever has nothing but a name ends when that goes.
        """
        for key, one in sorted(members.items()):
            if key in self.whom.keys and (belongs(one) or (key in staying and not is_named(one))):
                self.receipt.erased["memberships" if belongs(one) else "members"] += 1
                self.writes.member(key, placeless, self.receipt.until)
            elif one.account is not None and account_key(one.account) in self.whom.accounts:
                self.receipt.erased["memberships"] += 1
                self.writes.member(key, unlinked, None)

    def unpoint(self, key: str, member: Member, kept: AbstractSet[str]) -> None:
        """Let somebody who stays not name the erased as where they were counted, once no ids are kept there.

        Until then copies of what they did are looked up there.
        """
        named = self.whom.subjects.intersection(member.former)
        joined = member.account is not None and account_key(member.account) in self.whom.accounts
        # By the user whose it was, the person is found, too.
        if joined or not kept.isdisjoint({*named, *map(as_person, named)}):
            self.receipt.pointing += 1
        elif named:
            self.receipt.erased["former places"] += 1
            # Whoever was written meanwhile may have left such a place anew: the next run looks again.
            self.writes.member(
                key,
                lambda own, members, _at: (
                    members[own].never_left(named) if members[own].version == member.version else members[own]
                ),
                None,
            )

    def unname(self) -> None:
        """Erase the names."""
        for key in sorted(self.whom.keys):
            if (known := self.writes.holdings.members([key]).get(key)) and is_named(known):
                self.receipt.erased["names"] += 1
                self.writes.member(
                    key, lambda own, members, at: nameless(members[own], at), self.receipt.until
                )
