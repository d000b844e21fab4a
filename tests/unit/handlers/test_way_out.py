"""The way out, wired: table to topic to queue to Slack, through the handlers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from fakes.events import DAY, START, event
from fakes.leads import CREATED, northwind
from fakes.slack_stub import Reply, SlackStub, limited, refused
from fakes.tables import make_table
from pql.adapters.dynamo_backlog import DynamoBacklog
from pql.adapters.dynamo_items import lead_put
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.core.account import Row
from pql.core.dedup import Ledger
from pql.core.errors import Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.core.lead_item import sort_key
from pql.core.lead_message import decode
from pql.core.override import Override
from pql.engine.plan import Plan
from pql.engine.state import pack
from pql.engine.step import step
from pql.flows.channels import Waiting
from pql.flows.revision import changed
from pql.flows.sweep import AGE
from pql.handlers import notify, slack, sweep
from pql.rules.load import load

REGION = "eu-west-1"
LEAD = northwind()


class Context:
    """What Lambda says of an invocation."""

    aws_request_id = "request-1"
    function_name = "f"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"

    def get_remaining_time_in_millis(self) -> int:
        """Return a whole run's time."""
        return 30_000


def clock() -> float:
    """Return a moment when a sweep takes the lead for lost."""
    return (CREATED + AGE) / 1000 + 1


def _never(seconds: float) -> None:
    raise AssertionError(f"a pause of {seconds} s")


@dataclass
class Cloud:
    """The resources, and the environment that names them."""

    dynamodb: Any
    sqs: Any
    sns: Any
    secrets: Any
    env: dict[str, str]
    queue: str

    def records(self) -> list[dict[str, Any]]:
        """Receive what waits in the queue, as Lambda hands it over."""
        got = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=["All"])
        return [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
                "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:slack",
            }
            for one in got.get("Messages", [])
        ]

    def slack(self, now: Callable[[], float] = clock) -> Any:
        """Return the slack handler at a moment."""
        clients = {"dynamodb": self.dynamodb, "sqs": self.sqs, "secrets_manager": self.secrets}
        return slack.build(self.env, **clients, clock=now, pause=_never)

    def keep(self, current: Any) -> None:
        """Set the Slack secret."""
        text = json.dumps({"current": current})
        self.secrets.put_secret_value(SecretId="slack", SecretString=text)


