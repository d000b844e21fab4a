"""What AWS says of a deployment's topic, schedules and alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pql.adapters.diagnosis import listeners, ringing, schedule
from pql.core.errors import Unavailable


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in for AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.mark.usefixtures("aws")
def test_listeners_are_those_of_every_page() -> None:
    """A topic may have more subscriptions than one answer holds."""
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]

    assert (0, []) == listeners(sns, topic)
    for number in range(101):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:1:q{number}")
    assert (101, []) == listeners(sns, topic)


def test_who_has_not_confirmed_does_not_listen() -> None:
    """AWS tells of it with words in the place of an ARN."""

    class Asked:
        def list_subscriptions_by_topic(self, **_: str) -> dict[str, Any]:
            return {
                "Subscriptions": [{"SubscriptionArn": "PendingConfirmation", "Endpoint": "ops@example.com"}]
            }

    assert (0, ["ops@example.com"]) == listeners(Asked(), "arn")


@pytest.mark.usefixtures("aws")
def test_a_schedule_says_whether_it_runs() -> None:
    """One that somebody has switched off is there and disabled; one that is gone cannot be looked at."""
    events = boto3.client("events")
    events.put_rule(Name="often", ScheduleExpression="rate(5 minutes)")
    before = schedule(events, "often")
    events.disable_rule(Name="often")

    assert ("ENABLED", "DISABLED") == (before, schedule(events, "often"))
    with pytest.raises(Unavailable):
        schedule(events, "gone")


@pytest.mark.usefixtures("aws")
def test_alarms_are_named_as_in_the_template() -> None:
    """CloudFormation puts the stack before and chance behind; those of other stacks are not told of."""
    cloudwatch = boto3.client("cloudwatch")
    others = ("other-ProcessErrorsAlarm-1", "pql-staging-SlackErrorsAlarm-3Z", "pql-WakesAlarm-of-ours")
    for name in ("pql-ProcessErrorsAlarm-1X2Y", *others):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription=f"words of {name}",
            MetricName="Errors",
            Namespace="AWS/Lambda",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Statistic="Sum",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")

    assert {"ProcessErrorsAlarm": "words of pql-ProcessErrorsAlarm-1X2Y"} == ringing(cloudwatch, "pql")
