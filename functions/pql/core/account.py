"""The account as the table holds it, and a change of it."""

from __future__ import annotations

import msgspec

from pql.core.dedup import Ledger


class Row(msgspec.Struct, frozen=True):
    """What was read of a subject; version 0 is a subject that does not exist yet.

    `state` is packed by `pql.engine.state`. `newer` says that a newer deployment wrote the row in a
    way that this code cannot read.
    """

    subject: str
    version: int = 0
    state: bytes = b""
    ledger: Ledger = Ledger()
    newer: bool = False


class Change(msgspec.Struct, frozen=True):
    """What is to be written over a row, if nobody else has written since.

    `scores` and `touched` (epoch ms) stand beside the packed state for people and indexes to read.
    """

    row: Row
    state: bytes
    ledger: Ledger
    scores: dict[str, float]
    touched: int
