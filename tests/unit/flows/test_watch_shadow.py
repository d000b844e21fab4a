"""The watch puts into shadow whom it guards, once; what cannot be read or told spoils no run."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from fakes.events import DAY, HOUR
from fakes.memory_overrides import MemoryOverrides
from fakes.memory_watch import MemoryWatch
from fakes.plans import plan_of
from fakes.watching import NOW, PLAN, RULES, World
from pql.core.errors import Conflict, Poison, Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.override import Override, Overrides
from pql.core.plain_words import iso


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
    world.week("busy", 4, 30, converted=1)
    for ago in range(5, 15):
        world.week("busy", ago, 30, converted=15)
    for ago in range(4):
        world.week("busy", ago, 30)

    assert {"RulesOutOfBand": 1} == world.run(converts=True)
    assert world.topic.bodies[0].startswith("busy: 0 of 29 leads converted")


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
