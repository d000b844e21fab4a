"""Nothing is lost in a queue because of a number in the template."""

from __future__ import annotations

from statistics import mean

import pytest

from pql.core.dedup import EPOCH_DAYS, KEEP_DAYS
from pql.flows.backoff import LONGEST, backoff
from pql.flows.dwell import DWELL_DAYS
from stack import events, of_type, properties, template

HOUR, DAY = 3_600, 86_400
SOURCES = {function: source["Queue"].removesuffix(".Arn") for function, source in events("SQS").items()}
QUEUES = of_type("AWS::SQS::Queue")
DEAD_LETTERS = sorted(set(QUEUES) - set(SOURCES.values()))


def test_sources() -> None:
    """Process reads the events, slack and webhook each read the leads from a queue of their own."""
    assert SOURCES == {"Process": "EventsQueue", "Slack": "SlackQueue", "Webhook": "WebhookQueue"}


@pytest.mark.parametrize("kind", ["SQS", "DynamoDB"])
def test_fault_038_partial_batches(kind: str) -> None:
    """Every mapping listens to what the function says of each message; else failures would be deleted."""
    answers = {function: source.get("FunctionResponseTypes") for function, source in events(kind).items()}

    assert answers
    assert {function: ["ReportBatchItemFailures"] for function in answers} == answers


@pytest.mark.parametrize(("function", "queue"), SOURCES.items())
@pytest.mark.parametrize("window", ["1", "20"])
def test_fault_040_visibility(function: str, queue: str, window: str) -> None:
    """A message stays invisible for six times the function's timeout plus the longest batch window."""
    source = events("SQS", BatchWindowSeconds=window)[function]
    longest = int(source.get("MaximumBatchingWindowInSeconds", 0))

    assert QUEUES[queue]["VisibilityTimeout"] >= 6 * properties(function)["Timeout"] + longest


def test_longest_window() -> None:
    """No larger batch window may be asked for than the visibility timeout was made for."""
    parameter = template().document["Parameters"]["BatchWindowSeconds"]

    assert (1, 20) == (parameter["MinValue"], parameter["MaxValue"])


@pytest.mark.parametrize("queue", SOURCES.values())
def test_fault_042_redrive(queue: str) -> None:
    """What a function cannot take ends in a queue of its own, which outlives the source by ten days."""
    target = QUEUES[queue]["RedrivePolicy"]["deadLetterTargetArn"].removesuffix(".Arn")

    assert queue.removesuffix("Queue") + "DeadLetters" == target
    assert 4 * DAY == QUEUES[queue]["MessageRetentionPeriod"]


@pytest.mark.parametrize("queue", DEAD_LETTERS)
def test_fault_043_dead_letters_are_kept(queue: str) -> None:
    """Whoever comes back from a fortnight's holiday still finds what failed."""
    assert 14 * DAY == QUEUES[queue]["MessageRetentionPeriod"]


def test_fault_032_ids_outlive_every_message() -> None:
    """What waits in the queue and then with the dead letters is gone before its ids may be."""
    waits = sum(QUEUES[name]["MessageRetentionPeriod"] for name in ("EventsQueue", "EventsDeadLetters"))

    assert waits <= DWELL_DAYS * DAY


def test_ids_outlive_every_limit() -> None:
    """Were they kept by the present limit, what was counted before it is raised would count again."""
    raised = template().document["Parameters"]["LatenessDays"]["MaxValue"]

    assert raised + DWELL_DAYS + 4 < KEEP_DAYS
    assert raised <= EPOCH_DAYS


def test_fault_042_111_events_outlast_an_outage() -> None:
    """While the table is away, or process cannot start, events stay for four hours, by retries alone.

    Nobody lengthens their visibility, and they end with the dead letters before the queue forgets them.
    """
    queue = QUEUES["EventsQueue"]
    waits = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]

    assert 4 * HOUR <= waits < queue["MessageRetentionPeriod"]


