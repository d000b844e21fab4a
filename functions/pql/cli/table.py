"""The table that a command reads: which one, and how it is reached."""

from __future__ import annotations

import argparse
import os
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def declare_table(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Declare `--table` and `--endpoint-url`; region and credentials come as the AWS CLI finds them.

    A table need not be named that is not `required`. A DynamoDB on this machine, such as that of `pql dev`,
    needs no credentials.
    """
    parser.add_argument(
        "--table",
        metavar="NAME",
        required=required and not os.environ.get("PQL_TABLE"),
        default=os.environ.get("PQL_TABLE"),
        help="the table of the stack, its output TableName (default: $PQL_TABLE)",
    )
    parser.add_argument(
        "--endpoint-url",
        metavar="URL",
        type=_url,
        default=os.environ.get("PQL_ENDPOINT_URL") or None,
        help="where AWS answers, if it is not the real one (default: $PQL_ENDPOINT_URL)",
    )


def dynamodb(chosen: argparse.Namespace) -> Any:
    """Return a client for the chosen table; raises `Unavailable` if nothing says in which region it is."""
    return client(chosen, "dynamodb")


def client(chosen: argparse.Namespace, service: str) -> Any:
    """Return a client for a service where the chosen table is; raises `Unavailable` as `dynamodb` does."""
    # Imported here: boto3 takes a second, and `pql --help` should not.
    from pql.adapters.aws_clients import aws_client  # noqa: PLC0415
    from pql.adapters.outages import outages  # noqa: PLC0415

    region, endpoint = os.environ.get("AWS_REGION"), chosen.endpoint_url
    with outages("DynamoDB" if service == "dynamodb" else service):
        return aws_client(service, region=region, endpoint=endpoint, local=_is_local(endpoint))


def _is_local(endpoint: str | None) -> bool:
    """Return whether DynamoDB answers on this machine, and nobody has said who is asking."""
    named = any(os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"))
    return endpoint is not None and urlsplit(endpoint).hostname in LOOPBACK and not named


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is no URL such as http://127.0.0.1:8001")
    return text
