"""The watch says once what changed of a rule, and puts into shadow whom it guards."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from fakes.events import DAY, HOUR, START, event
from fakes.leads import northwind
from fakes.memory_overrides import MemoryOverrides
from fakes.memory_watch import MemoryWatch
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive
from pql.core.errors import Conflict, Poison, Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life
from pql.core.override import Override, Overrides
from pql.core.plain_words import iso
from pql.engine.plan import Plan
from pql.flows.firing_rate import WEEK
from pql.flows.replay import Nowhere
from pql.flows.watch import COHORTS, RIPE, SEEN_WEEKS, Watch
from pql.flows.witness import WitnessedArchive

RULES = """
signals:
  reports: {count: Report Created}
  people: {distinct: users, of: [Report Created, Invite Sent]}
  pages: {count: any, type: page}
  calls: {count: any, type: any}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: t, reason: r}
  broad: {when: {signal: people, at_least: 3}, title: t, reason: r}
"""
PLAN = plan_of("".join(line for line in RULES.splitlines(keepends=True) if "any" not in line))
NOW = START - START % WEEK + 100 * WEEK


class Letters:
    """A topic that keeps what is published."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Keep it."""
        assert not attributes
        self.bodies.append(body)


class World:
    """A watch, and what it sees."""

    def __init__(self, guarded: Sequence[str] = ()) -> None:
        self.seen = MemoryWatch()
        self.overrides = MemoryOverrides()
        self.topic = Letters()
        self.deploy(PLAN, guarded)

    def deploy(self, plan: Plan, guarded: Sequence[str] = ()) -> None:
        """Watch the rules of this plan from now on."""
        self.checksums = {slot.name: slot.checksum for slot in plan.rules}
        self.watch = Watch(self.seen, self.overrides, self.topic, plan, guarded)

    def lead(
        self, rule: str, created: int, converted: int | None = None, *, introduced: bool = False
    ) -> None:
        """Add a lead."""
        key = LeadKey(f"a:{len(self.seen.leads)}", rule, 1)
        lead = northwind(
            rule=rule, account_id=key.subject[2:], created=created, checksum=self.checksums[rule]
        )
        lead = msgspec.structs.replace(lead, introduced=introduced)
        state: Any = {} if converted is None else {"state": "converted", "converted_at": converted}
        self.seen.leads[key] = LeadRecord(lead, standing=msgspec.convert(state, Life))

    def week(self, rule: str, ago: int, leads: int, converted: int = 0) -> None:
        """Add the leads of the week that ended so many weeks ago."""
        for place in range(leads):
            at = NOW - ago * WEEK - DAY - place
            self.lead(rule, at, at + DAY if place < converted else None)

    def run(self, now: int = NOW, *, converts: bool = False) -> dict[str, int]:
        """Look, and return what is counted."""
        return {name: n for name, n in self.watch.run(now, converts=converts).counts.items() if n}


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


def test_a_share_that_stays_low_is_usual_after_four_weeks() -> None:
    """And is compared with itself from then on."""
    world = World()
    for ago in range(-10, 15):
        world.week("busy", ago, 30, converted=15 if ago > 4 else 3)
    counted = [world.run(NOW + week * WEEK, converts=True).get("RulesOutOfBand", 0) for week in range(10)]

    assert [1] * 4 + [0] * 6 == counted
    assert [
        f"busy: 3 of 30 leads converted, and as few since {iso(NOW)}, which is taken as usual from now on"
    ] == world.topic.bodies[1:]


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


def test_leads_of_an_introduction_are_no_share() -> None:
    """Their accounts were the best of many."""
    world = World()
    for ago in range(4, 15):
        world.week("busy", ago, 30, converted=15)
    for place in range(90):
        world.lead("busy", NOW - 4 * WEEK - DAY - place, introduced=True)

    assert {} == world.run(converts=True)


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


@pytest.mark.parametrize("guarded", [["busy"], ["*"], []])
def test_a_guarded_rule_is_put_into_shadow_once(guarded: list[str]) -> None:
    """When the flood begins; who takes it out again while it lasts is not overruled."""
    world = World(guarded)
    for ago in range(1, 9):
        world.week("busy", ago, 10)
    world.week("busy", 0, 90)
    shadowed = {"busy"} if guarded else set()

    assert len(shadowed) == world.run().get("RulesShadowed", 0)
    assert shadowed == world.overrides.held.holding(NOW)
    world.overrides.held = msgspec.structs.replace(world.overrides.held, rules={})
    world.run(NOW + HOUR)
    assert set() == world.overrides.held.holding(NOW)


