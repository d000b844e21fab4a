"""`pql dev --story` as somebody runs it who wants to see what a rule is good for."""

from __future__ import annotations

import signal

import pytest

from journeys.test_pql_dev import pql_dev


@pytest.mark.parametrize(
    ("story", "tier", "ending"),
    [
        ("champion_quiet", "warm", "account northwind · rule champion_gone_quiet"),
        ("power_user", "hot", "user noor · rule power_user"),
    ],
)
def test_a_story_ends_with_a_card(story: str, tier: str, ending: str) -> None:
    """Also one that is older than a deployment would count, and one of a rule that ships as a draft."""
    rule = ending.partition(" · ")[2]
    with pql_dev("--port", "0", "--story", story) as command:
        announced = command.until(ending)
        command.until(f"│ {rule} ·")
        command.process.send_signal(signal.SIGINT)
        code, _rest, errors = command.ended()

    assert announced.startswith(f"SNS leads ← {tier} lead ")
    assert (0, "") == (code, errors)


def test_a_story_that_is_not_there_is_answered_with_those_that_are() -> None:
    """Before anything starts."""
    with pql_dev("--story", "trial_endign") as command:
        code, output, errors = command.ended()

    assert (2, []) == (code, output)
    assert "trial_ending" in errors
