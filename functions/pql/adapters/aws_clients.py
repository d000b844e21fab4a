"""AWS clients with bounded patience."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

# botocore's own 60 s would outlast every function; three attempts ride out a throttled second.
_CONFIG = Config(connect_timeout=1.0, read_timeout=3.0, retries={"mode": "standard", "total_max_attempts": 3})


# What a stand-in for AWS on this machine takes from somebody who has no account.
_LOCAL = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
LOCAL_REGION = "us-east-1"


def aws_client(
    service: str, *, region: str | None = None, endpoint: str | None = None, local: bool = False
) -> Any:
    """Return a client of `service` that gives up in seconds, for where the environment says if not given.

    One that is `local` needs neither a region nor credentials.
    """
    if local:
        region = region or LOCAL_REGION
    keys = _LOCAL if local else {}
    return boto3.client(service, config=_CONFIG, region_name=region, endpoint_url=endpoint, **keys)
