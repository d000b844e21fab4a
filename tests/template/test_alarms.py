"""Nothing grows old, fails or falls silent without somebody being told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pql.cli.doctor import SCHEDULES
from pql.flows.backoff import LONGEST, backoff
from pql.flows.deliver import LATE
from pql.flows.doctor import typed
from stack import FUNCTIONS, ROOT, events, of_type, properties, template

BOTH_DOORS = {"FrontDoor": "both"}


def _of_one_metric(alarm: dict[str, Any]) -> dict[str, Any]:
    """Return an alarm as if it were on the metric that its expression is of; most have none."""
    for one in alarm.get("Metrics", ()):
        if "MetricStat" in one:
            stat = one["MetricStat"]
            return {**alarm, **stat["Metric"], "Statistic": stat["Stat"], "Period": stat["Period"]}
    return alarm


ALARMS = {
    name: _of_one_metric(each) for name, each in of_type("AWS::CloudWatch::Alarm", **BOTH_DOORS).items()
}
# Where CloudWatch has each metric, and what of a period is held against the threshold.
METRICS = {
    **dict.fromkeys(
        ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"), ("AWS/SQS", "Maximum")
    ),
    **dict.fromkeys(("Errors", "Invocations", "Throttles", "Url5xxCount"), ("AWS/Lambda", "Sum")),
    "IteratorAge": ("AWS/Lambda", "Maximum"),
    "5xx": ("AWS/ApiGateway", "Sum"),
    "NumberOfNotificationsFailed": ("AWS/SNS", "Sum"),
    **dict.fromkeys(("LeadsLate", "LeadsParked", "RequestsUnauthorized"), ("pql/pql", "Sum")),
    **dict.fromkeys(("LargeAccounts", "AccountsContended", "AccountsFailed"), ("pql/pql", "Sum")),
    **dict.fromkeys(("RulesBlind", "RulesOutOfBand"), ("pql/pql", "Maximum")),
}


def _on(metric: str) -> dict[str, dict[str, Any]]:
    """Return the alarms on a metric, by the resource they watch."""
    return {
        each["Dimensions"][0]["Value"].split(".")[0]: each
        for each in ALARMS.values()
        if each["MetricName"] == metric
    }


def test_fault_108_every_alarm_tells_somebody() -> None:
    """An alarm has an action: the own topic, or the one that was named."""
    elsewhere = of_type("AWS::CloudWatch::Alarm", AlarmTopicArn="arn:aws:sns:us-east-1:1:ops", **BOTH_DOORS)

    assert {("Alarms",)} == {tuple(each["AlarmActions"]) for each in ALARMS.values()}
    assert {("arn:aws:sns:us-east-1:1:ops",)} == {tuple(each["AlarmActions"]) for each in elsewhere.values()}


def test_fault_108_every_alarm_rings_at_its_threshold() -> None:
    """Of a metric that is there; where there are no data only who runs by the clock is missed."""
    heard = ("LessThanThreshold", "breaching")
    told = ("GreaterThanOrEqualToThreshold", "notBreaching")

    for name, each in ALARMS.items():
        metric = each["MetricName"]
        rings = heard if metric == "Invocations" else told
        assert (*METRICS[metric], *rings) == tuple(
            each[one] for one in ("Namespace", "Statistic", "ComparisonOperator", "TreatMissingData")
        ), name
        assert each.get("ActionsEnabled", True), name


def test_fault_108_the_first_is_told() -> None:
    """One is enough, at once, but of what has a bound of its own; silence is only heard after a while."""
    ages = {"ApproximateAgeOfOldestMessage", "IteratorAge"}
    several = {"UnauthorizedAlarm", "ContendedAccountsAlarm"}

    assert {"SweepSilentAlarm", "WatchSilentAlarm"} == {
        name for name, each in ALARMS.items() if each["EvaluationPeriods"] != 1
    }
    assert several == {
        name for name, each in ALARMS.items() if each["MetricName"] not in ages and each["Threshold"] != 1
    }


def test_alarms_are_mailed() -> None:
    """An address gets the alarms, and nobody is subscribed without one."""
    assert "AlarmsMail" not in of_type("AWS::SNS::Subscription")
    assert "ops@example.com" == properties("AlarmsMail", AlarmEmail="ops@example.com")["Endpoint"]


def test_fault_043_046_108_every_queue_is_watched() -> None:
    """A queue that is read has an alarm on its age, every other one on its first message, in a minute."""
    read = {source["Queue"].removesuffix(".Arn") for source in events("SQS").values()}
    depth = _on("ApproximateNumberOfMessagesVisible")

    assert read == set(_on("ApproximateAgeOfOldestMessage"))
    assert set(of_type("AWS::SQS::Queue")) - read == set(depth)
    assert 300 == properties("EventsQueueAlarm")["Threshold"]
    assert {(1, 60, 1)} == {
        (each["Threshold"], each["Period"], each["EvaluationPeriods"]) for each in depth.values()
    }


def test_fault_082_what_is_parked_is_told() -> None:
    """Leads that a channel refuses are an alarm for as long as they are tried in vain."""
    parked = [each for each in ALARMS.values() if each["MetricName"] == "LeadsParked"]

    assert {("pql/pql", "service", "slack", 900), ("pql/pql", "service", "webhook", 900)} == {
        (each["Namespace"], each["Dimensions"][0]["Name"], each["Dimensions"][0]["Value"], each["Period"])
        for each in parked
    }


def test_a_channel_that_is_away_is_told_by_whoever_tries_it() -> None:
    """From its third receive on SQS leaves a message out of the age of its queue, which would never ring."""
    third = sum(backoff(attempt, 0.0, 1.0) for attempt in (1, 2))
    aged = {name: each["Threshold"] for name, each in _on("ApproximateAgeOfOldestMessage").items()}
    late = [each for each in ALARMS.values() if each["MetricName"] == "LeadsLate"]

    assert third < min(aged["SlackQueue"], aged["WebhookQueue"]) == LATE // 1000
    assert {("slack", 1, "Sum", LONGEST), ("webhook", 1, "Sum", LONGEST)} == {
        (each["Dimensions"][0]["Value"], each["Threshold"], each["Statistic"], each["Period"])
        for each in late
    }


@pytest.mark.parametrize(
    ("metric", "service", "most", "within"),
    [
        ("RequestsUnauthorized", "ingest", 10, 900),
        ("LargeAccounts", "process", 1, 3_600),
        ("AccountsContended", "process", 10, 3_600),
        ("AccountsFailed", "process", 1, 3_600),
    ],
    ids=["fault_019_109", "fault_061", "fault_053", "nobody can count it"],
)
def test_fault_019_053_061_109_what_only_a_metric_shows_is_told(
    metric: str, service: str, most: int, within: int
) -> None:
    """Keys that are wrong, accounts that grow, and writers that never win drop or delay events quietly."""
    (alarm,) = [each for each in ALARMS.values() if each["MetricName"] == metric]

    assert ("pql/pql", [{"Name": "service", "Value": service}]) == (alarm["Namespace"], alarm["Dimensions"])
    assert (most, within, "Sum") == (alarm["Threshold"], alarm["Period"], alarm["Statistic"])


def test_fault_053_a_message_that_never_gets_through_is_told_within_the_hour() -> None:
    """As often as the queue hands it out again, its account counts as contended."""
    visibility = properties("EventsQueue")["VisibilityTimeout"]
    alarm = properties("ContendedAccountsAlarm")

    assert alarm["Period"] / visibility >= alarm["Threshold"]


def test_a_doctor_knows_what_to_type_about_every_alarm() -> None:
    """What rings is named with a command, and starts what the template calls so."""
    assert [] == [name for name in sorted(ALARMS) if not typed(name, "pql")]


def test_a_doctor_knows_every_schedule() -> None:
    """SAM calls the rule of a schedule after its function and the event."""
    scheduled = {
        function: f"{function}{name}"
        for function in FUNCTIONS
        for name, source in properties(function).get("Events", {}).items()
        if source["Type"] == "Schedule"
    }

    assert scheduled == SCHEDULES


def test_alarms_can_be_heard() -> None:
    """The topic of the alarms is an output, whoever's it is."""
    document = template().document
    watch = document["Resources"]["Watch"]["Properties"]["Environment"]["Variables"]

    assert watch["ALARM_TOPIC_ARN"] == document["Outputs"]["AlarmsTopicArn"]["Value"]