@pytest.fixture
def stub() -> Iterator[SlackStub]:
    """Return a Slack."""
    with SlackStub() as stub:
        yield stub


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, stub: SlackStub) -> Iterator[Cloud]:
    """Return the resources with one stored lead."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_METRICS_NAMESPACE": "pql",
        "POWERTOOLS_SERVICE_NAME": "way-out",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb, sqs, sns, secrets = map(boto3.client, ("dynamodb", "sqs", "sns", "secretsmanager"))
        make_table(dynamodb)
        dynamodb.put_item(TableName="pql", **lead_put(LEAD))
        queue = sqs.create_queue(QueueName="slack")["QueueUrl"]
        topic = sns.create_topic(Name="leads")["TopicArn"]
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:123456789012:slack",
            Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"tier": ["hot"]})},
        )
        text = json.dumps({"current": {"webhook_url": stub.webhook}})
        secrets.create_secret(Name="slack", SecretString=text)
        env = {
            "TABLE": "pql",
            "LEADS_TOPIC_ARN": topic,
            "SLACK_SECRET": "slack",
            "SLACK_HOSTS": f"hooks.slack.com,{stub.origin}",
            "ACCOUNT_LINK": "https://app.example.com/{account_id}",
        }
        yield Cloud(dynamodb, sqs, sns, secrets, env, queue)


def announce(cloud: Cloud, lead: Lead = LEAD) -> dict[str, Any]:
    """Run notify over the record of a lead."""
    handle = notify.build(cloud.env, dynamodb=cloud.dynamodb, sns=cloud.sns, clock=clock)
    keys = {"pk": {"S": lead.key.subject}, "sk": {"S": sort_key(lead.key)}}
    record = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": "100"}}
    answer: dict[str, Any] = handle({"Records": [record]}, Context())
    return answer


def test_a_lead_becomes_one_card(cloud: Cloud, stub: SlackStub) -> None:
    """A stream record ends as a card at Slack, and repeats of every step add none."""
    answers = [announce(cloud), announce(cloud)]
    records = cloud.records()
    handle = cloud.slack()
    answers += [handle({"Records": records}, Context()), handle({"Records": records}, Context())]

    assert [{"batchItemFailures": []}] * 4 == answers
    assert 1 == len(records) == len(stub.cards)
    assert LEAD.key == decode(records[0]["body"]).key
    assert "https://app.example.com/northwind" in json.dumps(stub.cards[0])
    record = DynamoOutbox(cloud.dynamodb, "pql").lead(LEAD.key)
    assert record is not None
    assert ["slack"] == list(record.sent)


def test_a_bot_posts_as_well(cloud: Cloud, stub: SlackStub) -> None:
    """With a token and a channel in the secret the card goes through `chat.postMessage`."""
    cloud.keep({"token": "xoxb-1", "channel": "C1", "api_url": stub.api})
    announce(cloud)

    cloud.slack()({"Records": cloud.records()}, Context())

    assert ["C1"] == [card["channel"] for card in stub.cards]
    assert {"lead_id": LEAD.id} == stub.cards[0]["metadata"]["event_payload"]


def test_a_limited_message_is_kept_back(cloud: Cloud, stub: SlackStub) -> None:
    """The message that Slack limited is reported and stays invisible for as long as asked."""
    stub.replies.append(limited("600"))
    announce(cloud)
    records = cloud.records()

    answer = cloud.slack()({"Records": records}, Context())

    expected = {"batchItemFailures": [{"itemIdentifier": records[0]["messageId"]}]}
    assert expected == answer
    assert [] == cloud.records()


def test_a_rule_names_the_channels_of_its_leads(cloud: Cloud, stub: SlackStub) -> None:
    """Each channel gets its card and is remembered by itself; one that fails keeps nobody waiting."""
    lead = northwind(rule="routed", channels=["#sales", "C0456"])
    cloud.dynamodb.put_item(TableName="pql", **lead_put(lead))
    cloud.keep({"token": "xoxb-1", "channel": "C1", "channels": {"sales": "C2"}, "api_url": stub.api})
    stub.replies.append(refused("is_archived"))
    announce(cloud, lead)
    records = cloud.records()

    failed = cloud.slack()({"Records": records}, Context())["batchItemFailures"]
    again = cloud.slack(lambda: clock() + 901)({"Records": records}, Context())["batchItemFailures"]

    assert ["C2", "C0456", "C2"] == [card["channel"] for card in stub.cards]
    assert (1, 0) == (len(failed), len(again))
    sent = DynamoOutbox(cloud.dynamodb, "pql").lead(lead.key)
    assert sent is not None
    assert {"slack:sales", "slack:C0456"} == set(sent.sent)


def test_fault_080_a_lost_answer_costs_a_bot_no_second_card(cloud: Cloud, stub: SlackStub) -> None:
    """Slack took the card and its answer was lost: the next attempt finds it in the channel."""
    cloud.keep({"token": "xoxb-1", "channel": "C123", "api_url": stub.api})
    stub.replies.append(Reply(trouble="drop", taken=True))
    announce(cloud)
    records = cloud.records()

    failed = cloud.slack()({"Records": records}, Context())["batchItemFailures"]
    again = cloud.slack(lambda: clock() + 60)({"Records": records}, Context())["batchItemFailures"]

    assert (1, 0, 1) == (len(failed), len(again), len(stub.cards))


def test_what_waited_goes_out_together(cloud: Cloud, stub: SlackStub) -> None:
    """After an outage one message brings the leads of all in one digest; nothing of the backlog is left."""
    leads = [northwind(cycle=cycle, created=CREATED + cycle) for cycle in range(2, 32)]
    backlog = DynamoBacklog(cloud.dynamodb, "pql", clock)
    for lead in leads:
        cloud.dynamodb.put_item(TableName="pql", **lead_put(lead))
        backlog.add("slack", Waiting(lead.created, lead.key, "unanswered", parked=False))
    announce(cloud)

    answer = cloud.slack()({"Records": cloud.records()}, Context())

    assert ({"batchItemFailures": []}, 1) == (answer, len(stub.cards))
    assert "31 leads" in stub.cards[0]["text"]
    assert [] == backlog.every()
    outbox = DynamoOutbox(cloud.dynamodb, "pql")
    assert {"slack"} == {name for lead in leads for name in outbox.lead(lead.key).sent}  # type: ignore[union-attr]


@pytest.mark.parametrize("ahead", [-120.0, 0.0, 120.0])
def test_fault_109_a_worker_whose_clock_is_wrong_takes_over_no_lease(
    cloud: Cloud, stub: SlackStub, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """Another one is posting, and holds the lease for a minute by the clock of DynamoDB."""
    announce(cloud)
    now = int(time.time() * 1000)
    assert "won" == DynamoOutbox(cloud.dynamodb, "pql").claim(LEAD.key, "slack", now, now + 60_000)
    monkeypatch.setattr(slack, "time", SimpleNamespace(time=lambda: now / 1000 + ahead, sleep=_never))
    clients = {"dynamodb": cloud.dynamodb, "sqs": cloud.sqs, "secrets_manager": cloud.secrets}
    slack.build(cloud.env, **clients, pause=_never)({"Records": cloud.records()}, Context())

    assert [] == stub.cards


def test_fault_109_a_lease_that_is_over_is_taken_over_by_whoever_comes(
    cloud: Cloud, stub: SlackStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a worker whose own clock is behind it."""
    announce(cloud)
    now = int(time.time() * 1000)
    DynamoOutbox(cloud.dynamodb, "pql").claim(LEAD.key, "slack", now - 70_000, now - 10_000)
    monkeypatch.setattr(slack, "time", SimpleNamespace(time=lambda: now / 1000 - 120, sleep=_never))
    clients = {"dynamodb": cloud.dynamodb, "sqs": cloud.sqs, "secrets_manager": cloud.secrets}
    slack.build(cloud.env, **clients, pause=_never)({"Records": cloud.records()}, Context())

    assert 1 == len(stub.cards)


