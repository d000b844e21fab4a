"""Backfilling: stopped at any call and whoever writes meanwhile, the past is counted once."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Sequence

import pytest

from fakes.backfilling import GROWN, PLAIN, always_town, backfill, grown_town, held
from fakes.crashing_store import WAYS, CrashingStore, Killed, Way
from fakes.events import HOUR, event, group, identify
from fakes.interrupted_store import InterruptedStore
from fakes.town import Town
from pql.core.errors import Unavailable
from pql.core.event import Event
from pql.flows.learn import Learner


@pytest.mark.parametrize("way", WAYS)
def test_it_may_be_stopped_at_any_call_and_typed_again(way: Way) -> None:
    """And whatever was written until then, the second run leaves what one whole run would have left."""
    expected = held(always_town(), GROWN)
    for at in itertools.count():
        town = grown_town()
        crashing = CrashingStore(town.store, at, way)
        with contextlib.suppress(Killed, Unavailable):
            backfill(town, GROWN, store=crashing)
        backfill(town, GROWN)
        assert expected == held(town.store, GROWN), at
        if crashing.calls <= at:
            return


def assert_same_whenever_told(
    expected: object, before: Sequence[Event], more: Sequence[Event], *, gap: int
) -> None:
    """Assert what is held where `more` is counted meanwhile, one each `gap` calls, from any call on."""
    for at in itertools.count():
        town = grown_town()
        town.count(PLAIN, before)
        jobs = {at + gap * i: functools.partial(town.count, GROWN, [one]) for i, one in enumerate(more)}
        interrupted = InterruptedStore(town.store, jobs)
        found = backfill(town, GROWN, store=interrupted)
        was_called = interrupted.calls > at
        interrupted.rest()
        assert {} == found.left
        assert expected == held(town.store, GROWN), at
        if not was_called:
            return


@pytest.mark.parametrize("together", [1, 5_000])
def test_live_writers_may_go_on(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """Whatever comes before whichever of its calls is counted once, and only once."""
    monkeypatch.setattr("pql.flows.folds.TOGETHER", together)
    more = [
        event(20, "Order Completed", account=None, user="bob", at=12 * HOUR),
        identify(21, user="cyd", anonymous="tab", account="acme", at=13 * HOUR, name="C"),
        event(22, "Order Completed", account=None, user="ada", at=14 * HOUR),
        group(23, user="dan", account="initech", at=15 * HOUR),
        group(24, user="cyd", account="acme", at=16 * HOUR, seats=12),
    ]
    expected = held(always_town(*more), GROWN)
    assert_same_whenever_told(expected, [], more, gap=2)


@pytest.mark.parametrize("gap", [1, 6])
@pytest.mark.parametrize("account", ["newco", "acme"])
def test_who_comes_into_an_account_meanwhile_brings_the_past(account: str, gap: int) -> None:
    """One that is new and stood in no list of rows, or one whose row is written by then."""
    own = [event(key, "Order Completed", account=None, user="eve", at=key * HOUR) for key in (41, 42)]
    more = [
        event(43, "Report Created", account=None, user="eve", at=43 * HOUR),
        group(44, user="eve", account=account, at=44 * HOUR, seats=9),
    ]
    expected = held(always_town(*own, *more), GROWN)
    assert_same_whenever_told(expected, own, more, gap=gap)


def test_somebody_who_moves_meanwhile_takes_the_past_along() -> None:
    """Also while the call that moved them is not counted yet, and nothing in the row's ids tells of it."""
    call = identify(21, user="cyd", anonymous="tab", account="acme", at=13 * HOUR)
    expected = held(always_town(call), GROWN)
    for at in itertools.count():
        town = grown_town()

        def learn(town: Town = town) -> None:
            Learner(town.store, GROWN, lambda _: None).learn([call], [call])

        interrupted = InterruptedStore(town.store, {at: learn})
        backfill(town, GROWN, store=interrupted)
        was_called = interrupted.calls > at
        interrupted.rest()
        town.count(GROWN, [call])
        assert expected == held(town.store, GROWN), at
        if not was_called:
            return
