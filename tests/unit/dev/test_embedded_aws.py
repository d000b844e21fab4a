"""The embedded AWS: closed to the outside, and quick where moto alone is not."""

from __future__ import annotations

import os
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.sqs.models import Message

from pql.dev.embedded_aws import embedded_aws

ATTRIBUTES = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "VisibilityTimeout",
    "QueueArn",
]


def test_nothing_leads_to_the_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles, endpoints and credentials of the person do not count inside, and are back afterwards."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "https://elsewhere.example")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    with embedded_aws():
        inside = {
            name: os.environ.get(name)
            for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_SQS", "AWS_ACCESS_KEY_ID")
        }
        boto3.client("sqs").create_queue(QueueName="queue")

    assert inside["AWS_PROFILE"] is None
    assert inside["AWS_ENDPOINT_URL_SQS"] is None
    assert inside["AWS_ACCESS_KEY_ID"] != "real"
    assert os.environ["AWS_PROFILE"] == "production"


def attributes(names: list[str]) -> dict[str, str]:
    """Return what a queue with one message waiting and one in flight says of itself."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="queue", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return {name: value for name, value in found.items() if not name.endswith("Timestamp")}


@pytest.mark.parametrize("names", [ATTRIBUTES, ["All"]])
def test_queues_say_what_they_said_before(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick queue has the attributes of a plain one."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        plain = attributes(names)
    with embedded_aws():
        quick = attributes(names)

    assert plain == quick
    assert (quick[ATTRIBUTES[0]], quick[ATTRIBUTES[1]]) == ("1", "1")


def test_sending_does_not_look_at_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages wait, sending one more asks none of them anything."""

    def asked(_message: Any) -> bool:
        raise AssertionError("a waiting message was asked whether it is visible")

    with embedded_aws():
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="queue")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="first")
        monkeypatch.setattr(Message, "visible", property(asked))
        sent = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "second"}])

    assert len(sent["Successful"]) == 1


def test_there_is_one_at_a_time() -> None:
    """A second embedded AWS would share the first one's tables, so it is refused."""
    with embedded_aws(), pytest.raises(RuntimeError, match="already"), embedded_aws():
        pass

    with embedded_aws():
        assert boto3.client("sqs").list_queues().get("QueueUrls") is None
