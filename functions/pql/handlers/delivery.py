"""Delivery: what the functions that bring leads to channels do with a batch of their queue."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pql.flows.deliver import Deliver
from pql.handlers.entry import Handler
from pql.handlers.report import Report

if TYPE_CHECKING:
    from pql.flows.channels import Backlog, Channels
    from pql.flows.ports import Outbox, Redelivery


def delivery(
    outbox: Outbox,
    backlog: Backlog,
    channels: Callable[[], Channels | None],
    redelivery: Redelivery,
    *,
    unset: str,
    clock: Callable[[], float],
    pause: Callable[[float], None],
) -> Handler:
    """Return the Lambda handler of channels of one kind; all is as in `Deliver`, the clock in seconds."""
    report = Report()

    def handle(event: Any, context: Any) -> dict[str, Any]:
        deliver = Deliver(
            outbox=outbox,
            backlog=backlog,
            channels=channels,
            redelivery=redelivery,
            unset=unset,
            clock=lambda: int(clock() * 1000),
            remaining=context.get_remaining_time_in_millis,
            chance=random.random,
            pause=pause,
        )
        outcome = deliver.batch(event["Records"])
        report(outcome, context.aws_request_id)
        return outcome.partial()

    return handle
