"""The watch says once that a rule fires otherwise than it did, and when that is over."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR
from fakes.plans import plan_of
from fakes.watching import NOW, RULES, World
from pql.core.plain_words import iso
from pql.flows.firing_rate import WEEK


@pytest.mark.parametrize("converts", [False, True])
def test_a_band_that_begins_anew_is_not_entered_again(*, converts: bool) -> None:
    """Who edits a rule that floods, or declares no conversions any more, is not told that all is well."""
    world = World()
    for ago in range(5, 15):
        world.week("busy", ago, 30, converted=15)
    world.week("busy", 4, 30, converted=1)
    for ago in range(4):
        world.week("busy", ago, 30)
    world.week("busy", 0, 300)
    assert {"RulesOutOfBand": 1} == world.run(converts=True)
    assert 2 == len(world.topic.bodies[0].splitlines())

    world.deploy(plan_of(RULES.replace("reports, at_least: 3", "reports, at_least: 4")))
    assert {} == world.run(NOW + HOUR, converts=converts)
    assert 1 == len(world.topic.bodies)


@pytest.mark.parametrize(("leads", "counted"), [(60, 1), (12, 0), (0, 1)])
def test_a_rule_that_fires_otherwise_is_out_of_its_band(leads: int, counted: int) -> None:
    """Many more or many fewer than in the eight weeks before; and it says when that is over."""
    world = World()
    for ago in range(1, 9):
        world.week("busy", ago, 10 + ago % 3)
    before = dict(world.seen.leads)
    world.week("busy", 0, leads)

    assert counted == world.run().get("RulesOutOfBand", 0)
    assert counted == len(world.topic.bodies)
    world.seen.leads = before
    world.week("busy", 0, 11)
    world.run(NOW + HOUR)
    assert ["busy is within its band again"] * counted == world.topic.bodies[counted:]


def test_what_lasts_is_usual_after_four_weeks() -> None:
    """Nobody is told that all is as it was, nor every week that it is not; from then on the band is new."""
    world = World()
    for ago in range(1, 9):
        world.week("busy", ago, 10)
    for week in range(12):
        world.week("busy", -week, 90)
    counted = [world.run(NOW + week * WEEK).get("RulesOutOfBand", 0) for week in range(12)]

    assert [1] * 4 + [0] * 8 == counted
    _, told = world.topic.bodies
    assert told == (
        f"busy has made about 90 leads a week since {iso(NOW)}, which is taken as usual from now on"
    )
    world.week("busy", -12, 400)
    assert {"RulesOutOfBand": 1} == world.run(NOW + 12 * WEEK)
    assert "57 to 136 were to be expected" in world.topic.bodies[-1]


def test_who_left_a_band_is_within_it_when_it_is_back_in_that_one() -> None:
    """Not in the wider one that it has made by leaving."""
    world = World()
    for ago in range(1, 9):
        world.week("busy", ago, 10)
    for week, leads in enumerate((90, 40, 11)):
        world.week("busy", -week, leads)
    counted = [world.run(NOW + week * WEEK).get("RulesOutOfBand", 0) for week in range(3)]

    assert [1, 1, 0] == counted
    assert "busy is within its band again" == world.topic.bodies[1]
    assert 2 == len(world.topic.bodies)


@pytest.mark.parametrize("ago", [0, 1, 3])
def test_leads_of_an_introduction_are_no_firing_rate(ago: int) -> None:
    """They are no flood when they come, and hide none of those that follow."""
    world = World(["*"])
    for week in range(9):
        world.week("busy", week, 10)
    for _ in range(200):
        world.lead("busy", NOW - ago * WEEK - 2 * DAY, introduced=True)

    assert {} == world.run()
    world.week("busy", 0, 50)
    assert {"RulesOutOfBand": 1, "RulesShadowed": 1} == world.run(NOW)


def test_a_drought_is_looked_for_once_a_week() -> None:
    """In whole weeks: what is said of one is said until the next has ended."""
    world = World()
    for ago in range(1, 9):
        world.week("busy", ago, 12)
    quiet = [world.run(NOW + hours * HOUR).get("RulesOutOfBand", 0) for hours in (-6, 0, 6, 7 * 24 - 6)]

    assert [0, 1, 1, 1] == quiet
    (told,) = world.topic.bodies
    assert told.startswith("busy made 0 leads in the week until ")


def test_a_rule_that_is_new_or_edited_has_no_band_yet() -> None:
    """Weeks before it was there, or before it meant this, say nothing."""
    world = World()
    world.run(NOW - 3 * WEEK)
    world.week("busy", 0, 60)

    assert {} == world.run()


@pytest.mark.parametrize(("earlier", "counted"), [(0, 1), (1, 0)])
def test_seven_days_begin_seven_days_ago(earlier: int, counted: int) -> None:
    """To the millisecond."""
    world = World()
    for ago in range(1, 9):
        world.week("busy", ago, 10)
    for _ in range(60):
        world.lead("busy", NOW - WEEK - earlier)

    assert counted == world.run().get("RulesOutOfBand", 0)


@pytest.mark.parametrize(("after", "counted"), [(0, 1), (HOUR, 0)])
def test_a_week_in_which_a_rule_was_new_is_none_to_compare_with(after: int, counted: int) -> None:
    """Four whole weeks make a band."""
    world = World()
    world.run(NOW - 5 * WEEK + after)
    world.week("busy", 0, 60)

    assert counted == world.run().get("RulesOutOfBand", 0)