def test_without_slack_the_queue_runs_empty(cloud: Cloud, stub: SlackStub) -> None:
    """An empty secret is a deployment without Slack, and no failure."""
    cloud.keep({})
    announce(cloud)

    answer = cloud.slack()({"Records": cloud.records()}, Context())

    assert {"batchItemFailures": []} == answer
    assert [] == stub.cards


def test_fault_070_073_a_sweep_announces_what_the_stream_lost(cloud: Cloud) -> None:
    """A lead nobody announced reaches the queue, once."""
    handle = sweep.build(cloud.env, dynamodb=cloud.dynamodb, sns=cloud.sns, clock=clock)

    handle({}, Context())
    handle({}, Context())

    assert [LEAD.key] == [decode(record["body"]).key for record in cloud.records()]


PACK = """
signals: {reports: {count: Report Created, within: 2d}}
rules:
  quiet: {when: {signal: reports, less_than: 1}, title: "{account} went quiet", reason: "{reports}"}
tests:
  - {name: silence, timeline: [0d Other, 0d Report Created, 3d nothing], expect: fires at 2d}
  - {name: report, timeline: [0d Report Created], expect: silent}
"""


@pytest.fixture
def asleep(cloud: Cloud, tmp_path: Path) -> Cloud:
    """Return the resources with an account that has been quiet since the lead was made, and its rule."""
    (tmp_path / "quiet.yaml").write_text(PACK)
    cloud.env["RULES"] = str(tmp_path)
    store = DynamoStore(cloud.dynamodb, "pql", lambda _: None)
    plan = Plan(load(tmp_path))
    account = plan.account("a:globex")
    step(plan, account, event(1, at=CREATED - 3 * DAY - START, account="globex"))
    store.commit(changed(plan, account, Row("a:globex"), pack(plan, account), Ledger()), [])
    return cloud


def swept(cloud: Cloud, **clients: Any) -> None:
    """Run sweep once."""
    sweep.build(cloud.env, **{"dynamodb": cloud.dynamodb, "sns": cloud.sns, **clients}, clock=clock)(
        {}, Context()
    )


def leads_of_globex(cloud: Cloud) -> list[str]:
    """Return the titles of the leads that time made."""
    key = LeadKey("a:globex", "quiet", 1)
    record = DynamoOutbox(cloud.dynamodb, "pql").lead(key)
    return [record.lead.title] if record else []


def test_a_sweep_makes_the_leads_that_time_makes(asleep: Cloud) -> None:
    """A rule that no event makes true makes its lead in the same run that announces what was lost."""
    swept(asleep)

    assert ["globex went quiet"] == leads_of_globex(asleep)
    assert [LEAD.key] == [decode(record["body"]).key for record in asleep.records()]