@pytest.mark.parametrize(
    ("by", "status", "words"),
    [
        (
            "ada",
            "live",
            f"busy is left as it was: in shadow since {iso(5)} until {iso(NOW + DAY)}, by ada: trial",
        ),
        (None, "shadow", "busy is left as it was: in shadow by its file"),
    ],
)
def test_what_is_in_shadow_already_stays_as_it_is(by: str | None, status: str, words: str) -> None:
    """Until when and why somebody has said; the message says who."""
    world = World()
    world.deploy(plan_of(RULES.replace("3}, title", f"3}}, status: {status}, title")), ["*"])
    if by:
        world.overrides.held = world.overrides.held.having("busy", Override(5, by, "trial", NOW + DAY), 5)
    before = world.overrides.held
    for ago in range(1, 9):
        world.week("busy", ago, 10)
    world.week("busy", 0, 90)

    assert {"RulesOutOfBand": 1} == world.run()
    assert before == world.overrides.held
    assert words == world.topic.bodies[0].splitlines()[1]


def test_a_lost_answer_does_not_hide_who_put_a_rule_into_shadow() -> None:
    """The watch finds its own override when it looks again, and says what it has done."""

    class Unheard(MemoryOverrides):
        answers = iter((False, True))

        def override(self, overrides: Overrides) -> None:
            super().override(overrides)
            if not next(self.answers):
                raise Conflict("the outcome is unknown")

    world = World()
    world.overrides = Unheard()
    world.deploy(PLAN, ["*"])
    for ago in range(1, 9):
        world.week("busy", ago, 10)
    world.week("busy", 0, 90)

    assert {"RulesOutOfBand": 1, "RulesShadowed": 1} == world.run()
    assert world.topic.bodies[0].splitlines()[1].startswith("busy is in shadow now")


def test_a_lead_that_nobody_can_read_blinds_no_watch() -> None:
    """It tells nothing itself, and all others are looked at."""

    class Damaged(MemoryWatch):
        def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
            if LeadKey("a:0", "busy", 1) in keys:
                raise Poison("no lead")
            return super().records(keys)

    world = World()
    world.seen = Damaged()
    world.deploy(PLAN)
    for ago in range(5, 15):
        world.week("busy", ago, 30, converted=15)
    world.week("busy", 4, 30, converted=1)
    for ago in range(4):
        world.week("busy", ago, 30)

    assert {"RulesOutOfBand": 1} == world.run(converts=True)


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


@pytest.mark.parametrize(("after", "counted"), [(0, 1), (HOUR, 0)])
def test_a_week_in_which_a_rule_was_new_is_none_to_compare_with(after: int, counted: int) -> None:
    """Four whole weeks make a band."""
    world = World()
    world.run(NOW - 5 * WEEK + after)
    world.week("busy", 0, 60)

    assert counted == world.run().get("RulesOutOfBand", 0)


@pytest.mark.parametrize(("earlier", "counted"), [(0, 1), (1, 0)])
def test_seven_days_begin_seven_days_ago(earlier: int, counted: int) -> None:
    """To the millisecond."""
    world = World()
    for ago in range(1, 9):
        world.week("busy", ago, 10)
    for _ in range(60):
        world.lead("busy", NOW - WEEK - earlier)

    assert counted == world.run().get("RulesOutOfBand", 0)


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


def test_what_could_not_be_told_is_told_by_the_next_run() -> None:
    """Nothing is remembered that was not said."""
    world = World()
    here = NOW // HOUR
    world.seen.seen["track:reportcreated"] = {*range(here - 500, here - 50)}
    publish, world.topic.publish = world.topic.publish, fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        world.run()
    world.topic.publish = publish  # type: ignore[method-assign]
    world.run()

    assert 1 == len(world.topic.bodies)


def fail(*_: object) -> None:
    """Fail."""
    raise Unavailable("SNS")


def test_long_names_are_not_kept() -> None:
    """An event's name may have 200 KB, and whoever sends thousands of such takes no memory with them."""
    archive = WitnessedArchive(Nowhere(), MemoryWatch(), PLAN, lambda: NOW)
    tracemalloc.start()
    try:
        for key in range(200):
            archive.append([("a:acme", event(1, f"{key}" + "x" * 50_000))], "b")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < 1_000_000


TRAITS = """
signals:
  reports: {count: Report Created}
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
