"""The store on DynamoDB: one item an account, one conditional write a batch.

Every read but that of the index is strongly consistent; keys that DynamoDB leaves unprocessed are asked
for again, for unprocessed is not absent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pql.adapters import edition_items, lead_items, member_items, origin_items, row_items, seen_items
from pql.adapters.dynamo_batch import batch_get
from pql.adapters.dynamo_conditional import unknown_outcomes
from pql.adapters.dynamo_pages import pages
from pql.adapters.outages import outages
from pql.core.account import ORIGINS, Change, Move, Row
from pql.core.edition import Edition
from pql.core.lead import Lead
from pql.core.member import Member

WAKE_INDEX = "wake"
Key = tuple[str, str]


class DynamoStore:
    """The `Store` port on one table. `pause` waits between rounds, in seconds.

    Leads stand as published at `published` (epoch ms) from the start, if that is given: nobody announces
    them.
    """

    def __init__(
        self, client: Any, table: str, pause: Callable[[float], None], *, published: int | None = None
    ) -> None:
        self._client = client
        self._table = table
        self._pause = pause
        self._published = published

    def members(self, keys: Collection[str]) -> dict[str, Member]:
        """Return the members that exist, by key."""
        found = self._get((key, member_items.MEMBER) for key in keys)
        return {pk: member_items.member(item) for (pk, _), item in found.items()}

    def teach(self, key: str, member: Member) -> None:
        """Write what was learned about `key`; raises `Conflict` if it changed since it was read."""
        with unknown_outcomes():
            self._client.update_item(TableName=self._table, **member_items.member_update(key, member))

    def move(self, move: Move, leads: Sequence[Lead]) -> None:
        """Write the member, the rows it leaves, those that they are folded into, and the leads, as one.

        A row that is left without a fold has no condition: raising its version never has to wait
        until a busy account stands still.
        """
        updates = [member_items.member_update(move.key, move.member)]
        for left, fold in ((one.left, one.fold) for one in move.leaves):
            updates.append(row_items.tombstone_update(fold) if fold else row_items.fence_update(left))
            if fold and fold.change:
                updates.append(row_items.state_update(fold.change))
            if fold and fold.has_leads:
                updates.append(origin_items.origin_update(fold.into, left))
        writes = [{"Update": update} for update in updates]
        writes += [{"ConditionCheck": member_items.member_check(*one)} for one in move.basis.items()]
        self._transact(writes, leads)

    def rows(self, subjects: Collection[str]) -> dict[str, Row]:
        """Return the account rows that exist, by subject (P1)."""
        found = self._get((subject, row_items.STATE) for subject in subjects)
        return {pk: row_items.row(pk, item) for (pk, _), item in found.items()}

    def seen(self, buckets: Collection[Key]) -> Mapping[Key, Collection[bytes]]:
        """Return the ids in each (subject, bucket) that exists (P2)."""
        found = self._get((subject, seen_items.seen_key(bucket)) for subject, bucket in buckets)
        return {(pk, seen_items.bucket_of(sk)): seen_items.ids(item) for (pk, sk), item in found.items()}

    def spill(self, subject: str, buckets: Mapping[str, Collection[bytes]], expires: int) -> None:
        """Add ids to the subject's buckets and let them expire at `expires`, epoch seconds (P4).

        Adding to a set is idempotent: no condition is needed, and a repeat changes nothing.
        """
        for bucket, ids in buckets.items():
            with unknown_outcomes():
                self._client.update_item(
                    TableName=self._table, **seen_items.seen_update(subject, bucket, ids, expires)
                )

    def commit(self, change: Change, leads: Sequence[Lead]) -> None:
        """Write the row and its leads in one atom (P5).

        Without leads it is a single conditional update: half the price of a transaction, and no
        conflict with readers. A retry of the SDK after a lost answer fails the condition, and the
        next read finds the ids in `pend`.
        """
        update = row_items.state_update(change)
        if leads:
            self._transact([{"Update": update}], leads)
            return
        with unknown_outcomes():
            self._client.update_item(TableName=self._table, **update)

    def waking(self, until: int, shard: int) -> Iterator[tuple[int, str]]:
        """Return (wake, subject) of the accounts in a shard that are due at `until`, oldest first."""
        query = {
            "TableName": self._table,
            "IndexName": WAKE_INDEX,
            "KeyConditionExpression": "wakes = :shard AND wake <= :until",
            "ExpressionAttributeValues": {":shard": {"S": str(shard)}, ":until": {"N": str(until)}},
        }
        for item in pages(self._client, query):
            yield int(item["wake"]["N"]), item["pk"]["S"]

    def origins(self, subject: str) -> list[str]:
        """Return the subjects with leads whose rows were folded into this one's, a hundred at most."""
        with outages("DynamoDB"):
            found = self._client.query(
                TableName=self._table,
                ConsistentRead=True,
                Limit=ORIGINS,
                **origin_items.origins_asked(subject),
            )
        return [origin_items.origin(item) for item in found["Items"]]

    def editions(self, ids: Collection[int]) -> dict[int, Edition]:
        """Return the editions of the rules that have been declared, by id."""
        found = self._get(edition_items.edition_key(one) for one in ids)
        editions = [edition_items.edition(sk, item) for (_, sk), item in found.items()]
        return {edition.id: edition for edition in editions}

    def declare(self, edition: Edition) -> None:
        """Write an edition of the rules: whoever writes it writes the same."""
        with outages("DynamoDB"):
            self._client.update_item(TableName=self._table, **edition_items.edition_update(edition))

    def postpone(self, row: Row, wake: int | None) -> None:
        """Write when the account is to be woken, and nothing else; raises `Conflict` as `commit` does."""
        with unknown_outcomes():
            self._client.update_item(TableName=self._table, **row_items.postpone_update(row, wake))

    def _transact(self, writes: Sequence[Mapping[str, Mapping[str, Any]]], leads: Sequence[Lead]) -> None:
        whole = [*writes, *({"Put": lead_items.lead_put(lead, self._published)} for lead in leads)]
        named = [{kind: {"TableName": self._table, **one} for kind, one in write.items()} for write in whole]
        with unknown_outcomes(len(writes), leads):
            self._client.transact_write_items(TransactItems=named)

    def _get(self, keys: Iterator[Key]) -> dict[Key, dict[str, Any]]:
        wanted = ({"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys))
        found = batch_get(self._client, self._table, wanted, self._pause)
        return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}
