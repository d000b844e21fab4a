"""The event source mapping from a queue to a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pql.dev.function import Function
from pql.dev.gateway import PAYLOAD_LIMIT
from pql.dev.template import REGION

# What one receive call returns at most; Lambda's pollers gather larger batches from several calls.
RECEIVE_LIMIT = 10


class QueueSource:
    """Moves messages from a queue to a function and deletes what succeeded.

    What failed stays invisible until its visibility timeout ends, and the queue's redrive policy
    counts it, exactly as when deployed. The batching window is not waited for.
    """

    def __init__(self, sqs: Any, function: Function, mapping: Mapping[str, Any]) -> None:
        self._sqs = sqs
        self._arn = mapping["Queue"]
        self._url = queue_url(sqs, self._arn)
        self._function = function
        self._size = int(mapping.get("BatchSize", 10))
        self._partial = "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", [])

    def poll(self) -> bool:
        """Deliver one batch; return whether there was one."""
        messages = self._receive()
        if not messages:
            return False
        failed = self._deliver(messages)
        done = [message for message in messages if message["MessageId"] not in failed]
        for start in range(0, len(done), RECEIVE_LIMIT):
            entries = [
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(done[start : start + RECEIVE_LIMIT])
            ]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
        return True

    def _receive(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        size = 0  # synchronous payloads end somewhere, so a batch does too
        while len(messages) < self._size and size < PAYLOAD_LIMIT - RECEIVE_LIMIT * 256 * 1024:
            received = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(RECEIVE_LIMIT, self._size - len(messages)),
                WaitTimeSeconds=0,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not received:
                break
            messages += received
            size += sum(len(message["Body"]) for message in received)
        return messages

    def _deliver(self, messages: list[dict[str, Any]]) -> set[str]:
        everything = {message["MessageId"] for message in messages}
        try:
            response = self._function.invoke({"Records": [self._record(message) for message in messages]})
        except Exception as error:  # noqa: BLE001 (a function may raise anything, and the batch returns)
            self._function.failed(error)
            return everything
        if not self._partial or not response:
            return set()
        failed = {item.get("itemIdentifier") for item in response.get("batchItemFailures") or []}
        if failed - everything:
            return everything  # an identifier that is none makes Lambda return the whole batch
        return failed

    def _record(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {
                    key[0].lower() + key[1:]: value
                    for key, value in attribute.items()
                    if key in {"StringValue", "BinaryValue", "DataType"}
                }
                for name, attribute in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": REGION,
        }


def queue_url(sqs: Any, arn: str) -> str:
    """Return the address of the queue with this ARN."""
    url: str = sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
    return url
