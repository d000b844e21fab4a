"""The law of windows: against a window that slides to the millisecond, the error is a part of one bucket."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakes.events import event
from fakes.plans import plan_of
from pql.core.window import window
from pql.engine.step import step

RULE = "{when: {signal: s, at_least: 1}, title: t, reason: r}"


@given(
    st.sampled_from(["2m", "90m", "1h", "24h", "1d", "7d"]),
    st.lists(st.floats(0, 3, exclude_max=True), min_size=2, max_size=30).map(sorted),
)
def test_what_a_window_leaves_out_lies_in_the_oldest_part_of_a_bucket(
    text: str, moments: list[float]
) -> None:
    """It counts nothing as old as its length, and all that is younger by a bucket; moments are in windows."""
    plan = plan_of(f"signals: {{s: {{count: any, within: {text}}}}}\nrules: {{r: {RULE}}}")
    one = window(text)
    length = one.buckets * one.width
    times = [int(moment * length) for moment in moments]
    account = plan.account("a:acme")
    for index, at in enumerate(times):
        step(plan, account, event(index, at=at))
    ages = [times[-1] - at for at in times]
    counted = account.values[0]

    assert isinstance(counted, int)
    assert sum(age <= length - one.width for age in ages) <= counted
    assert counted <= sum(age < length for age in ages)
