"""Schedule to alarm topic: says which rules are blind, or fire or convert otherwise than they did."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_watch import DynamoWatch
from pql.adapters.sns import SnsTopic
from pql.engine.plan import Plan
from pql.flows.watch import Watch
from pql.handlers.entry import Handler, entry
from pql.handlers.report import Report
from pql.rules.directory import rules_directory
from pql.rules.load import load


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
    pack = load(rules_directory(env.get("RULES")))
    watch = Watch(
        DynamoWatch(dynamodb, env["TABLE"]),
        DynamoOverrides(dynamodb, env["TABLE"], pause),
        SnsTopic(sns or aws_client("sns"), env["ALARM_TOPIC_ARN"]),
        Plan(pack),
        [rule.strip() for rule in env["GUARDED_RULES"].split(",") if rule.strip()],
    )
    report = Report()

    def handle(event: Any, context: Any) -> None:
        del event  # a schedule says nothing but "now"
        report(watch.run(int(clock() * 1000), converts=bool(pack.conversions)), context.aws_request_id)

    return handle


__getattr__ = entry(build)