@pytest.mark.parametrize(("function", "name"), [("Slack", "SlackQueue"), ("Webhook", "WebhookQueue")])
def test_a_delivery_is_tried_for_three_days(function: str, name: str) -> None:
    """A lead is offered for 72 hours, also if another run has leased it one time in ten.

    And with the longest waits and runs it is with the dead letters before the queue forgets it.
    """
    queue = QUEUES[name]
    receives = queue["RedrivePolicy"]["maxReceiveCount"]
    usual = [
        mean(backoff(attempt, 0.0, chance / 100) for chance in range(101))
        for attempt in range(1, receives + 1)
    ]
    leased = receives // 10

    assert 72 * HOUR <= sum(usual[: receives - leased]) + leased * queue["VisibilityTimeout"]
    assert receives * (LONGEST + properties(function)["Timeout"]) < queue["MessageRetentionPeriod"]


@pytest.mark.parametrize("to", ["Slack", "Webhook"])
def test_lost_deliveries(to: str) -> None:
    """Every lead goes into both queues; what SNS cannot put there waits with the rest that failed."""
    subscription = properties(f"LeadsTo{to}")

    assert ("LeadsTopic", f"{to}Queue.Arn", True) == (
        subscription["TopicArn"],
        subscription["Endpoint"],
        subscription["RawMessageDelivery"],
    )
    assert {"deadLetterTargetArn": f"{to}DeadLetters.Arn"} == subscription["RedrivePolicy"]
    assert "FilterPolicy" not in subscription


@pytest.mark.parametrize("maximum", ["2", "40"])
def test_fault_112_reserved_concurrency(maximum: str) -> None:
    """A reservation is never below what the mapping may use: each throttle would cost a receive."""
    parameters = {"ReserveConcurrency": "true", "ProcessConcurrency": maximum}
    for function, source in events("SQS", **parameters).items():
        reserved = properties(function, **parameters)["ReservedConcurrentExecutions"]

        assert int(reserved) == int(source["ScalingConfig"]["MaximumConcurrency"]) >= 2


def test_nothing_is_reserved_by_default() -> None:
    """A small account can deploy: reserving is asked for."""
    reserving = [
        name for name, each in of_type("AWS::Serverless::Function").items() if "Reserved" in str(each)
    ]

    assert [] == reserving


def test_fault_072_the_stream_moves_on() -> None:
    """A record that cannot be announced is split off, given up after ten tries or an hour, with a trace."""
    source = events("DynamoDB")["Notify"]

    assert ("Table.StreamArn", "TRIM_HORIZON", True, 10, HOUR) == (
        source["Stream"],
        source["StartingPosition"],
        source["BisectBatchOnFunctionError"],
        source["MaximumRetryAttempts"],
        source["MaximumRecordAgeInSeconds"],
    )
    assert {"OnFailure": {"Destination": "NotifyFailures.Arn"}} == source["DestinationConfig"]


def test_sweep_comes_often() -> None:
    """What the stream lost is announced within minutes, or as often as was chosen."""
    assert {"Schedule": "rate(5 minutes)"} == events("Schedule")["Sweep"]
    assert {"Sweep", "Watch"} == set(events("Schedule"))
    assert {"Schedule": "rate(2 minutes)"} == events("Schedule", SweepMinutes="2")["Sweep"]


def test_no_run_of_sweep_meets_the_next() -> None:
    """However often it comes, a run has ended by then; and it comes often enough not to be missed."""
    parameter = template().document["Parameters"]["SweepMinutes"]
    alarm = properties("SweepSilentAlarm")
    missed = alarm["EvaluationPeriods"] * alarm["Metrics"][1]["MetricStat"]["Period"]

    assert properties("Sweep")["Timeout"] <= 60 * parameter["MinValue"]
    assert missed >= 2 * 60 * parameter["MaxValue"]
