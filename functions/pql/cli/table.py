"""The table that a command reads: which one, and how it is reached."""

from __future__ import annotations

import argparse
import os
from typing import Any
from urllib.parse import urlsplit

from pql.dev.loopback import LOOPBACK

NAMES = {"cloudformation": "CloudFormation", "dynamodb": "DynamoDB"}
_ANOTHER = "name yours with --stack, or with --table or PQL_TABLE (the stack's output TableName)"


def declare_table(parser: argparse.ArgumentParser) -> None:
    """Declare `--table` and `--endpoint-url`; region and credentials come as the AWS CLI finds them.

    A DynamoDB on this machine, such as that of `pql dev`, needs no credentials.
    """
    parser.add_argument(
        "--table",
        metavar="NAME",
        default=os.environ.get("PQL_TABLE"),
        help="another table than the stack's (default: $PQL_TABLE, else the stack's)",
    )
    parser.add_argument(
        "--endpoint-url",
        metavar="URL",
        type=_url,
        default=os.environ.get("PQL_ENDPOINT_URL") or None,
        help="where AWS answers, if it is not the real one (default: $PQL_ENDPOINT_URL)",
    )


def client(chosen: argparse.Namespace, service: str) -> Any:
    """Return a client for a service; raises `Unavailable` if nothing says in which region it is."""
    # Imported here: boto3 takes a second, and `pql --help` should not.
    from pql.adapters.aws_clients import aws_client  # noqa: PLC0415
    from pql.adapters.outages import naming_tables, outages  # noqa: PLC0415

    region, endpoint = os.environ.get("AWS_REGION"), chosen.endpoint_url
    local = is_here(chosen) and not is_named()
    with outages(NAMES.get(service, service)):
        made = aws_client(service, region=region, endpoint=endpoint, local=local)
    where = f"at {endpoint}" if endpoint else f"in {made.meta.region_name}"
    if service != "dynamodb":
        return made
    return naming_tables(made, lambda table: f": {table} {where}; {_ANOTHER}")


def is_here(chosen: argparse.Namespace) -> bool:
    """Return whether what answers stands on this machine, as that of `pql dev` does."""
    endpoint = chosen.endpoint_url
    return endpoint is not None and urlsplit(endpoint).hostname in LOOPBACK


def is_named() -> bool:
    """Return whether somebody has said who is asking."""
    return any(os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"))


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is no URL such as http://127.0.0.1:8001")
    return text
