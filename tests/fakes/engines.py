"""The engines that the contract of the DynamoDB adapters is run on, beside memory.

moto in this process always; and what `PQL_DYNAMODB_ENDPOINT` names, be it ministack, DynamoDB Local or
the real one, with credentials from where every AWS client finds them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws

from fakes.tables import make_table

ENDPOINT = "PQL_DYNAMODB_ENDPOINT"
ENGINES = ("moto", "endpoint") if os.environ.get(ENDPOINT) else ("moto",)
TABLE = "pql-contract"
_CHUNK = 25  # items of one BatchWriteItem


@contextmanager
def moto() -> Iterator[Any]:
    """Yield a client of moto with the table in it."""
    # An endpoint of the environment would lead around moto.
    config = Config(ignore_configured_endpoint_urls=True)
    own = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1", config=config, **own)
        make_table(client, TABLE)
        yield client


@contextmanager
def endpoint() -> Iterator[Any]:
    """Yield a client of the engine that is named, with a table of our own that is deleted at the end.

    A table of that name that is there already is an error: what this suite finds in a table, it deletes.
    """
    region = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("dynamodb", region_name=region, endpoint_url=os.environ[ENDPOINT])
    make_table(client, TABLE)
    try:
        client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
        yield client
    finally:
        client.delete_table(TableName=TABLE)


def emptied(client: Any) -> Any:
    """Return the client, its table without items."""
    keys = [
        {"pk": item["pk"], "sk": item["sk"]}
        for page in client.get_paginator("scan").paginate(TableName=TABLE, ProjectionExpression="pk, sk")
        for item in page["Items"]
    ]
    for start in range(0, len(keys), _CHUNK):
        requests: Any = {TABLE: [{"DeleteRequest": {"Key": key}} for key in keys[start : start + _CHUNK]]}
        while requests:
            requests = client.batch_write_item(RequestItems=requests)["UnprocessedItems"]
    return client
