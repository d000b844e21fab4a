"""Items: their points times their columns are the score, as the engine finds it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from pql.backtest.calibrate.changed import changed
from pql.backtest.calibrate.edits import Edit, edited
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.points import grain, levelled, point_edits, rounded
from pql.backtest.course import Course
from pql.backtest.rerun.rerun import rerun
from pql.core.window import DAY
from pql.engine.plan import Plan
from pql.engine.rehearsal import events_of
from pql.rules.load import parse
from pql.rules.pack import Pack
from pql.rules.source import Path, Source
from pql.rules.timeline import Timeline

TEXT = """\
signals:
  reports: {count: Report Created, within: 7d}
  seats: {latest: seats, of: Report Created}
  quiet: {days_since: any}
scores:
  usage: [{points: 5, per: reports, up_to: 20}, {points: -10, when: {signal: quiet, at_least: 3}}]
  ready:
    - {points: 15, when: {all: [{signal: reports, at_least: 2}, {trait: plan, is: trial}]}}
    - {bands: {2: 10, 5: 30, 9: 20}, signal: seats}
    - {bands: {50: 5}, trait: employees}
    - {score: usage, weight: 0.5}
rules:
  ready: {when: {score: ready, at_least: 40}, title: t, reason: r}
tests:
  - {name: a, timeline: [0d traits: {plan: trial}, "0d Report Created x4": {seats: 6}], expect: fires at 0d}
  - {name: b, timeline: [0d Report Created], expect: silent}
