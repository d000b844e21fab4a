"""Schedule to topic and table: announces the leads that the stream lost, makes those that time alone does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.sns import SnsTopic
from pql.core.errors import PqlError
from pql.engine.plan import Plan
from pql.flows.overrides import Shadowing
from pql.flows.sweep import sweep
from pql.flows.wake import Waker
from pql.handlers.entry import Handler, entry
from pql.handlers.report import Report
from pql.rules.directory import rules_directory
from pql.rules.load import load


class AccountsFailed(PqlError):
    """Accounts that could not be judged or written; the log names each."""


def build(
    env: Mapping[str, str],
    *,
    dynamodb: Any = None,
    sns: Any = None,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> Handler:
    """Return the Lambda handler, wired from `env`; clients, clock and pause are for tests.

    Raises `RulesRejected` for rules that do not load.
    """
    dynamodb = dynamodb or aws_client("dynamodb")
    outbox = DynamoOutbox(dynamodb, env["TABLE"])
    topic = SnsTopic(sns or aws_client("sns"), env["LEADS_TOPIC_ARN"])
    plan = Plan(load(rules_directory(env.get("RULES"))))
    shadowing = Shadowing(DynamoOverrides(dynamodb, env["TABLE"], pause), plan)
    waker = Waker(DynamoStore(dynamodb, env["TABLE"], pause), plan)
    report = Report()

    def now() -> int:
        return int(clock() * 1000)

    def handle(event: Any, context: Any) -> None:
        del event  # a schedule says nothing but "now"
        remaining = context.get_remaining_time_in_millis
        half = remaining() // 2  # a slow topic must not leave accounts asleep
        announced = sweep(outbox, topic, now, lambda: remaining() - half)
        report(announced, context.aws_request_id)
        if shadowing.refresh(now()):
            report.shadowed(plan.shadowed, context.aws_request_id)
        woken = waker.run(now(), remaining)
        report(woken, context.aws_request_id)
        # Raised at the end, so that the function's error alarm sees it and neither job stops the other.
        for outcome in (announced, woken):
            if outcome.stopped:
                raise outcome.stopped
        if woken.failed:
            raise AccountsFailed(f"{len(woken.failed)} account(s)")

    return handle


__getattr__ = entry(build)
