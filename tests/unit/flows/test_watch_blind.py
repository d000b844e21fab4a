"""The watch says once which rules are blind, since when, and when they see again."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, event
from fakes.plans import plan_of
from fakes.watching import NOW, RULES, World
from pql.adapters.memory_archive import MemoryArchive
from pql.flows.firing_rate import WEEK
from pql.flows.witness import WitnessedArchive


def test_an_event_that_has_stopped_makes_its_rules_blind() -> None:
    """It says which rule, which event, since when and what was usual, once; and that it is over."""
    world = World()
    here = NOW // HOUR
    world.seen.seen["track:invitesent"] = {*range(here - 500, here - 50)}
    world.seen.seen["track:reportcreated"] = {*range(here - 500, here + 1)}

    assert {"RulesBlind": 1} == world.run()
    assert {"RulesBlind": 1} == world.run(NOW + HOUR)
    world.seen.seen["track:invitesent"].add(here + 1)
    world.seen.seen["track:reportcreated"].add(here + 1)
    assert {} == world.run(NOW + 2 * HOUR)
    first, last = world.topic.bodies
    assert first.startswith("broad is blind: no `invitesent` since ")
    assert first.endswith(", for 2 days; usually one comes within an hour")
    assert "broad sees `invitesent` again" == last


@pytest.mark.parametrize(
    "edit",
    [
        ("of: [Report Created, Invite Sent]", "of: Report Created"),
        ("  broad: {when: {signal: people, at_least: 3}, title: t, reason: r}\n", ""),
    ],
    ids=["needs the event no more", "is gone"],
)
def test_a_rule_that_is_not_asked_any_more_does_not_see_again(edit: tuple[str, str]) -> None:
    """Nothing is over that nobody looks for: its notice ends in silence."""
    world = World()
    here = NOW // HOUR
    world.seen.seen["track:invitesent"] = {*range(here - 500, here - 50)}
    world.seen.seen["track:reportcreated"] = {*range(here - 500, here + 2)}
    world.run()
    world.deploy(plan_of(RULES.replace(*edit)))
    world.run(NOW + HOUR)

    assert ["broad is blind"] == [body[:14] for body in world.topic.bodies]


def test_what_has_stopped_is_blind_until_it_comes_again() -> None:
    """However long that is: the weeks before go out of sight, and are not over because of that."""
    world = World()
    here = NOW // HOUR
    world.seen.seen["track:invitesent"] = {*range(here - 500, here - 50)}
    for week in range(12):
        now = NOW + week * WEEK
        world.seen.seen["track:reportcreated"] = {*range(now // HOUR - 500, now // HOUR + 1)}
        assert {"RulesBlind": 1} == world.run(now)

    assert 1 == len(world.topic.bodies)
    world.seen.seen["track:invitesent"].add(now // HOUR)
    assert {} == world.run(now + HOUR)
    assert "broad sees `invitesent` again" == world.topic.bodies[-1]


def test_an_outage_that_is_over_hides_no_other() -> None:
    """Three days of silence are told twice in a month, though no gap is longer than twice the one before."""
    world = World()
    here = NOW // HOUR
    hours = [*range(here - 500, here), *range(here + 72, here + 400)]
    world.seen.seen["track:reportcreated"] = {*range(here - 500, here + 600)}
    told = []
    for now in (*range(here, here + 90, 6), here + 399, here + 420):
        world.seen.seen["track:invitesent"] = {one for one in hours if one <= now}
        told.append(world.run(now * HOUR).get("RulesBlind", 0))

    assert [0, 0] == told[:2]
    assert [1, 0, 1] == [told[10], told[-2], told[-1]]
    assert ["is blind", "again", "is blind"] == [
        next(words for words in ("is blind", "again") if words in body) for body in world.topic.bodies
    ]


def test_the_first_weekends_are_not_silence() -> None:
    """Of a product that is used from Monday to Friday, nine to six, by a watch that begins with it."""
    world = World()
    monday = NOW // DAY + 4
    assert 0 == (monday + 3) % 7  # the epoch began on a Thursday
    used = {
        day * 24 + hour for day in range(monday, monday + 28) if (day + 3) % 7 < 5 for hour in range(9, 18)
    }
    for now in range(monday * DAY, (monday + 28) * DAY, 6 * HOUR):
        so_far = {hour for hour in used if hour <= now // HOUR}
        world.seen.seen["track:reportcreated"] = world.seen.seen["track:invitesent"] = so_far
        assert {} == world.run(now)


TRAITS = """
signals:
  reports: {count: Report Created}
  tried: {count: Report Created, within: 30d, since: trial_started_at}
scores:
  size: [{points: 5, when: {trait: employees, at_least: 9}}]
rules:
  plain: {when: {signal: reports, at_least: 3}, title: t, reason: r}
  looks: {when: CONDITION, title: t, reason: r}
"""


@pytest.mark.parametrize(
    "condition",
    [
        "{trait: employees, at_least: 100}",
        "{all: [{signal: reports, at_least: 1}, {not: {trait: plan, is: paid}}]}",
        "{score: size, at_least: 5}",
        "{signal: tried, at_least: 1}",
        "{ratio: reports, to_trait: seats, at_least: 0.5}",
        "{until: trial_ends_at, at_most: 3d}",
        "{signal: reports, at_least: 1}, unless: {trait: plan, is: paid}",
    ],
)
@pytest.mark.parametrize(("subject", "kind"), [("account", "group"), ("user", "identify")])
def test_a_rule_that_looks_at_a_trait_needs_the_calls_that_tell_it(
    condition: str, subject: str, kind: str
) -> None:
    """Group calls of accounts, identify calls of users; a rule that looks at none does not."""
    world, clock = World(), [0]
    about = "" if subject == "account" else "subject: user\n"
    plan = plan_of(about + TRAITS.replace("CONDITION", condition))
    world.deploy(plan)
    archive = WitnessedArchive(MemoryArchive(), world.seen, plan, lambda: clock[0])
    for hour in range(-500, 0):
        clock[0] = NOW + hour * HOUR
        calls = ["track", "identify", "group"] if hour < -50 else ["track"]
        archive.append([("a:acme", event(hour, kind=each)) for each in calls], "b")

    assert {"RulesBlind": 1} == world.run()
    assert [f"looks is blind: no {kind} call since"] == [
        body[: len(kind) + 30] for body in world.topic.bodies
    ]