"""
LINE = st.one_of(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
        lambda at: {f"{at[0]}d Report Created": {"seats": at[1]}}
    ),
    st.tuples(
        st.integers(0, 12), st.sampled_from(["trial", "paid"]), st.sampled_from([None, "9", 40, 90])
    ).map(lambda at: {f"{at[0]}d group": {"plan": at[1], "employees": at[2]}}),
)


@pytest.fixture(scope="module")
def pack() -> Pack:
    """Return the rules."""
    return parse({"a.yaml": TEXT})


def snapped(pack: Pack, lines: list[object], age: int) -> Course:
    """Return the course of a story, with a snapshot at an age in days and some of its end."""
    story = Timeline.model_validate({"name": "n", "timeline": lines, "expect": "silent"})
    moments = sorted(enumerate(story.moments()), key=lambda one: one[1].offset)
    events = [event for line, moment in moments for event in events_of(moment, line)]
    return rerun(pack, events, horizon=7 * DAY, conversions={}, age=age * DAY)


@given(lines=st.lists(LINE, min_size=1, max_size=12), age=st.integers(0, 12))
def test_points_times_columns_are_the_score(pack: Pack, lines: list[object], age: int) -> None:
    """Of every part, whatever it looks at: signals, traits, time and other scores."""
    course = snapped(pack, [*lines, "30d Other"], age)
    (one,) = course.subjects.values()
    assert one.snapshot is not None
    plan = Plan(pack)
    values = plan.account(one.key).values
    for fingerprint, value in one.snapshot.items():
        values[plan.by_fingerprint[fingerprint].place] = value
    for name, trait in one.traits.items():
        values[plan.traits[name]] = trait
    at = one.first + age * DAY
    plan.verdict(values, at)

    for slot in plan.scores:
        items = Items(pack, slot.name)
        columns = items.columns((one.snapshot, one.traits), at)
        total = sum(item.points * column for item, column in zip(items.items, columns, strict=True))
        assert pytest.approx(values[slot.place]) == total


def test_nothing_later_is_in_a_snapshot(pack: Pack) -> None:
    """What happened a day after the age was reached leaves the columns as they were."""
    story: list[object] = [{"0d Report Created x2": {"seats": 3}}]
    items = Items(pack, "ready")
    columns = []
    for later in (story, [*story, {"3d Report Created x9": {"seats": 9}}]):
        (one,) = snapped(pack, [*later, "9d Other"], 2).subjects.values()
        assert one.snapshot is not None
        columns.append(items.columns((one.snapshot, one.traits), one.first + 2 * DAY))

    assert columns[0] == columns[1]


@example(worth=[38, 38, 40.125, 20, 20, 20])  # a band is a sum, and rounded as one
@given(worth=st.lists(st.floats(20, 60), min_size=6, max_size=6))
@settings(max_examples=examples(20))
def test_points_that_are_written_are_those_that_are_read(pack: Pack, worth: list[float]) -> None:
    """A file with fitted points loads, and gives its items these points, but for levelling and rounding."""
    items = Items(pack, "ready")
    signed = [item.sign * one for item, one in zip(items.items, worth, strict=True)]
    new = edited("a.yaml", TEXT, point_edits(items, Source("a.yaml", TEXT), signed))
    found = [item.points for item in Items(parse({"a.yaml": new}), "ready").items]

    level = levelled(signed, 2.5)

    assert pytest.approx(signed, abs=2.5) == level
    assert pytest.approx(level, abs=5) == found


def test_every_bound_that_changes_has_a_name() -> None:
    """That of its rule, and of a bar its place: a bar has none."""
    text = f"{TEXT}suppress: [{{trait: x, is: y}}, {{all: [{{score: ready, at_least: 9}}]}}]\n"
    places: list[Path] = [("rules", "ready", "when", "at_least"), ("suppress", 1, "all", 0, "at_least")]
    items = Items(parse({"a.yaml": TEXT}), "ready")

    assert [("threshold of ready", 40.0), ("suppress.1, all.0.at_least", 9.0)] == [
        (one.what, one.before)
        for one in changed(items, Source("a.yaml", text), [Edit(place, 50) for place in places])
    ]


def test_a_band_is_named_for_what_its_points_count() -> None:
    """The fit has what it adds to the one below, the file what it gives with that one: no name is both's."""
    items = Items(parse({"a.yaml": TEXT}), "ready")
    bands: Path = (*items.path, 1, "bands")
    edits = [Edit((*bands, key), 7) for key in ("2", "5", "9")]
    added = [(item.words, item.points) for item in items.items if item.part == 1]
    given = [(one.what, one.before) for one in changed(items, Source("a.yaml", TEXT), edits)]

    assert [("seats ≥ 2", 10), ("seats ≥ 5, on top of ≥ 2", 20), ("seats ≥ 9, on top of ≥ 5", -10)] == added
    assert [("seats ≥ 2", 10), ("seats ≥ 5, in all", 30), ("seats ≥ 9, in all", 20)] == given
    assert {added[0]} == {*added} & {*given}


@pytest.mark.parametrize(("score", "step"), [("ready", 5.0), ("usage", 5.0)])
def test_points_are_rounded_as_the_score_is_written(pack: Pack, score: str, step: float) -> None:
    """In fives where all of them are fives."""
    assert step == grain(Items(pack, score))
    assert (15.0, -10.0, 0.0) == (rounded(12.5, 5.0), rounded(-8.0, 5.0), rounded(2.4, 5.0))


def test_what_hardly_differs_is_rounded_alike() -> None:
    """Fives of 12.4 and 12.6 are 10 and 15: a difference that nothing has shown."""
    assert [12.5, 55.0, 12.5, 0.0] == pytest.approx(levelled([12.4, 55.0, 12.6, 0.0], 2.5))


@given(st.lists(st.floats(-100, 100), max_size=12), st.floats(0.01, 10))
def test_levelling_moves_nothing_far_and_nothing_past_another(worth: list[float], apart: float) -> None:
    """The order and the sum stay, and no number goes as far as `apart`."""
    found = levelled(worth, apart)
    order = sorted(range(len(worth)), key=worth.__getitem__)

    assert all(abs(new - old) < apart for new, old in zip(found, worth, strict=True))
    assert all(found[a] <= found[b] + 1e-9 for a, b in pairwise(order))
    assert sum(worth) == pytest.approx(sum(found), abs=1e-6)
