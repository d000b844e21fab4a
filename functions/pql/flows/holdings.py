"""Everything that is stored, as what erases sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from pql.core.account import Row
from pql.core.archived import Line
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.member import Member, Members
from pql.flows.replay import Stored

Kind = Literal["member", "row", "lead", "seen", "origin", "other"]


class Held(NamedTuple):
    """One item of the table. `ends` says that it ends by itself.

    `origin` is the subject that an origin of `key` names. A lead that cannot be read has no `what`, and none
    the less a place, `lead`, unless that cannot be read either.
    """

    kind: Kind
    key: str
    what: Member | Row | LeadRecord | None = None
    ends: bool = False
    origin: str = ""
    lead: LeadKey | None = None


class Holdings(Protocol):
    """Everything the table holds, and how it is taken away.

    Writes raise `Conflict` when what was read has changed or the outcome is unknown; all raise
    `Unavailable`.
    """

    def everything(self) -> Iterator[Held]:
        """Yield every item, strongly consistent, page by page."""

    def members(self, keys: Sequence[str]) -> Members:
        """Return the members that exist, by key."""

    def row(self, subject: str) -> Row | None:
        """Return a row as it is now."""

    def put_member(self, key: str, member: Member, left: str | None, expires: int | None) -> None:
        """Write a whole member and raise the version of the row that is `left`, as one."""

    def blank(self, row: Row, expires: int) -> None:
        """Leave nothing of a row but its ids, until `expires`, epoch seconds."""

    def part(self, row: Row) -> None:
        """Let a row be part of no other any more, and leave the rest of it."""

    def rewrite(self, row: Row, state: bytes) -> None:
        """Write a row's state."""

    def delete_origin(self, subject: str, origin: str) -> None:
        """Forget that somebody's leads are also those of this subject; a repeat changes nothing."""

    def delete_lead(self, key: LeadKey) -> None:
        """Delete a lead; one that is not there is no fault."""

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead as it is now."""

    def rewrite_lead(self, key: LeadKey, change: Callable[[Lead], Lead]) -> None:
        """Write what `change` makes of a lead, and nothing else of it."""

    def rewrite_reason(self, key: LeadKey, before: str, after: str) -> None:
        """Write anew for what reason a lead was dismissed, and nothing else of it."""


class Pages(Protocol):
    """The archive, object by object. All of it raises `Unavailable`."""

    def stored(self) -> Iterator[Stored]:
        """Yield every object."""

    def lines(self, key: str) -> Sequence[Line]:
        """Return the lines of an object, none for one that is gone; raises `Poison` for no archive."""

    def keep(self, key: str, lines: Sequence[Line]) -> None:
        """Leave nothing but these lines of the object that was read last; without any it stays, empty.

        One that is gone or has changed since stays as it is. Nobody but a compaction makes objects come or
        go: it tells by those that are there how far an earlier one has come.
        """


@dataclass
class Receipt:
    """What was erased (or would be), by what it is; which leads had been told; what could not be read.

    `keeps` says whether ids of whom is erased stay, and `pointing` how many members that stay still name
    somebody erased as where they were counted before.
    """

    at: int
    until: int
    keeps: bool = False
    pointing: int = 0
    erased: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    told: list[dict[str, object]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
