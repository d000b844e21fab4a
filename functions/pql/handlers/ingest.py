"""The front door: HTTP in, SQS out; also the target of direct invocations."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.config import Config

from pql.adapters.secrets import SecretsManagerSecrets
from pql.adapters.sqs import CONNECT_TIMEOUT, READ_TIMEOUT, SqsQueue
from pql.core.places import finder, places_from
from pql.flows.ingest import Door
from pql.handlers.door_keeper import DoorKeeper
from pql.handlers.entry import Handler, entry


def build(
    env: Mapping[str, str],
    *,
    sqs: Any = None,
    secrets_manager: Any = None,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> Handler:
    """Return the Lambda handler, wired from `env`; clients and clocks are for tests."""
    # One attempt a call: the 4 s of the whole request are shared out where the deadline is known.
    config = Config(
        connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT, retries={"total_max_attempts": 1}
    )
    queue = SqsQueue(sqs or boto3.client("sqs", config=config), env["EVENTS_QUEUE_URL"], clock=monotonic)
    secrets = SecretsManagerSecrets(
        secrets_manager or boto3.client("secretsmanager", config=config), monotonic
    )
    places = finder(places_from(env.get("ACCOUNT_PLACES", "")))
    door = Door(queue, secrets, env["WRITE_KEY_SECRET"], env["WEBHOOK_SECRET"], places)
    namespace = env.get("POWERTOOLS_METRICS_NAMESPACE") or "pql"
    service = env.get("POWERTOOLS_SERVICE_NAME") or "ingest"
    return DoorKeeper(door, clock, monotonic, namespace=namespace, service=service)


__getattr__ = entry(build)
