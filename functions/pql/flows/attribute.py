"""Attribute somebody anew: move a member, and what was counted of them, in one transaction.

A user or anonymous id that gets its first account, or becomes a user, takes along what was counted
under its own key: its row is folded into the new one and stays as a tombstone. Who goes from one
account to another leaves there what was counted there.

Where rules are about people, an anonymous id that becomes a user is also a visitor who becomes a person,
and takes along what was counted of the visitor, in the same transaction.

Either way the version of the row that is left is raised in the very transaction that writes the
member. A worker that still counts for the old place has read its row before the move, and then its
commit fails, or after it, and then it finds the member changed (`pql.flows.sight.look`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pql.core.account import Fold, Leave, Move, Row
from pql.core.errors import LeadExists, NewerVersion
from pql.core.event import Event
from pql.core.keys import LeadKey, account_key, as_person, user_key
from pql.core.lead import Lead
from pql.core.member import Member, Members, home, person_left, places, version_of
from pql.engine.lead import lead_of
from pql.engine.merge import merge
from pql.engine.plan import Plan
from pql.flows.editions import Editions
from pql.flows.people import named
from pql.flows.ports import Store
from pql.flows.revision import Revision, changed


class Lesson(NamedTuple):
    """What a member becomes, and the event that taught it."""

    key: str
    member: Member
    event: Event


def attribute(store: Store, plan: Plan, lesson: Lesson, members: Members) -> Member:
    """Write a lesson that moves somebody, and return the member as it is stored then.

    `members` are the member as it was read, the user it was linked to and the one it becomes. Raises
    `Conflict` when any of them or a row that is folded has changed, `NewerVersion` when a newer
    deployment wrote such a row, `Unwritable` and `Unavailable`.
    """
    key, event = lesson.key, lesson.event
    before = members.get(key, Member())
    left = home(key, members)
    into = home(key, {**members, key: lesson.member})
    basis = _basis(before.user, members)
    behind = list(places(user_key(before.user), members)) if before.user else [left]
    member = lesson.member.leaving(one for one in behind if one != key)
    ways = [(left, into)]
    if plan.people and (person := person_left(key, before, member)):
        ways.append(person)
    if left == key:
        basis |= _basis(member.user, members)
    _move(store, plan, Move(key, member, basis, left), ways, event)
    return msgspec.structs.replace(member, version=member.version + 1)


def _move(store: Store, plan: Plan, move: Move, ways: Sequence[tuple[str, str]], event: Event) -> None:
    """Write the move along its ways, and the leads that folding makes."""
    standing: frozenset[LeadKey] = frozenset()
    while True:
        leads: list[Lead] = []
        leaves = []
        for left, into in ways:
            fold = None
            if takes_along(move.key, left):
                fold, made = _folded(store, plan, left, into, event)
                leads += made
            leaves.append(Leave(left, fold))
        beside = leaves[1] if len(leaves) > 1 else None
        new = [named(store, lead) for lead in leads if lead.key not in standing]
        try:
            store.move(msgspec.structs.replace(move, fold=leaves[0].fold, beside=beside), new)
        except LeadExists as adopted:
            standing |= adopted.keys
        else:
            return


def _folded(store: Store, plan: Plan, left: str, into: str, event: Event) -> tuple[Fold, list[Lead]]:
    """Return the left row as it folds into the other, and the leads that this makes."""
    theirs, ours = _present(store, plan, left, into, event.received)
    if not theirs.row.state:
        return Fold(theirs.row, into), []
    plan, account = plan.of(into), ours.account
    if event.account is not None and account_key(event.account) != into:
        event = msgspec.structs.replace(event, account=None)  # it brings them, but is not of this account
    fired = merge(plan, account, theirs.account, event)
    leads = [lead_of(plan, account, one) for one in fired]
    change = changed(plan, account, ours.row, ours.packed(), ours.row.ledger)
    return Fold(theirs.row, into, change, has_leads=theirs.account.has_leads), leads


def _present(store: Store, plan: Plan, left: str, into: str, now: int) -> list[Revision]:
    """Return both as they are read; if anything is left, brought to the present, `now` (epoch ms) or later.

    What time alone had made true before is written first, each with what held at its moment, however many
    leads that takes; else the move would have to make them, of what is only known by it, and all at once.
    """
    standing: frozenset[LeadKey] = frozenset()
    while True:
        rows = store.rows((left, into))
        if any(row.newer for row in rows.values()):
            raise NewerVersion("a newer deployment wrote the row")
        Editions(store, plan).recall([*rows.values()])
        found = [Revision(plan, rows.get(one) or Row(one), standing) for one in (left, into)]
        if not found[0].row.state:
            return found
        now = max(now, *(one.account.clock for one in found))
        woken = [one for one in found if one.row.state]
        for one in woken:
            one.wake(now)
        overslept = next((one for one in woken if one.fired), None)
        if overslept is None:
            return found
        try:
            overslept.commit(store, overslept.woken(now))
        except LeadExists as adopted:
            standing |= adopted.keys


def takes_along(key: str, left: str) -> bool:
    """Return whether what is left is what was counted under the own key: it is folded into the new place."""
    return left in (key, as_person(key))


def _basis(user: str | None, members: Members) -> dict[str, int]:
    return {user_key(user): version_of(user_key(user), members)} if user else {}
