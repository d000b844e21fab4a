"""The stories that `pql dev` can play, told to the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from pql.backtest.rerun.sample import Sample
from pql.core.window import DAY, HOUR
from pql.dev.stories import STORIES, Chapter, Story
from pql.dev.stories.stage import is_live, staged
from pql.dev.stories.telling import PEOPLE, iso
from pql.rules.load import load

SHIPPED = Path(__file__).parents[3] / "functions" / "rules"
PACK = load(SHIPPED)
# The last second of a day, its first, and its middle: stories count days of the calendar.
NOWS = (1_795_391_999_000, 1_795_392_000_000, 1_795_435_200_000)


def sampled(chapters: Sequence[Chapter], now: int) -> Sample:
    """Return what the chapters say about the rules that ship."""
    received = {"receivedAt": iso(now), "sentAt": iso(now)}
    calls = [call for chapter in chapters for call in chapter.calls]
    lines = [json.dumps({**call, **received, "messageId": str(n)}).encode() for n, call in enumerate(calls)]
    return Sample(PACK, lines)


def qualified(story: Story, chapters: Sequence[Chapter], now: int) -> set[str]:
    """Return who has become a lead by the story's rule once the chapters are told."""
    return sampled(chapters, now).qualified[story.rule]


def test_every_rule_file_has_its_story() -> None:
    """Under the name of the file, and about a rule in it."""
    assert {path.stem for path in SHIPPED.glob("*.yaml")} == set(STORIES)
    assert all(story.rule in PACK.files[f"{name}.yaml"].rules for name, story in STORIES.items())


@pytest.mark.parametrize("now", NOWS)
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_the_last_chapter_makes_the_lead(story: Story, now: int) -> None:
    """Whatever the time of day, and none before it does."""
    chapters = story.told(now)

    assert {story.subject} == qualified(story, chapters, now)
    assert set() == qualified(story, chapters[:-1], now)


def test_whoever_follows_the_readme_late_in_the_evening_sees_what_it_shows() -> None:
    """The same rules at every hour, and in the last second of the day."""
    story = STORIES["activation"]
    found = {
        frozenset(rule for rule, who in sampled(story.told(now), now).qualified.items() if who)
        for now in (*range(NOWS[1], NOWS[1] + DAY, HOUR), NOWS[1] + DAY - HOUR // 2, NOWS[0])
    }

    assert 1 == len(found)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_is_told_in_order_and_counted_whole(story: Story) -> None:
    """No call is late where the horizon is as long as the story, and none is from tomorrow."""
    times = [call["timestamp"] for chapter in story.told(NOWS[2]) for call in chapter.calls]

    assert sorted(times) == times
    assert iso(NOWS[2] - story.days * DAY) < times[0]
    assert times[-1] < iso(NOWS[2])


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_everybody_introduces_themselves_first(story: Story) -> None:
    """The card calls nobody by an id whom the story calls by name."""
    calls = [call for chapter in story.told(NOWS[2]) for call in chapter.calls if "userId" in call]
    first = {
        user: next(c["type"] for c in calls if c["userId"] == user) for user in {c["userId"] for c in calls}
    }

    assert {"identify"} == set(first.values())


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_chapter_says_how_long_ago_it_was(story: Story) -> None:
    """Within three hours of the days at its beginning."""
    now = NOWS[2]
    for chapter in story.told(now):
        found = re.match(r"(\d+) days ago|(yesterday|a day ago)|just now", chapter.says)
        assert found is not None
        moment = now - (int(found[1]) if found[1] else 1 if found[2] else 0) * DAY
        times = [call["timestamp"] for call in chapter.calls]
        assert iso(moment - 3 * HOUR) <= times[0] <= times[-1] <= iso(moment + 3 * HOUR)


def test_everybody_in_the_first_story_introduces_themselves_before_they_act() -> None:
    """A person's first calls are identify and group, and every track call names the account."""
    calls = [call for chapter in STORIES["activation"].told(NOWS[2]) for call in chapter.calls]
    for person in PEOPLE:
        own = [call for call in calls if call["userId"] == person]
        assert ["identify", "group"] == [call["type"] for call in own[:2]]
        assert all(call["context"]["groupId"] for call in own[2:])


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_the_rule_of_a_story_is_live_on_stage(story: Story, tmp_path: Path) -> None:
    """And nothing else is any different."""
    stage = load(staged(SHIPPED, story.rule, tmp_path))
    changed = {
        name: rule.status
        for file, other in zip(stage.files.values(), PACK.files.values(), strict=True)
        for name, rule in file.rules.items()
        if rule != other.rules[name]
    }

    assert ({} if is_live(SHIPPED, story.rule) else {story.rule: "live"}) == changed
