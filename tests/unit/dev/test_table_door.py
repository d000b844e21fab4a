"""The table of the local world on a port: DynamoDB for a terminal, and nothing for a browser."""

from __future__ import annotations

import json

import pytest

from fakes.tables import make_table
from pql.dev.embedded_aws import Outages
from pql.dev.gateway import Request
from pql.dev.table_door import answer
from pql.dev.world import _client, client

TARGET = ("X-Amz-Target", "DynamoDB_20120810.DescribeTable")
HOST = ("Host", "127.0.0.1:8001")
BODY = json.dumps({"TableName": "pql"}).encode()


def test_a_call_from_another_process_is_answered(outages: Outages) -> None:
    """Whatever account and region signed it: there is one."""
    _client.cache_clear()
    make_table(client("dynamodb"))
    signed = ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAX/20260101/eu-west-1/dynamodb/aws4_request")
    response = answer(Request("POST", "/", [HOST, TARGET, signed], BODY))
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
        ("OPTIONS", [HOST, TARGET]),
        ("POST", [("Host", "rebound.example:8001"), TARGET]),
        ("POST", [TARGET]),
    ],
    ids=str,
)
def test_anything_else_is_no_call(method: str, headers: list[tuple[str, str]]) -> None:
    """Neither another service, nor a page that was led to this port by a name of its own."""
    response = answer(Request(method, "/", headers, BODY))

    assert (400, "pql dev: only DynamoDB answers here") == (
        response.status,
        json.loads(response.body)["message"],
    )
