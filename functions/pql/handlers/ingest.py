"""The front door: HTTP in, SQS out; also the target of direct invocations."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.config import Config

from pql.adapters import secrets as store
from pql.adapters import sqs as events
from pql.adapters.secrets import SecretsManagerSecrets
from pql.adapters.sqs import SqsQueue
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
    sqs = sqs or _client("sqs", events.CONNECT_TIMEOUT, events.READ_TIMEOUT)
    secrets_manager = secrets_manager or _client("secretsmanager", store.CONNECT_TIMEOUT, store.READ_TIMEOUT)
    queue = SqsQueue(sqs, env["EVENTS_QUEUE_URL"], clock=monotonic)
    secrets = SecretsManagerSecrets(secrets_manager, monotonic, afterwards=events.LONGEST_CALL)
    places = finder(places_from(env.get("ACCOUNT_PLACES", "")))
    door = Door(queue, secrets, env["WRITE_KEY_SECRET"], env["WEBHOOK_SECRET"], places)
    namespace = env.get("POWERTOOLS_METRICS_NAMESPACE") or "pql"
    service = env.get("POWERTOOLS_SERVICE_NAME") or "ingest"
    return DoorKeeper(door, clock, monotonic, namespace=namespace, service=service)


def _client(service: str, connect: float, read: float) -> Any:
    """Return a client of one attempt a call: the 4 s of a request are shared out by its deadline."""
    config = Config(connect_timeout=connect, read_timeout=read, retries={"total_max_attempts": 1})
    return boto3.client(service, config=config)


__getattr__ = entry(build)
