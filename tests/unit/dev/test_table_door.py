"""The table of the local world on a port: DynamoDB for a terminal, and nothing for a browser."""

from __future__ import annotations

import json

import pytest

from fakes.tables import make_table
from pql.dev.embedded_aws import Outages
from pql.dev.gateway import Request
from pql.dev.table_door import door
from pql.dev.world import _client, client

TARGET = ("X-Amz-Target", "DynamoDB_20120810.DescribeTable")
HOST = ("Host", "127.0.0.1:8001")
BODY = json.dumps({"TableName": "pql"}).encode()
answer = door({"EventsQueue": "https://sqs/1/pql-EventsQueue", "Table": "pql"}, {"LatenessDays": "9"})


def signed(service: str) -> tuple[str, str]:
    """Return the header by which an SDK says which service it calls."""
    scope = f"local/20260101/us-east-1/{service}/aws4_request"
    return "Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def test_a_call_from_another_process_is_answered(outages: Outages) -> None:
    """Whatever account and region signed it: there is one."""
    _client.cache_clear()
    make_table(client("dynamodb"))
    anyone = ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAX/20260101/eu-west-1/dynamodb/aws4_request")
    response = answer(Request("POST", "/", [HOST, TARGET, anyone], BODY))
    with outages.of("dynamodb"):
        away = answer(Request("POST", "/", [HOST, TARGET], BODY))
    _client.cache_clear()

    assert (200, "pql") == (response.status, json.loads(response.body)["Table"]["TableName"])
    assert 503 == away.status


def test_what_dynamodb_refuses_is_refused(outages: Outages) -> None:
    """With its own error, which an SDK understands."""
    assert outages
    response = answer(Request("POST", "/", [HOST, TARGET], BODY))

    assert 400 == response.status
    assert "ResourceNotFoundException" in json.loads(response.body)["__type"]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", [HOST]),
        ("POST", [HOST]),
        ("POST", [HOST, ("X-Amz-Target", "SecretsManager.GetSecretValue")]),
        ("POST", [HOST, signed("iam")]),
        ("POST", [HOST, signed("cloudformation")]),
        ("GET", [("Host", "rebound.example:8001"), signed("s3")]),
        ("OPTIONS", [HOST, TARGET]),
        ("POST", [("Host", "rebound.example:8001"), TARGET]),
        ("POST", [TARGET]),
    ],
    ids=str,
)
def test_anything_else_is_no_call(method: str, headers: list[tuple[str, str]]) -> None:
    """Neither another service, nor a page that was led to this port by a name of its own."""
    response = answer(Request(method, "/", headers, BODY))

    assert (400, "pql dev: only the services of the stack answer here") == (
        response.status,
        json.loads(response.body)["message"],
    )


def test_the_queues_and_the_archive_answer_too(outages: Outages) -> None:
    """As SDKs call them: a queue by a header that says what to do, an object by its path."""
    _client.cache_clear()
    client("s3").create_bucket(Bucket="archive")
    client("s3").put_object(Bucket="archive", Key="events/one", Body=b"line")
    client("sqs").create_queue(QueueName="pql-EventsQueue")
    listing = ("X-Amz-Target", "AmazonSQS.ListQueues")
    body = ("Content-Type", "application/x-amz-json-1.0")
    queues = answer(Request("POST", "/", [HOST, listing, body, signed("sqs")], b"{}"))
    stored = answer(Request("GET", "/archive/events/one", [HOST, signed("s3")], b""))
    with outages.of("sqs"):
        away = answer(Request("POST", "/", [HOST, listing, body, signed("sqs")], b"{}"))
    _client.cache_clear()

    assert "pql-EventsQueue" in queues.body.decode()
    assert (200, b"line") == (stored.status, stored.body)
    assert 503 == away.status


def test_the_stack_says_what_it_is_made_of(outages: Outages) -> None:
    """Commands find its queues by their names in the template, and what was chosen for it."""
    assert outages
    made = answer(Request("POST", "/", [HOST, signed("cloudformation")], b"Action=ListStackResources&x=1"))
    chosen = answer(Request("POST", "/", [HOST, signed("cloudformation")], b"Action=DescribeStacks"))

    assert "<PhysicalResourceId>https://sqs/1/pql-EventsQueue</PhysicalResourceId>" in made.body.decode()
    assert "<ParameterValue>9</ParameterValue>" in chosen.body.decode()