def test_alarms_on_metrics_of_ours_name_what_is_counted() -> None:
    """A metric that no function publishes would never ring."""
    source = "".join(file.read_text() for file in (ROOT / "functions" / "pql").rglob("*.py"))
    ours = {each["MetricName"] for each in ALARMS.values() if each["Namespace"].startswith("pql/")}

    assert [] == [name for name in sorted(ours) if not re.search(rf'"{name}"|\b{name}=', source)]


def test_fault_108_every_function_is_watched() -> None:
    """One failed run of any function is an alarm."""
    errors = _on("Errors")

    assert set(FUNCTIONS) == set(errors)
    assert {1} == {each["Threshold"] for each in errors.values()}


def test_whoever_is_turned_away_by_lambda_is_told() -> None:
    """A throttle costs a client its answer, and a message one of its receives."""
    assert {"Ingest", "Process"} == set(_on("Throttles"))


def test_fault_108_the_stream_is_watched() -> None:
    """A lead that waits in the stream for a minute is an alarm."""
    assert {"Notify": 60_000} == {name: each["Threshold"] for name, each in _on("IteratorAge").items()}


def test_rules_that_changed_are_told() -> None:
    """A rule that is blind or out of its band is an alarm from one look of the watch to the next."""
    watched = [each for each in ALARMS.values() if each["MetricName"].startswith("Rules")]

    assert {("RulesBlind", "watch", 86_400), ("RulesOutOfBand", "watch", 86_400)} == {
        (each["MetricName"], each["Dimensions"][0]["Value"], each["Period"]) for each in watched
    }


