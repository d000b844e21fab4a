"""The schedule."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.clock import Clock
from pql.dev.schedule_source import ScheduleSource
from pql.dev.template import TemplateFault


@pytest.mark.parametrize(
    ("expression", "seconds"), [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(2 hours)", 7_200)]
)
def test_a_function_runs_each_time_its_rate_has_passed(recorded: Any, expression: str, seconds: int) -> None:
    """The first run is one period after the start, and each run starts the next period."""
    clock = Clock()
    source = ScheduleSource(recorded.function, {"Schedule": expression}, clock)
    answered = []
    for clock.now in (0, seconds - 1, seconds, seconds + 1, 2 * seconds):
        answered.append(source.poll())

    assert answered == [False, False, True, False, True]
    assert [event["detail-type"] for event in recorded.events] == ["Scheduled Event"] * 2


def test_a_failed_run_comes_again(recorded: Any) -> None:
    """A function that raised runs at its next time."""
    clock = Clock()
    source = ScheduleSource(recorded.function, {"ScheduleExpression": "rate(1 minute)"}, clock)
    recorded.answers.append(ValueError("boom"))
    for clock.now in (60, 120):
        source.poll()

    assert len(recorded.events) == 2
    assert recorded.function.errors == 1


def test_an_expression_it_cannot_follow_is_refused(recorded: Any) -> None:
    """A cron expression is refused by name and never taken for silence."""
    with pytest.raises(TemplateFault, match=r"cron\(0 8"):
        ScheduleSource(recorded.function, {"Schedule": "cron(0 8 * * ? *)"})
