"""The mapping from a queue: what is delivered, deleted, kept and moved aside."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from pql.dev.queue_source import QueueSource

pytestmark = pytest.mark.usefixtures("outages")
PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "BatchSize": 25}


class Queue:
    """A queue with dead letters, and a mapping of it."""

    def __init__(self, recorded: Any, receives: int = 2, **mapping: Any) -> None:
        self.sqs = boto3.client("sqs")
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        arn = "arn:aws:sqs:us-east-1:123456789012:"
        redrive = json.dumps({"deadLetterTargetArn": arn + "dead", "maxReceiveCount": receives})
        self.url = self.sqs.create_queue(QueueName="live", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        self.source = QueueSource(self.sqs, recorded.function, {"Queue": arn + "live", **mapping})

    def send(self, *bodies: str) -> None:
        """Send messages in this order."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def left(self) -> tuple[int, int]:
        """Return how many messages are visible, and how many wait for their timeout."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def reappear(self, record: Any) -> None:
        """End the visibility timeout of a delivered message."""
        self.sqs.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0
        )


def test_a_batch_is_as_large_as_the_mapping_says(recorded: Any) -> None:
    """Batches are gathered from several receives and end at BatchSize; then the queue is empty."""
    queue = Queue(recorded, **PARTIAL)
    queue.send(*[str(index) for index in range(30)])

    assert [queue.source.poll() for _ in range(3)] == [True, True, False]
    assert [len(bodies) for bodies in recorded.bodies] == [25, 5]
    assert queue.left() == (0, 0)


def test_the_shape_of_a_record(recorded: Any) -> None:
    """A record has Lambda's names and says how often the message was received."""
    queue = Queue(recorded)
    attribute = {"rule": {"DataType": "String", "StringValue": "classic"}}
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="hello", MessageAttributes=attribute)
    queue.source.poll()
    (record,) = recorded.events[0]["Records"]

    assert (record["body"], record["eventSource"], record["awsRegion"]) == ("hello", "aws:sqs", "us-east-1")
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:live"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"] == {"rule": {"dataType": "String", "stringValue": "classic"}}
    assert json.dumps(record)


def test_only_what_failed_stays(recorded: Any) -> None:
    """With partial batch responses the failed message waits for its timeout, the others are gone."""
    queue = Queue(recorded, **PARTIAL)
    queue.send("good", "bad")
    recorded.answers.append(
        lambda event: {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]}
                for record in event["Records"]
                if record["body"] == "bad"
            ]
        }
    )
    queue.source.poll()

    assert queue.left() == (0, 1)
    assert queue.source.poll() is False
    queue.reappear(recorded.events[0]["Records"][1])
    queue.source.poll()
    assert recorded.bodies[1] == ["bad"]
    assert recorded.events[1]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"
    assert queue.left() == (0, 0)


@pytest.mark.parametrize(
    ("mapping", "answer", "kept"),
    [
        (PARTIAL, None, 0),
        (PARTIAL, {}, 0),
        (PARTIAL, {"batchItemFailures": []}, 0),
        (PARTIAL, {"batchItemFailures": None}, 0),
        (PARTIAL, {"batchItemFailures": [{"itemIdentifier": ""}]}, 2),
        (PARTIAL, {"batchItemFailures": [{"itemIdentifier": "nobody"}]}, 2),
        (PARTIAL, {"batchItemFailures": [{}]}, 2),
        (PARTIAL, ValueError("boom"), 2),
        ({}, {"batchItemFailures": [{"itemIdentifier": "ignored"}]}, 0),
        ({}, ValueError("boom"), 2),
    ],
)
def test_what_an_answer_means(recorded: Any, mapping: dict[str, Any], answer: Any, kept: int) -> None:
    """Success deletes all; an exception or an identifier that is none keeps all."""
    queue = Queue(recorded, **mapping)
    queue.send("a", "b")
    recorded.answers.append(answer)
    queue.source.poll()

    assert queue.left() == (0, kept)


def test_a_message_that_always_fails_goes_to_the_dead_letters(recorded: Any) -> None:
    """After maxReceiveCount deliveries the redrive policy moves the message aside."""
    queue = Queue(recorded, receives=2)
    queue.send("bad")
    recorded.answers += [ValueError("boom")] * 3
    for _ in range(2):
        queue.source.poll()
        queue.reappear(recorded.events[-1]["Records"][0])

    assert queue.source.poll() is False
    assert len(recorded.events) == 2
    dead = queue.sqs.receive_message(QueueUrl=queue.dead)["Messages"]
    assert [message["Body"] for message in dead] == ["bad"]
    assert recorded.function.errors == 2
