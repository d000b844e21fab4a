"""The way out, wired: table to topic to queue to Slack, through the handlers."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest

from fakes.leads import CREATED, northwind
from fakes.slack_stub import Reply, SlackStub, limited, refused
from fakes.way_out import LEAD, Cloud, Context, announce, clock, never
from pql.adapters.dynamo_backlog import DynamoBacklog
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.lead_items import lead_put
from pql.core.lead_message import decode
from pql.flows.channels import Waiting
from pql.handlers import slack


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
    monkeypatch.setattr(slack, "time", SimpleNamespace(time=lambda: now / 1000 + ahead, sleep=never))
    clients = {"dynamodb": cloud.dynamodb, "sqs": cloud.sqs, "secrets_manager": cloud.secrets}
    slack.build(cloud.env, **clients, pause=never)({"Records": cloud.records()}, Context())

    assert [] == stub.cards


def test_fault_109_a_lease_that_is_over_is_taken_over_by_whoever_comes(
    cloud: Cloud, stub: SlackStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a worker whose own clock is behind it."""
    announce(cloud)
    now = int(time.time() * 1000)
    DynamoOutbox(cloud.dynamodb, "pql").claim(LEAD.key, "slack", now - 70_000, now - 10_000)
    monkeypatch.setattr(slack, "time", SimpleNamespace(time=lambda: now / 1000 - 120, sleep=never))
    clients = {"dynamodb": cloud.dynamodb, "sqs": cloud.sqs, "secrets_manager": cloud.secrets}
    slack.build(cloud.env, **clients, pause=never)({"Records": cloud.records()}, Context())

    assert 1 == len(stub.cards)


def test_without_slack_the_queue_runs_empty(cloud: Cloud, stub: SlackStub) -> None:
    """An empty secret is a deployment without Slack, and no failure."""
    cloud.keep({})
    announce(cloud)

    answer = cloud.slack()({"Records": cloud.records()}, Context())

    assert {"batchItemFailures": []} == answer
    assert [] == stub.cards


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
