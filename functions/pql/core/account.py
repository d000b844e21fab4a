"""The account as the table holds it, and a change of it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import msgspec

from pql.core.dedup import Ledger
from pql.core.member import Member
from pql.core.window import NEVER

# One partition of an index takes 1,000 writes a second; at midnight many accounts move at once.
WAKE_SHARDS = 8
# What a transaction takes:
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
TRANSACTION = 100
# Of how many that were folded into one subject the leads are still found.
ORIGINS = 100


class Row(msgspec.Struct, frozen=True):
    """What was read of a subject; version 0 is a subject that does not exist yet.

    `state` is packed by `pql.engine.state`. `newer` says that this code cannot read the row: a newer
    deployment wrote it, or it is damaged. `moved` names the subject that a user's or anonymous id's state was
    folded into: a tombstone, which keeps its ledger, for copies of what was counted here still come.
    At `wake` (epoch seconds) somebody must look at the account even if no event comes: that may be too
    early, and never too late.
    """

    subject: str
    version: int = 0
    state: bytes = b""
    ledger: Ledger = Ledger()
    newer: bool = False
    moved: str | None = None
    wake: int | None = None


class Change(msgspec.Struct, frozen=True):
    """What is to be written over a row, if nobody else has written since.

    `scores` and `touched` (epoch ms) stand beside the packed state for people and indexes to read.
    `wake` is what the row's becomes; as long as it is the same, its index is not written.
    """

    row: Row
    state: bytes
    ledger: Ledger
    scores: dict[str, float]
    touched: int
    wake: int | None = None


class Fold(msgspec.Struct, frozen=True):
    """A row that becomes a tombstone, what it becomes part of, and the change there.

    `change` is None if the row holds nothing that could be folded. `has_leads` says that there are leads
    of the row, whose subject is remembered as an origin of `into`.
    """

    row: Row
    into: str
    change: Change | None = None
    has_leads: bool = False


class Leave(msgspec.Struct, frozen=True):
    """A subject that somebody leaves.

    With `fold` its row becomes a tombstone. Without it what was counted there stays, and its version
    alone is raised, so that whoever still counts for the old place fails.
    """

    left: str
    fold: Fold | None = None


class Move(msgspec.Struct, frozen=True):
    """Somebody is counted elsewhere from now on: the member, and the subject that is left.

    `member` is written over the version it carries. `basis` are the versions of other members that
    the move was decided by. `left` and `fold` are what is left; `beside` is what the same person leaves
    where they are counted as a person, if they are.
    """

    key: str
    member: Member
    basis: Mapping[str, int]
    left: str
    fold: Fold | None = None
    beside: Leave | None = None

    @property
    def leaves(self) -> tuple[Leave, ...]:
        """Return all that is left."""
        left = Leave(self.left, self.fold)
        return (left,) if self.beside is None else (left, self.beside)


def wake_second(moment: int) -> int | None:
    """Return the second (epoch) by which `moment`, in epoch ms, has come; None if it never will."""
    return None if moment >= NEVER else -(-moment // 1000)


def sooner(stored: int | None, wanted: int | None) -> int | None:
    """Return the wake to keep, so that it moves as seldom as can be: it may be too early, never too late."""
    if stored is None or (wanted is not None and wanted < stored):
        return wanted
    return stored


def wake_shard(subject: str) -> int:
    """Return which of the `WAKE_SHARDS` a subject waits in."""
    return zlib.crc32(subject.encode()) % WAKE_SHARDS
