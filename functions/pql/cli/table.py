"""The table that a command reads: which one, and how it is reached."""

from __future__ import annotations

import argparse
import os
from typing import Any
from urllib.parse import urlsplit


def declare_table(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Declare `--table` and `--endpoint-url`; region and credentials come as the AWS CLI finds them.

    A table need not be named that is not `required`.
    """
    parser.add_argument(
        "--table",
        metavar="NAME",
        required=required and not os.environ.get("PQL_TABLE"),
        default=os.environ.get("PQL_TABLE"),
        help="the table of the stack, its output TableName (default: $PQL_TABLE)",
    )
    parser.add_argument(
        "--endpoint-url", metavar="URL", type=_url, help="where DynamoDB answers, if that is not AWS"
    )


def dynamodb(chosen: argparse.Namespace) -> Any:
    """Return a client for the chosen table; raises `Unavailable` if nothing says in which region it is."""
    # Imported here: boto3 takes a second, and `pql --help` should not.
    from pql.adapters.aws_clients import aws_client  # noqa: PLC0415
    from pql.adapters.outages import outages  # noqa: PLC0415

    with outages("DynamoDB"):
        return aws_client("dynamodb", region=os.environ.get("AWS_REGION"), endpoint=chosen.endpoint_url)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is no URL such as http://127.0.0.1:8001")
    return text
