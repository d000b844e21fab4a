"""What a store is asked to write: a change of an account, and the move of a user into it."""

from __future__ import annotations

from fakes.leads import northwind
from pql.core.account import Change, Fold, Move, Row
from pql.core.dedup import Ledger
from pql.core.member import Member

LEDGER = Ledger(b"01234567abcd", 2, filed=True)
LEAD = northwind()
SUBJECT = LEAD.key.subject
USER = "u:ada"
BEFORE = Member(account="globex")
AFTER = Member(1, "acme", 5, ("a:globex",))


def change(
    version: int = 0,
    state: bytes = b"\x00packed\xff",
    subject: str = SUBJECT,
    before: int | None = None,
    wake: int | None = None,
) -> Change:
    """Return a change over a row at `version`, which moves its wake from `before` to `wake`."""
    row = Row(subject, version, wake=before)
    return Change(row, state, LEDGER, {"activation": 40.5}, 1_735_689_600_000, wake)


def fold(left: int = 0, into: int = 0) -> Move:
    """Return the move of a user into the account, over rows at these versions."""
    return Move(USER, AFTER, {}, USER, Fold(Row(USER, left), SUBJECT, change(into, b"both")))


def no_pause(_: float) -> None:
    """Wait for nothing."""
