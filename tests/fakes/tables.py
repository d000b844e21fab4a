"""The table of template.yaml, in whatever answers as DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stack import properties

_DECLARED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


def make_table(client: Any, name: str = "pql") -> None:
    """Create the table with its indexes."""
    declared = properties("Table")
    client.create_table(TableName=name, **{key: declared[key] for key in _DECLARED})


@contextmanager
def named_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a client of moto with an empty table, which the environment names to commands."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "eu-west-1",
        "PQL_TABLE": "pql",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        make_table(client)
        yield client