def test_a_rule_in_shadow_makes_its_leads_in_shadow_when_time_makes_them(asleep: Cloud) -> None:
    """As process does: sweep looks at the overrides, too, and announces none of them."""
    item, now = DynamoOverrides(asleep.dynamodb, "pql", _never), int(clock() * 1000)
    item.override(item.overrides().having("quiet", Override(now, "ada"), now))
    swept(asleep)
    swept(asleep)
    record = DynamoOutbox(asleep.dynamodb, "pql").lead(LeadKey("a:globex", "quiet", 1))

    assert record is not None
    assert "shadow" == record.lead.status
    assert [LEAD.key] == [decode(one["body"]).key for one in asleep.records()]


def test_a_topic_that_is_away_leaves_nobody_asleep(asleep: Cloud) -> None:
    """The leads that time makes wait in the table for their announcement, and the run is an error."""
    asleep.env["LEADS_TOPIC_ARN"] += "-elsewhere"
    with pytest.raises(Unavailable, match="SNS"):
        swept(asleep)

    assert ["globex went quiet"] == leads_of_globex(asleep)


def test_a_slow_topic_leaves_time_to_wake(asleep: Cloud) -> None:
    """However much waits for its announcement, half of the run is for the accounts."""
    for cycle in range(2, 6):
        asleep.dynamodb.put_item(TableName="pql", **lead_put(northwind(cycle=cycle)))

    class Short(Context):
        left = 30_000

        def get_remaining_time_in_millis(self) -> int:
            return self.left

    class Slow:
        def publish(self, **message: Any) -> Any:
            context.left -= 11_000
            return asleep.sns.publish(**message)

    context = Short()
    sweep.build(asleep.env, dynamodb=asleep.dynamodb, sns=Slow(), clock=clock)({}, context)

    assert (["globex went quiet"], 1) == (leads_of_globex(asleep), len(asleep.records()))


def test_a_table_that_takes_nothing_holds_up_no_announcement(asleep: Cloud) -> None:
    """What waits for the topic is announced although no account can be written, and the run is an error."""

    class Denied:
        def __getattr__(self, name: str) -> Any:
            return getattr(asleep.dynamodb, name)

        def transact_write_items(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "TransactWriteItems")

    with pytest.raises(Unavailable, match="DynamoDB"):
        swept(asleep, dynamodb=Denied())

    assert [LEAD.key] == [decode(record["body"]).key for record in asleep.records()]


def test_an_account_that_cannot_be_judged_is_an_error_and_named(
    asleep: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody has to look at it, and finds in the log which it is."""
    asleep.dynamodb.update_item(
        TableName="pql",
        Key={"pk": {"S": "a:globex"}, "sk": {"S": "state"}},
        UpdateExpression="SET #state = :broken",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":broken": {"B": b"broken"}},
    )
    with pytest.raises(sweep.AccountsFailed):
        swept(asleep)

    assert "a:globex" in " ".join(str(vars(record)) for record in caplog.records)


def test_a_sweep_in_an_outage_is_an_error(cloud: Cloud) -> None:
    """The function's error alarm is how anybody learns of it."""
    env = {**cloud.env, "TABLE": "elsewhere"}
    handle = sweep.build(env, dynamodb=cloud.dynamodb, sns=cloud.sns, clock=clock)

    with pytest.raises(Unavailable):
        handle({}, Context())


def test_a_topic_that_is_away_fails_the_record(cloud: Cloud) -> None:
    """The stream hands the record out again."""
    cloud.env["LEADS_TOPIC_ARN"] += "-elsewhere"

    assert {"batchItemFailures": [{"itemIdentifier": "100"}]} == announce(cloud)


def test_the_log_keeps_people_and_secrets_to_itself(
    cloud: Cloud, stub: SlackStub, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong, no name, address or webhook is written down."""
    stub.replies.append(limited("1"))
    announce(cloud)
    records = cloud.records()
    cloud.slack()({"Records": records}, Context())
    cloud.keep({"webhook_url": "https://evil.example/verysecret"})
    cloud.slack(lambda: clock() + 60)({"Records": records}, Context())

    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "Slack answered 429" in logged
    assert "address_refused" in logged
    assert not [word for word in ("Ana", "northwind.example", "services", "verysecret") if word in logged]


def test_a_wrong_account_link_fails_the_start(cloud: Cloud) -> None:
    """A deployment with a link that cannot work is noticed at once."""
    cloud.env["ACCOUNT_LINK"] = "http://app.example.com/{account_id}"

    with pytest.raises(ValueError, match="account link"):
        cloud.slack()
