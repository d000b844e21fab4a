"""Schedule to topic: announces the leads that the stream lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.sns import SnsTopic
from pql.flows.sweep import sweep
from pql.handlers.entry import Handler, entry
from pql.handlers.report import Report


def build(
    env: Mapping[str, str], *, dynamodb: Any = None, sns: Any = None, clock: Callable[[], float] = time.time
) -> Handler:
    """Return the Lambda handler, wired from `env`; clients and the clock are for tests."""
    outbox = DynamoOutbox(dynamodb or aws_client("dynamodb"), env["TABLE"])
    topic = SnsTopic(sns or aws_client("sns"), env["LEADS_TOPIC_ARN"])
    report = Report()

    def handle(event: Any, context: Any) -> None:
        del event  # a schedule says nothing but "now"
        outcome = sweep(outbox, topic, lambda: int(clock() * 1000), context.get_remaining_time_in_millis)
        report(outcome, context.aws_request_id)
        if outcome.stopped:
            raise outcome.stopped  # so that the function's error alarm sees the outage

    return handle


__getattr__ = entry(build)
