"""Stories to watch: one for every file of the shipped rules, by the name of the file."""

from __future__ import annotations

from pql.dev.stories import (
    activation,
    champion_quiet,
    content,
    fit_and_usage,
    growth,
    integration_depth,
    limit_near,
    onboarding,
    power_user,
    team_expansion,
    trial_ending,
    visitor,
)
from pql.dev.stories.telling import Chapter, Story

STORIES: dict[str, Story] = {
    "activation": activation.STORY,
    "champion_quiet": champion_quiet.STORY,
    "content": content.STORY,
    "fit_and_usage": fit_and_usage.STORY,
    "growth": growth.STORY,
    "integration_depth": integration_depth.STORY,
    "limit_near": limit_near.STORY,
    "onboarding": onboarding.STORY,
    "power_user": power_user.STORY,
    "team_expansion": team_expansion.STORY,
    "trial_ending": trial_ending.STORY,
    "visitor": visitor.STORY,
}

__all__ = ["STORIES", "Chapter", "Story"]
