"""AWS in this process: moto, one call at a time, with no way out to the real one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

# Before any boto3 client exists: a client made earlier would call the real AWS.
import moto.core.botocore_stubber as stubber
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodbstreams.models import dynamodbstreams_backends

from pql.dev.quick_queues import quick_queues
from pql.dev.template import ACCOUNT, REGION, TemplateFault

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # With account-id hosts botocore calls a stream by a name that moto does not answer.
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
}
# One of these would lead a client away from moto, or to somebody's real account.
_FORBIDDEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
# What an SDK puts before the name of an operation.
DYNAMODB = "DynamoDB_20120810."
Answer = tuple[int, dict[str, str], bytes]
_lock = threading.RLock()
_only = threading.Lock()


class Outages:
    """Services that answer 503 for now, by their endpoint prefix (`sqs`, `dynamodb`, `sns`)."""

    def __init__(self) -> None:
        self.services: set[str] = set()

    @contextmanager
    def of(self, service: str) -> Iterator[None]:
        """Let every call of `service` be answered 503 inside the block."""
        self.services.add(service)
        try:
            yield
        finally:
            self.services.discard(service)


@contextmanager
def embedded_aws() -> Iterator[Outages]:
    """Run the block with every AWS call answered by moto, and yield the switch for outages.

    Calls are serialised: moto is not safe for threads (conditional writes had two winners). A
    process can hold one embedded AWS at a time; raises `RuntimeError` for a second.
    """
    if not _only.acquire(blocking=False):
        raise RuntimeError("this process has an embedded AWS already")
    try:
        with _embedded() as outages:
            yield outages
    finally:
        _only.release()


@contextmanager
def _embedded() -> Iterator[Outages]:
    outages = Outages()
    answer = stubber.BotocoreStubber.__call__

    def one_at_a_time(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        if event_name.split(".")[1] in outages.services:
            return AWSResponse(request.url, 503, {}, MockRawResponse(b""))
        with _lock:
            return answer(self, event_name, request, **kwargs)

    with (
        patch.dict(os.environ, _ENVIRONMENT),
        patch.object(stubber.BotocoreStubber, "__call__", one_at_a_time),
    ):
        for name in [*_FORBIDDEN, *(key for key in os.environ if key.startswith("AWS_ENDPOINT_URL"))]:
            os.environ.pop(name, None)
        with quick_queues(), mock_aws():
            yield outages


def dynamodb(operation: str, body: bytes) -> tuple[int, bytes]:
    """Return status and body of DynamoDB's answer to a call that came from another process.

    Whoever signed it, it is one of the local world's own.
    """
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": DYNAMODB + operation,
        "Authorization": f"AWS4-HMAC-SHA256 Credential=local/20260101/{REGION}/dynamodb/aws4_request",
    }
    request = AWSPreparedRequest("POST", f"https://dynamodb.{REGION}.amazonaws.com/", headers, body, None)
    answer: Any = botocore_stubber(f"before-send.dynamodb.{operation}", request)
    return answer.status_code, answer.content


def forwarded(service: str, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return status, headers and body of the answer of `service` to a call that came from another process."""
    request = AWSPreparedRequest(
        method, f"https://{service}.{REGION}.amazonaws.com{target}", dict(headers), body, None
    )
    answer: Any = botocore_stubber(f"before-send.{service}.Forwarded", request)
    return answer.status_code, dict(answer.headers), answer.content


def trim_stream(arn: str, count: int) -> None:
    """Drop the oldest `count` records of a table's stream, and every iterator.

    AWS drops them after a day. moto never does, and copies all records with every transaction.
    """
    table = arn.split("/")[1]
    with _lock:
        dynamodbstreams_backends[ACCOUNT][REGION].shard_iterators.clear()
        shard = dynamodb_backends[ACCOUNT][REGION].get_table(table).stream_shard
        if shard is None:
            raise TemplateFault(f"table {table} has no stream")
        del shard.items[:count]
        shard.starting_sequence_number += count
