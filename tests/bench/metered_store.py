"""A store in memory that adds up what DynamoDB would charge for its writes.

A write costs one unit for each KB, rounded up, of the larger of the item before and after; in a
transaction twice that. Sizes are those of the items that the real store would write, by the rules of
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pql.adapters import dynamo_items as items
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Move
from pql.core.lead import Lead
from pql.core.member import Member

KILOBYTE = 1024


@dataclass
class MeteredStore(MemoryStore):
    """`units` by kind of item, and the size of every item as it is now."""

    units: Counter[str] = field(default_factory=Counter)
    sizes: dict[tuple[str, str], int] = field(default_factory=dict)

    def teach(self, key: str, member: Member) -> None:
        """Charge for the member item."""
        super().teach(key, member)
        self._charge("member", items.member_update(key, member))

    def move(self, move: Move, leads: Sequence[Lead]) -> None:
        """Charge for the member, what it rests on, both rows and the leads: twice, as a transaction."""
        super().move(move, leads)
        fold = move.fold
        left = items.tombstone_update(fold) if fold else items.fence_update(move.left)
        updates = [left, *([items.state_update(fold.change)] if fold and fold.change else [])]
        self._charge("member", items.member_update(move.key, move.member), 2)
        for update in updates:
            self._charge("move", update, 2)
        self.units["move"] += 2 * len(move.basis)
        for lead in leads:
            self.units["lead"] += 2 * -(-_size(items.lead_put(lead)["Item"]) // KILOBYTE)

    def spill(self, subject: str, buckets: Mapping[str, Collection[bytes]], expires: int) -> None:
        """Charge for every bucket with all the ids in it."""
        super().spill(subject, buckets, expires)
        for bucket in buckets:
            whole = items.seen_update(subject, bucket, self.buckets[subject, bucket], expires)
            self._charge("seen", whole)

    def commit(self, change: Change, leads: Sequence[Lead]) -> None:
        """Charge for the account item, and for leads: twice, as a transaction."""
        super().commit(change, leads)
        times = 2 if leads else 1
        self._charge("account", items.state_update(change), times)
        for lead in leads:
            put = items.lead_put(lead)["Item"]
            self.units["lead"] += times * -(-_size(put) // KILOBYTE)

    def _charge(self, kind: str, update: dict[str, Any], times: int = 1) -> None:
        names = update.get("ExpressionAttributeNames", {})
        written = {
            names.get(f"#{name[1:]}", name[1:]): value
            for name, value in update["ExpressionAttributeValues"].items()
            if name != ":before"
        }
        size = _size({**update["Key"], **written})
        place = (update["Key"]["pk"]["S"], update["Key"]["sk"]["S"])
        self.units[kind] += times * -(-max(size, self.sizes.get(place, 0)) // KILOBYTE)
        self.sizes[place] = size


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
