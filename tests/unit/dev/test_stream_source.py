"""The mapping from the table's stream: order, filter, retries, bisecting, giving up."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pql.dev.stream_source import StreamSource

pytestmark = pytest.mark.usefixtures("outages")
LEADS = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "lead#"}]}}}}


class Table:
    """A table with a stream, and a mapping of it."""

    def __init__(self, recorded: Any, **mapping: Any) -> None:
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        self.failures = self.sqs.create_queue(QueueName="failures")["QueueUrl"]
        made = self.dynamodb.create_table(
            TableName="table",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]
        properties = {
            "Stream": made["LatestStreamArn"],
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps(LEADS)}]},
            "DestinationConfig": {
                "OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failures"}
            },
            **mapping,
        }
        self.source = StreamSource(boto3.client("dynamodbstreams"), self.sqs, recorded.function, properties)

    def put(self, *keys: str, **attributes: Any) -> None:
        """Put items with these sort keys, in this order."""
        for key in keys:
            self.dynamodb.put_item(
                TableName="table", Item={"pk": {"S": "a:acme"}, "sk": {"S": key}, **attributes}
            )

    def cancel_a_transaction(self) -> None:
        """Let a transaction fail on its condition."""
        put = {
            "TableName": "table",
            "Item": {"pk": {"S": "x"}, "sk": {"S": "x"}},
            "ConditionExpression": "attribute_exists(pk)",
        }
        with pytest.raises(ClientError, match="TransactionCanceled"):
            self.dynamodb.transact_write_items(TransactItems=[{"Put": put}])

    def work(self) -> None:
        """Poll until nothing is left to do."""
        while self.source.poll():
            pass

    def given_up(self) -> list[dict[str, Any]]:
        """Return what lies in the on-failure queue."""
        found = self.sqs.receive_message(QueueUrl=self.failures, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]


def keys(recorded: Any) -> list[list[str]]:
    """The sort keys of the records, by invocation."""
    return [
        [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]] for event in recorded.events
    ]


def test_only_what_passes_the_filter_is_delivered(recorded: Any) -> None:
    """Inserted leads are delivered, in order; states, changes and removals are not."""
    table = Table(recorded)
    table.put("state", "lead#a#1", "lead#a#2")
    table.put("lead#a#1", touched={"S": "again"})
    table.dynamodb.delete_item(TableName="table", Key={"pk": {"S": "a:acme"}, "sk": {"S": "lead#a#1"}})
    table.work()

    assert keys(recorded) == [["lead#a#1", "lead#a#2"]]


def test_a_change_is_delivered_once(recorded: Any) -> None:
    """What was read is not read again, and what comes later is."""
    table = Table(recorded)
    table.put("lead#a#1")
    table.work()
    table.put("lead#a#2")
    table.work()

    assert keys(recorded) == [["lead#a#1"], ["lead#a#2"]]


def test_a_cancelled_transaction_does_not_blind_the_source(recorded: Any) -> None:
    """Changes after a transaction that failed are still seen."""
    table = Table(recorded)
    table.put("lead#a#1")
    table.work()
    table.cancel_a_transaction()
    table.put("lead#a#2")
    table.work()

    assert keys(recorded) == [["lead#a#1"], ["lead#a#2"]]


def test_a_record_is_json_with_bytes_in_base64(recorded: Any) -> None:
    """A record has the shape Lambda passes: plain JSON, binary attributes in base64 at any depth."""
    table = Table(recorded)
    table.put("lead#a#1", lead={"B": b"\x00\xff"}, nested={"M": {"in": {"L": [{"B": b"1"}, {"BS": [b"2"]}]}}})
    table.work()
    (record,) = recorded.events[0]["Records"]
    image = json.loads(json.dumps(record))["dynamodb"]["NewImage"]

    assert base64.b64decode(image["lead"]["B"]) == b"\x00\xff"
    assert image["nested"]["M"]["in"]["L"] == [{"B": "MQ=="}, {"BS": ["Mg=="]}]
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:us-east-1:123456789012:table/table/stream/")
    assert record["eventSource"] == "aws:dynamodb"


def test_batches_end_at_their_size(recorded: Any) -> None:
    """More records than BatchSize are delivered in several invocations."""
    table = Table(recorded, BatchSize=2)
    table.put(*[f"lead#a#{index}" for index in range(5)])
    table.work()

    assert [len(batch) for batch in keys(recorded)] == [2, 2, 1]


def test_a_failed_batch_is_tried_again_before_the_next(recorded: Any) -> None:
    """Without bisecting the same records come again, and order is kept."""
    table = Table(recorded, BatchSize=2)
    table.put("lead#a#1", "lead#a#2", "lead#a#3")
    recorded.answers.append(ValueError("boom"))
    table.work()

    assert keys(recorded) == [["lead#a#1", "lead#a#2"], ["lead#a#1", "lead#a#2"], ["lead#a#3"]]


def test_a_reported_record_is_where_the_next_attempt_begins(recorded: Any) -> None:
    """With partial responses what stands before the lowest reported record is done."""
    table = Table(recorded, FunctionResponseTypes=["ReportBatchItemFailures"])
    table.put("lead#a#1", "lead#a#2", "lead#a#3")
    recorded.answers.append(
        lambda event: {
            "batchItemFailures": [
                {"itemIdentifier": record["dynamodb"]["SequenceNumber"]}
                for record in reversed(event["Records"][1:])
            ]
        }
    )
    table.work()

    assert keys(recorded) == [["lead#a#1", "lead#a#2", "lead#a#3"], ["lead#a#2", "lead#a#3"]]


def test_bisecting_isolates_the_record_that_fails(recorded: Any) -> None:
    """One bad record among eight is tried alone, given up after its attempts, and the others pass."""
    table = Table(recorded, BisectBatchOnFunctionError=True, MaximumRetryAttempts=2)
    table.put(*[f"lead#a#{index}" for index in range(8)])

    def bad(event: Any) -> Any:
        found = [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]]
        return ValueError("boom") if "lead#a#5" in found else None

    recorded.answers += [bad] * 50
    table.work()
    passed = [key for batch in keys(recorded) if "lead#a#5" not in batch for key in batch]
    (report,) = table.given_up()

    assert sorted(passed) == [f"lead#a#{index}" for index in range(8) if index != 5]
    assert keys(recorded).count(["lead#a#5"]) == 3
    assert report["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert report["DDBStreamBatchInfo"]["batchSize"] == 1


def test_the_stream_goes_on_after_a_batch_was_given_up(recorded: Any) -> None:
    """A batch that used up its attempts goes to the on-failure queue and blocks nobody."""
    table = Table(recorded, BatchSize=1, MaximumRetryAttempts=1)
    table.put("lead#a#1", "lead#a#2")
    recorded.answers += [ValueError("boom")] * 2
    table.work()

    assert keys(recorded) == [["lead#a#1"], ["lead#a#1"], ["lead#a#2"]]
    assert len(table.given_up()) == 1
