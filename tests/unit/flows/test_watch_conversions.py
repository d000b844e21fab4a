"""The watch says once that the leads of a rule convert less than those before."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR
from fakes.plans import plan_of
from fakes.watching import NOW, RULES, World
from pql.core.plain_words import iso
from pql.flows.blindness import SEEN_WEEKS
from pql.flows.conversion_rate import COHORTS, RIPE
from pql.flows.firing_rate import WEEK


def test_leads_of_another_meaning_are_no_share_to_compare_with() -> None:
    """Who loosens a rule on purpose gets leads that convert less: it begins anew, and falls by itself."""
    world = World(["busy"])
    for ago in range(8, 20):
        world.week("busy", ago, 60, converted=30)
    assert {} == world.run(NOW - 4 * WEEK, converts=True)
    world.deploy(plan_of(RULES.replace("reports, at_least: 3", "reports, at_least: 1")), ["busy"])
    for ago in range(-3, 8):
        world.week("busy", ago, 60, converted=12 if ago > 1 else 0)
    found = [world.run(NOW + week * WEEK, converts=True) for week in range(-3, 4)]

    assert [{}] * 6 == found[:6]
    assert {"RulesOutOfBand": 1, "RulesShadowed": 1} == found[6]
    assert world.topic.bodies[0].startswith(
        "busy: 0 of 60 leads converted within 28 days; of those before, 72 of 360 did"
    )


def test_a_share_that_stays_low_is_usual_after_four_weeks() -> None:
    """And is compared with itself from then on."""
    world = World()
    for ago in range(-10, 15):
        world.week("busy", ago, 60, converted=30 if ago > 4 else 0)
    counted = [world.run(NOW + week * WEEK, converts=True).get("RulesOutOfBand", 0) for week in range(10)]

    assert [1] * 4 + [0] * 6 == counted
    assert [
        f"busy: 0 of 60 leads converted, and as few since {iso(NOW)}, which is taken as usual from now on"
    ] == world.topic.bodies[1:]


def test_leads_of_an_introduction_are_no_share() -> None:
    """Their accounts were the best of many."""
    world = World()
    for ago in range(4, 15):
        world.week("busy", ago, 30, converted=15)
    for place in range(90):
        world.lead("busy", NOW - 4 * WEEK - DAY - place, introduced=True)

    assert {} == world.run(converts=True)


@pytest.mark.parametrize(("converted", "counted"), [(1, 1), (12, 0)])
def test_leads_that_convert_no_more_are_told(converted: int, counted: int) -> None:
    """Weeks are judged when their leads have had four weeks to convert, and looked at once."""
    world = World(["busy"])
    for ago in range(5, 15):
        world.week("busy", ago, 30, converted=15)
    world.week("busy", 4, 30, converted=converted)

    found = world.run(converts=True)
    assert counted == found.get("RulesOutOfBand", 0)
    assert bool(counted) == bool(world.overrides.held.rules)
    looked = list(world.seen.leads)
    world.seen.leads = {key: one for key, one in world.seen.leads.items() if key not in looked}
    assert counted == world.run(NOW + HOUR, converts=True).get("RulesOutOfBand", 0)


@pytest.mark.parametrize(("late", "counted"), [(0, 0), (1, 1)])
def test_who_converts_after_four_weeks_has_not_converted_in_time(late: int, counted: int) -> None:
    """Those of the weeks before have had no longer either."""
    world = World()
    for ago in range(5, 15):
        world.week("busy", ago, 30, converted=15)
    for place in range(30):
        at = NOW - 4 * WEEK - DAY - place
        world.lead("busy", at, at + RIPE + late if place < 15 else None)

    assert counted == world.run(converts=True).get("RulesOutOfBand", 0)


def test_what_is_remembered_is_of_the_weeks_that_are_looked_at() -> None:
    """Cohorts of a quarter, and the outages of three, however long it has watched."""
    world = World()
    here = NOW // HOUR
    world.seen.seen["track:invitesent"] = {*range(here - 500, here - 50)}
    world.run()
    world.seen.seen["track:invitesent"] |= {*range(here, here + 80 * 168)}
    for week in range(1, 60):
        world.week("busy", -week, 3)
        world.run(NOW + week * WEEK, converts=True)
        assert (week < SEEN_WEEKS) == bool(world.seen.memo().outages), week

    assert [COHORTS] == [len(weeks) for weeks in world.seen.memo().cohorts.values()]
