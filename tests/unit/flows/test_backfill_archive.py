"""Backfilling: what is counted and not archived yet is waited for, and moves count where they did."""

from __future__ import annotations

import functools

import pytest

from fakes.backfilling import GROWN, PLAIN, Lost, always_town, backfill, grown_town, held, story
from fakes.events import DAY, HOUR, event, group
from fakes.interrupted_store import InterruptedStore
from fakes.town import Town


@pytest.mark.parametrize("call", range(14))
def test_old_days_that_are_compacted_meanwhile_count_once(call: int) -> None:
    """Before whichever listing or object, though an event of a year ago is no copy anybody waits for."""
    town, always = Town(), Town()
    for key in range(6):
        one = event(key, "Order Completed", at=key * 100 * DAY)
        town.count(PLAIN if key < 4 else GROWN, [one])
        always.count(GROWN, [one])
    # Counted, and not archived yet: the archive is listed and waited for until the end.
    town.count(GROWN, [event(9, at=501 * DAY)], archive=Lost())
    always.count(GROWN, [event(9, at=501 * DAY)], archive=Lost())
    interrupted = InterruptedStore(
        town.store, {1: functools.partial(town.count, GROWN, [event(9, at=501 * DAY)])}
    )
    found = backfill(town, GROWN, store=interrupted, compacting={call})

    assert {} == found.left
    assert held(always.store, GROWN) == held(town.store, GROWN)


def test_what_is_counted_and_not_archived_yet_is_waited_for() -> None:
    """Such a row is left as it is and named; once the message has come again, the next run has it."""
    town = grown_town()
    late = event(30, "Order Completed", account="acme", user="ada", at=17 * HOUR)
    town.count(GROWN, [late], archive=Lost())
    before = town.store.accounts["a:acme"]
    found = backfill(town, GROWN)

    assert ["a:acme", "p:ada"] == sorted(found.left)
    assert before == town.store.accounts["a:acme"]
    town.count(GROWN, [late])
    assert {} == backfill(town, GROWN).left
    assert held(always_town(late), GROWN) == held(town.store, GROWN)


def test_what_a_user_did_and_was_not_archived_is_waited_for_in_the_account_too() -> None:
    """Though the archive holds nothing at all of the user by then."""
    call = group(31, user="eve", account="acme", at=18 * HOUR)
    lost = event(30, "Order Completed", account=None, user="eve", at=17 * HOUR)
    town = grown_town()
    town.count(GROWN, [lost], archive=Lost())
    town.count(GROWN, [call])
    before = town.store.accounts["a:acme"]

    assert "1 event counted, and not in the archive" == backfill(town, GROWN).left["a:acme"]
    assert before == town.store.accounts["a:acme"]
    town.count(GROWN, [lost])
    assert {} == backfill(town, GROWN).left
    assert held(always_town(lost, call), GROWN) == held(town.store, GROWN)


@pytest.mark.parametrize(("later", "left"), [(8 * DAY, ["a:acme"]), (8 * DAY + 1, [])])
def test_what_is_older_than_the_archive_is_not_waited_for(later: int, left: list[str]) -> None:
    """By more than it may have come late, and a day: old objects are deleted after some time."""
    town = Town()
    town.count(PLAIN, [event(1, "Order Completed")])
    town.archive.batches.clear()
    town.count(GROWN, [event(2, "Order Completed", at=later)])

    assert left == [key for key in backfill(town, GROWN).left if key.startswith("a:")]


def test_what_was_archived_after_somebody_moved_counts_where_it_was_counted() -> None:
    """The archive then names the place that the message found, and the ids of the rows say the truth."""
    rest = [
        group(31, user="bob", account="initech", at=18 * HOUR),
        event(32, "Order Completed", account=None, user="bob", at=19 * HOUR),
    ]
    town, always = grown_town(), Town()
    for one in story():
        always.count(GROWN, [one])
    lost = event(30, "Order Completed", account=None, user="bob", at=17 * HOUR)
    for one, archive in ((town, Lost()), (always, None)):
        one.count(GROWN, [lost], archive=archive)
        for more in rest:
            one.count(GROWN, [more])
    town.count(GROWN, [lost])

    assert "a:initech" == town.archive.batches[max(town.archive.batches)][0][0]
    assert {} == backfill(town, GROWN).left
    assert held(always.store, GROWN) == held(town.store, GROWN)
