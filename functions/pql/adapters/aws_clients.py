"""AWS clients with bounded patience."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

# botocore's own 60 s would outlast every function; three attempts ride out a throttled second.
_CONFIG = Config(connect_timeout=1.0, read_timeout=3.0, retries={"mode": "standard", "total_max_attempts": 3})


def aws_client(service: str, *, region: str | None = None, endpoint: str | None = None) -> Any:
    """Return a client of `service` that gives up in seconds, for where the environment says if not given."""
    return boto3.client(service, config=_CONFIG, region_name=region, endpoint_url=endpoint)