def test_silence_of_whoever_runs_by_the_clock() -> None:
    """A function that only a schedule starts is missed when it does not run at all."""
    silent = _on("Invocations")

    assert set(events("Schedule")) == set(silent)
    assert {("LessThanThreshold", "breaching", 1)} == {
        (each["ComparisonOperator"], each["TreatMissingData"], each["Threshold"]) for each in silent.values()
    }


@pytest.mark.parametrize(
    ("function", "slowest"),
    [("Watch", 86_400), ("Sweep", 60 * template().document["Parameters"]["SweepMinutes"]["MaxValue"])],
)
def test_the_slowest_schedule_is_no_silence(function: str, slowest: int) -> None:
    """Of who runs once in a period one may see no run, or not yet, but no two."""
    alarm = _on("Invocations")[function]

    assert (slowest, 2) == (alarm["Period"], alarm["EvaluationPeriods"])


@pytest.mark.parametrize("function", ["Watch", "Sweep"])
def test_silence_is_zeros_and_no_gap(function: str) -> None:
    """As long as CloudWatch finds enough older points it goes by those and overlooks a gap, for hours."""
    expression, metric = _on("Invocations")[function]["Metrics"]

    assert ("FILL(runs, 0)", True) == (expression["Expression"], expression.get("ReturnData", True))
    assert ("runs", False) == (metric["Id"], metric["ReturnData"])
    assert "DatapointsToAlarm" not in _on("Invocations")[function]


@pytest.mark.parametrize(
    ("door", "watched"),
    [
        ("http-api", {"IngestApiAlarm"}),
        ("function-url", {"IngestUrlAlarm"}),
        ("both", {"IngestApiAlarm", "IngestUrlAlarm"}),
    ],
)
def test_fault_108_the_front_door_is_watched(door: str, watched: set[str]) -> None:
    """Every front door that is there has an alarm on answers of 5xx."""
    alarms = set(of_type("AWS::CloudWatch::Alarm", FrontDoor=door))

    assert watched == alarms & {"IngestApiAlarm", "IngestUrlAlarm"}
    assert {"IngestApi"} == set(_on("5xx"))
    assert {"Ingest"} == set(_on("Url5xxCount"))


def test_the_topic_is_watched() -> None:
    """A subscriber that does not take its leads is an alarm, whoever it is."""
    assert {"LeadsTopic"} == set(_on("NumberOfNotificationsFailed"))
