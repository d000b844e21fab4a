"""A store in memory that adds up what DynamoDB would charge for its writes.

A write costs one unit for each KB, rounded up, of the larger of the item before and after; in a
transaction twice that. An entry of an index costs a unit when it comes, a unit when it goes, and both
when it moves. Sizes are those of the items that the real store would write, by the rules of
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pql.adapters.edition_items import edition_update
from pql.adapters.lead_items import lead_put
from pql.adapters.member_items import member_update
from pql.adapters.memory_store import MemoryStore
from pql.adapters.origin_items import origin_update
from pql.adapters.row_items import fence_update, postpone_update, state_update, tombstone_update
from pql.adapters.seen_items import seen_update
from pql.core.account import Change, Move, Row
from pql.core.edition import Edition
from pql.core.lead import Lead
from pql.core.member import Member

KILOBYTE = 1024
# Values that are not called like what they are written to.
_ATTRIBUTES = {":into": "moved", ":one": "v"}
Item = dict[str, Any]


@dataclass
class MeteredStore(MemoryStore):
    """`units` by kind of item, and every item as it is now, leads left out.

    `causes` are what writes of account items are charged for: one unit each, more for what is `bare` of ids,
    more for the `ids` beside it, and the same again where a lead makes it a `transaction`. `purposes` are
    what all units are for: `counting` alone, the `leads` that come of it, and `wakes`.
    """

    units: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    by_subject: Counter[str] = field(default_factory=Counter)
    items: dict[tuple[str, str], Item] = field(default_factory=dict)

    @property
    def sizes(self) -> dict[tuple[str, str], int]:
        """Return the sizes by key."""
        return {place: _size(item) for place, item in self.items.items()}

    def teach(self, key: str, member: Member) -> None:
        """Charge for the member item."""
        super().teach(key, member)
        self._charge("member", member_update(key, member))

    def move(self, move: Move, leads: Sequence[Lead]) -> None:
        """Charge for the member, what it rests on, both rows and the leads: twice, as a transaction."""
        super().move(move, leads)
        updates = []
        for left, fold in ((one.left, one.fold) for one in move.leaves):
            updates.append(tombstone_update(fold) if fold else fence_update(left))
            updates += [state_update(fold.change)] if fold and fold.change else []
            updates += [origin_update(fold.into, left)] if fold and fold.has_leads else []
        self._charge("member", member_update(move.key, move.member), 2)
        for update in updates:
            self._charge("move", update, 2)
        self.units["move"] += 2 * len(move.basis)
        self.purposes["counting"] += 2 * len(move.basis)
        self._charge_leads(leads)

    def spill(self, subject: str, buckets: Mapping[str, Collection[bytes]], expires: int) -> None:
        """Charge for every bucket with all the ids in it."""
        super().spill(subject, buckets, expires)
        for bucket in buckets:
            whole = seen_update(subject, bucket, self.buckets[subject, bucket], expires)
            self._charge("seen", whole)

    def commit(self, change: Change, leads: Sequence[Lead]) -> None:
        """Charge for the account item, and for leads: twice, as a transaction."""
        super().commit(change, leads)
        self._charge("account", state_update(change), 2 if leads else 1)
        self._charge_leads(leads)

    def declare(self, edition: Edition) -> None:
        """Charge for the edition of the rules, once for each deployment."""
        super().declare(edition)
        self._charge("edition", edition_update(edition))

    def postpone(self, row: Row, wake: int | None) -> None:
        """Charge for the account item, whole although little of it changes."""
        super().postpone(row, wake)
        self._charge("account", postpone_update(row, wake), purpose="wakes")

    def _charge_leads(self, leads: Sequence[Lead]) -> None:
        for lead in leads:
            put = lead_put(lead)["Item"]
            self.units["lead"] += 2 * _units(put)
            self.by_subject[lead.subject_key] += 2 * _units(put)
            self.units["index"] += "outbox" in put
            self.purposes["leads"] += 2 * _units(put) + ("outbox" in put)

    def _charge(
        self, kind: str, update: dict[str, Any], times: int = 1, *, purpose: str = "counting"
    ) -> None:
        place = (update["Key"]["pk"]["S"], update["Key"]["sk"]["S"])
        before = self.items.get(place, {})
        after = _updated(before, update)
        units = max(_units(before), _units(after))
        self.units[kind] += times * units
        self.by_subject[place[0]] += times * units
        self.purposes[purpose] += units
        self.purposes["leads" if kind == "account" else purpose] += (times - 1) * units
        if kind == "account":
            bare = _units({name: value for name, value in after.items() if name != "ledger"})
            self.causes += Counter(write=1, bare=bare - 1, ids=units - bare, transaction=(times - 1) * units)
        waited, waits = before.get("wake"), after.get("wake")
        if waited != waits:
            self.units["index"] += (waited is not None) + (waits is not None)
            self.purposes["wakes"] += (waited is not None) + (waits is not None)
        self.items[place] = after


def _updated(before: Item, update: Mapping[str, Any]) -> Item:
    names = update.get("ExpressionAttributeNames", {})
    after = {**before, **update["Key"]}
    for name, value in update["ExpressionAttributeValues"].items():
        if name != ":before":
            after[names.get(f"#{name[1:]}", _ATTRIBUTES.get(name, name[1:]))] = value
    _, _, removed = update["UpdateExpression"].partition(" REMOVE ")
    for name in filter(None, removed.split(", ")):
        after.pop(names.get(name, name), None)
    return after


def _units(item: Item) -> int:
    return -(-_size(item) // KILOBYTE)


def _size(item: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    if kind == "S":
        return len(inner.encode())
    if kind == "N":
        return (len(inner.strip("-").replace(".", "").strip("0")) + 1) // 2 + 1 + inner.startswith("-")
    if kind == "B":
        return len(inner)
    if kind == "BS":
        return sum(map(len, inner))
    if kind == "L":
        return 3 + sum(1 + _value_size(one) for one in inner)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size(one) for name, one in inner.items())
    raise ValueError(kind)
