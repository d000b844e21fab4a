"""The webhook, wired: queue to somebody's server, through the handler."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fakes.lambda_context import Context
from fakes.leads import CREATED, northwind
from fakes.receiver import Receiver, Reply
from fakes.tables import make_table
from pql.adapters.dynamo_backlog import PARTITION, DynamoBacklog
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.lead_items import lead_put
from pql.core.announcement import announcement
from pql.core.lead_message import decode, encoded
from pql.handlers import webhook

REGION = "eu-west-1"
LEADS = [northwind(cycle=cycle, created=CREATED + cycle) for cycle in range(1, 31)]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Cloud:
    """The resources, with thirty leads, and the handler over them."""

    def __init__(self, receiver: Receiver) -> None:
        self.dynamodb, self.sqs, self.secrets = map(boto3.client, ("dynamodb", "sqs", "secretsmanager"))
        make_table(self.dynamodb)
        for lead in LEADS:
            self.dynamodb.put_item(TableName="pql", **lead_put(lead))
        self.queue = self.sqs.create_queue(QueueName="webhook")["QueueUrl"]
        current = {"url": f"{receiver.origin}/leads", "secret": SECRET}
        self.secrets.create_secret(Name="hook", SecretString=json.dumps({"current": current}))
        self.now = CREATED / 1000 + 100
        env = {"TABLE": "pql", "LEAD_WEBHOOK": "hook", "LEAD_WEBHOOK_ORIGINS": receiver.origin}
        clients = {"dynamodb": self.dynamodb, "sqs": self.sqs, "secrets_manager": self.secrets}
        self._handle = webhook.build(env, **clients, clock=lambda: self.now)

    def run(self, *numbers: int) -> list[str]:
        """Handle the messages about these leads; return which failed."""
        records = []
        for number in numbers:
            body = encoded(announcement(LEADS[number], LEADS[number].key)).decode()
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)
            (got,) = self.sqs.receive_message(QueueUrl=self.queue, AttributeNames=["All"])["Messages"]
            records.append(
                {
                    "messageId": str(number),
                    "receiptHandle": got["ReceiptHandle"],
                    "body": got["Body"],
                    "attributes": got["Attributes"],
                    "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:webhook",
                }
            )
        answer: Any = self._handle({"Records": records}, Context())
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def waiting(self) -> list[str]:
        """Return why whatever waits does so."""
        return [one.code for _, one in DynamoBacklog(self.dynamodb, "pql", lambda: self.now).every()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a server of somebody's."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> Iterator[Cloud]:
    """Return the resources."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_METRICS_NAMESPACE": "pql",
        "POWERTOOLS_SERVICE_NAME": "webhook",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield Cloud(receiver)


def sent(receiver: Receiver) -> list[str]:
    """Return the lead ids that arrived."""
    return [decode(taken.body.decode()).lead_id for taken in receiver.taken]


def test_each_lead_is_sent_once(cloud: Cloud, receiver: Receiver) -> None:
    """A repeat of the message sends nothing, and the lead remembers that the webhook has it."""
    failed = [cloud.run(0, 1), cloud.run(0, 1)]

    assert ([[], []], [LEADS[0].id, LEADS[1].id]) == (failed, sent(receiver))
    record = DynamoOutbox(cloud.dynamodb, "pql").lead(LEADS[0].key)
    assert record is not None
    assert ["webhook"] == list(record.sent)


def test_what_waited_is_sent_one_by_one(cloud: Cloud, receiver: Receiver) -> None:
    """After an outage one message brings the leads of all, and a webhook knows no digests."""
    receiver.replies.append(Reply(503))
    failed = cloud.run(*range(29))
    cloud.now += 60

    assert (29, 29, []) == (len(failed), len(cloud.waiting()), cloud.run(29))
    assert [lead.id for lead in LEADS] == sent(receiver)[1:]
    assert [] == cloud.waiting()


def test_nothing_is_listed_made_or_deleted_but_what_waits(cloud: Cloud, receiver: Receiver) -> None:
    """Its role allows these three on that partition alone."""
    of = {
        "PutItem": lambda asked: asked["Item"]["pk"],
        "DeleteItem": lambda asked: asked["Key"]["pk"],
        "Query": lambda asked: asked["ExpressionAttributeValues"][":pk"],
    }
    found = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name not in ("GetItem", "UpdateItem"):
            found.append((model.name, of[model.name](params)["S"]))

    cloud.dynamodb.meta.events.register("before-parameter-build.dynamodb", note)
    receiver.replies.append(Reply(503))
    cloud.run(0)
    cloud.now += 60
    cloud.run(1)

    assert {(name, PARTITION) for name in of} == set(found)


def test_a_limit_is_kept(cloud: Cloud, receiver: Receiver) -> None:
    """Until the receiver's Retry-After is over nothing more is sent."""
    receiver.replies.append(Reply(429, {"Retry-After": "120"}))
    cloud.run(0)
    cloud.now += 119
    cloud.run(1)
    assert 1 == len(receiver.taken)

    cloud.now += 2
    cloud.run(2)
    assert [LEADS[number].id for number in (0, 0, 1, 2)] == sent(receiver)


def test_gone_is_parked(cloud: Cloud, receiver: Receiver) -> None:
    """A receiver that says it is gone is asked again after a quarter of an hour, and everything waits."""
    receiver.replies.append(Reply(410))

    assert (["0", "1"], ["gone", "gone"], 1) == (cloud.run(0, 1), cloud.waiting(), len(receiver.taken))
