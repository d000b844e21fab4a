"""Doctor: what is wrong is said with what to type about it, and nothing else is said."""

from __future__ import annotations

import pytest

from pql.flows.doctor import Lag, Listeners, of_alarms, of_lag, of_listeners, of_schedules

TOPIC = "arn:aws:sns:eu-west-1:123456789012:pql-Alarms"
HOUR = 3_600_000


def test_alarms_that_somebody_hears_are_well() -> None:
    """One confirmed subscription is enough, whoever else was asked."""
    assert [] == list(of_listeners(Listeners(1, ["late@example.com"]), TOPIC))


@pytest.mark.parametrize(
    ("pending", "said", "remedy"),
    [
        ([], "the topic has no subscription", f"aws sns subscribe --topic-arn {TOPIC} "),
        (["ops@example.com"], "ops@example.com has not confirmed", "open the link in the mail"),
    ],
    ids=["none", "pending"],
)
def test_fault_108_alarms_that_nobody_hears_are_worth_a_thought(
    pending: list[str], said: str, remedy: str
) -> None:
    """It is said with what to type: no alarm would ever say so itself."""
    (found,) = of_listeners(Listeners(0, pending), TOPIC)

    assert ("note", f"nobody hears alarms: {said}") == (found.level, found.said)
    assert found.remedy.startswith(remedy)


def test_a_function_that_nobody_starts_is_wrong() -> None:
    """Its schedule is switched off, or was never made; one that runs is not named."""
    found = list(of_schedules({"Sweep": ("pql-SweepOften-1", "DISABLED"), "Watch": None}))

    assert [] == list(of_schedules({"Sweep": ("pql-SweepOften-1", "ENABLED")}))
    assert [
        ("nobody starts Sweep: its schedule is disabled", "aws events enable-rule --name pql-SweepOften-1"),
        ("Watch has no schedule", "sam deploy"),
    ] == [(one.said, one.remedy) for one in found]


def test_an_alarm_is_named_with_its_words_and_what_to_type() -> None:
    """The stack's own name is in the command."""
    (found,) = of_alarms({"ProcessErrorsAlarm": "process fails"}, "pql-staging")

    assert "ProcessErrorsAlarm rings: process fails" == found.said
    assert "aws logs tail /pql/pql-staging/process --since 1h" == found.remedy


def test_what_has_waited_is_looked_for_in_its_log() -> None:
    """Events in that of process, the others in that of sweep, which announces and wakes."""
    found = list(of_lag(Lag(0, 0, 301.0), HOUR, "pql"))

    assert ["process", "sweep", "sweep"] == [one.remedy.split("/")[3].split()[0] for one in found]


def test_five_minutes_in_the_queue_and_half_an_hour_elsewhere_are_no_lag() -> None:
    """Which is told from then on."""
    half = HOUR // 2

    assert [] == list(of_lag(Lag(half, half, 300.0), HOUR, "pql"))
    assert 3 == len(list(of_lag(Lag(half - 1, half - 1, 300.1), HOUR, "pql")))
