"""Accounts that wait for time to pass: one contract, in memory and on DynamoDB."""

from __future__ import annotations

import pytest

from fakes.changes import AFTER, BEFORE, LEDGER, SUBJECT, USER, change
from pql.adapters import row_items
from pql.adapters.dynamo_pages import PAGE
from pql.core.account import WAKE_SHARDS, Fold, Move, Row, wake_shard
from pql.core.errors import Conflict
from pql.core.member import Member
from pql.flows.ports import Store


def waiting(store: Store, until: int = 1 << 40) -> list[tuple[int, str]]:
    """Return who is due in any shard."""
    return sorted(one for shard in range(WAKE_SHARDS) for one in store.waking(until, shard))


def test_an_account_waits_in_one_shard_until_it_is_due(store: Store) -> None:
    """It is found from the very second on, and its row says so as well."""
    store.commit(change(wake=5), [])

    assert ([], [(5, SUBJECT)]) == (waiting(store, 4), list(store.waking(5, wake_shard(SUBJECT))))
    assert 5 == store.rows([SUBJECT])[SUBJECT].wake
    assert [(5, SUBJECT)] == waiting(store)


def test_a_wake_stays_until_somebody_moves_it(store: Store) -> None:
    """Commits keep it, move it, or take it away."""
    store.commit(change(wake=9), [])
    found = []
    for version, (before, wake) in enumerate([(9, 9), (9, 4), (4, None), (None, None), (None, 7)], 1):
        store.commit(change(version, before=before, wake=wake), [])
        found.append((store.rows([SUBJECT])[SUBJECT].wake, waiting(store)))

    assert [
        (9, [(9, SUBJECT)]),
        (4, [(4, SUBJECT)]),
        (None, []),
        (None, []),
        (7, [(7, SUBJECT)]),
    ] == found


def test_a_commit_that_keeps_its_wake_does_not_write_it() -> None:
    """An update that names an attribute of the index would pay for the index."""
    kept = row_items.state_update(change(1, before=9, wake=9))

    assert "wake" not in str(kept)


def test_who_sleeps_longest_is_found_first_over_many_pages(store: Store) -> None:
    """A shard is read in the order of time, as far as somebody wants to read."""
    same = [subject for i in range(9 * PAGE) if wake_shard(subject := f"a:{i}") == 3][: PAGE + 5]
    for wake, subject in enumerate(reversed(same)):
        store.commit(change(subject=subject, wake=wake), [])

    assert same[::-1] == [subject for _, subject in store.waking(PAGE + 5, 3)]
    assert (0, same[-1]) == next(iter(store.waking(PAGE + 5, 3)))


def test_a_postponed_account_changes_in_nothing_else(store: Store) -> None:
    """Its wake is another, or none, at the next version; the rest is as it was."""
    store.commit(change(wake=5), [])
    store.postpone(Row(SUBJECT, 1, wake=5), 8)
    later = store.rows([SUBJECT])[SUBJECT]
    store.postpone(later, None)

    assert Row(SUBJECT, 2, b"\x00packed\xff", LEDGER, wake=8) == later
    assert (Row(SUBJECT, 3, b"\x00packed\xff", LEDGER), []) == (
        store.rows([SUBJECT])[SUBJECT],
        waiting(store),
    )


def test_nobody_is_postponed_whom_somebody_else_has_written(store: Store) -> None:
    """Who writes meanwhile may have found an earlier moment; and a commit after it reads again."""
    store.commit(change(wake=5), [])
    with pytest.raises(Conflict):
        store.postpone(Row(SUBJECT, 2, wake=5), 8)
    store.postpone(Row(SUBJECT, 1, wake=5), 8)
    with pytest.raises(Conflict):
        store.commit(change(1, before=5, wake=5), [])

    assert [(8, SUBJECT)] == waiting(store)


def test_a_tombstone_sleeps_for_ever(store: Store) -> None:
    """What it waited for, the account waits for that it was folded into; who is only left still waits."""
    store.teach(USER, BEFORE)
    store.commit(change(subject=USER, wake=5), [])
    store.commit(change(subject="a:globex", wake=6), [])
    store.move(Move(USER, AFTER, {}, USER, Fold(Row(USER, 1, wake=5), SUBJECT, change(wake=4))), [])
    store.move(Move("n:x", Member(user="ada"), {}, "a:globex"), [])

    assert [(4, SUBJECT), (6, "a:globex")] == waiting(store)
    assert {None} == {store.rows([USER])[USER].wake}
