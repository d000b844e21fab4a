"""The event source mapping from the table's stream to a function."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pql.dev.embedded_aws import trim_stream
from pql.dev.filters import criteria, passes
from pql.dev.function import Function
from pql.dev.queue_source import queue_url

RECORDS_LIMIT = 1_000


@dataclass
class _Batch:
    """Records that are tried together, and how often that has failed."""

    records: list[dict[str, Any]]
    failures: int = 0


class StreamSource:
    """Moves a table's changes to a function, in order, filtered as the mapping says.

    A failed batch is tried again, cut in half or at the record the function names, and goes to
    the mapping's on-failure queue when its attempts are used up. One poll is one attempt.
    """

    def __init__(self, streams: Any, sqs: Any, function: Function, mapping: Mapping[str, Any]) -> None:
        self._streams = streams
        self._sqs = sqs
        self._arn = mapping["Stream"]
        self._function = function
        self._filters = criteria(mapping)
        self._size = int(mapping.get("BatchSize", 100))
        self._partial = "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", [])
        self._bisect = mapping.get("BisectBatchOnFunctionError") is True
        self._attempts = int(mapping.get("MaximumRetryAttempts", 10_000)) + 1
        failures = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        self._on_failure = queue_url(sqs, failures) if failures else None
        self._waiting: deque[_Batch] = deque()

    def poll(self) -> bool:
        """Deliver one batch; return whether there was something to do."""
        if not self._waiting and not self._read():
            return False
        if self._waiting:
            self._attempt(self._waiting.popleft())
        return True

    def _read(self) -> bool:
        # What was read is trimmed, so the oldest record is always the next one. No iterator is kept:
        # moto replaces its shard when a transaction is cancelled, and an older one sees nothing more.
        (shard,) = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        iterator = self._streams.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = self._streams.get_records(ShardIterator=iterator, Limit=RECORDS_LIMIT)["Records"]
        trim_stream(self._arn, len(records))
        if not records:
            return False
        wanted = [shaped for record in records if passes(shaped := self._shaped(record), self._filters)]
        self._waiting.extend(_Batch(wanted[at : at + self._size]) for at in range(0, len(wanted), self._size))
        return True

    def _attempt(self, batch: _Batch) -> None:
        try:
            response = self._function.invoke({"Records": batch.records})
        except Exception as error:  # noqa: BLE001 (a function may raise anything, and the batch is tried again)
            self._function.failed(error)
            self._again(batch, cut=len(batch.records) // 2 if self._bisect else 0)
            return
        failures = (response or {}).get("batchItemFailures") or []
        if not self._partial or not failures:
            return
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch.records]
        failed = [item.get("itemIdentifier") for item in failures]
        if not set(failed) <= set(numbers):
            self._again(batch, cut=0)
            return
        # The lowest number is the checkpoint: what stands before it is done.
        batch.records = batch.records[min(numbers.index(number) for number in failed) :]
        self._again(batch, cut=0)

    def _again(self, batch: _Batch, cut: int) -> None:
        if cut:
            # Cutting in half does not use up an attempt.
            parts = batch.records[cut:], batch.records[:cut]
            self._waiting.extendleft(_Batch(part, batch.failures) for part in parts)
        elif batch.failures + 1 < self._attempts:
            self._waiting.appendleft(_Batch(batch.records, batch.failures + 1))
        else:
            self._give_up(batch, batch.failures + 1)

    def _give_up(self, batch: _Batch, invocations: int) -> None:
        if self._on_failure is None:
            return
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch.records]
        report = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": self._function.arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": invocations,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "DDBStreamBatchInfo": {
                "startSequenceNumber": numbers[0],
                "endSequenceNumber": numbers[-1],
                "batchSize": len(numbers),
                "streamArn": self._arn,
            },
        }
        self._sqs.send_message(QueueUrl=self._on_failure, MessageBody=json.dumps(report))

    def _shaped(self, record: Mapping[str, Any]) -> dict[str, Any]:
        change = dict(record["dynamodb"])
        created: datetime = change["ApproximateCreationDateTime"]
        change["ApproximateCreationDateTime"] = created.timestamp()
        for image in {"Keys", "NewImage", "OldImage"} & change.keys():
            change[image] = {name: _attribute(value) for name, value in change[image].items()}
        return {
            **{key: value for key, value in record.items() if key != "userIdentity"},
            "dynamodb": change,
            "eventSourceARN": self._arn,
        }


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a typed attribute value as Lambda writes it in JSON: bytes in base64."""
    ((kind, content),) = value.items()
    if kind == "B":
        return {kind: base64.b64encode(content).decode("ascii")}
    if kind == "BS":
        return {kind: [base64.b64encode(each).decode("ascii") for each in content]}
    if kind == "M":
        return {kind: {name: _attribute(each) for name, each in content.items()}}
    if kind == "L":
        return {kind: [_attribute(each) for each in content]}
    return {kind: content}
