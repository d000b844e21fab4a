"""Event queue to table and archive: counts every event exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.dynamo_watch import DynamoWatch
from pql.adapters.s3_archive import S3Archive
from pql.adapters.sqs_quarantine import SqsQuarantine
from pql.core.archived import named
from pql.core.dedup import KEEP_DAYS
from pql.core.event import LATENESS_DAYS
from pql.core.window import DAY
from pql.engine.plan import Plan
from pql.flows.convert import Converter
from pql.flows.count import Counter
from pql.flows.overrides import Shadowing
from pql.flows.process import Processor
from pql.flows.witness import WitnessedArchive
from pql.handlers.entry import Handler, entry
from pql.handlers.report import Report
from pql.rules.directory import rules_directory
from pql.rules.load import load


def build(
    env: Mapping[str, str],
    *,
    dynamodb: Any = None,
    sqs: Any = None,
    s3: Any = None,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> Handler:
    """Return the Lambda handler, wired from `env`; clients, clock and pause are for tests.

    Raises `RulesRejected` for rules that do not load: a broken pack fails the init, loudly.
    """
    lateness = int(env.get("LATENESS_DAYS") or LATENESS_DAYS)
    pack = load(rules_directory(env.get("RULES")))
    dynamodb = dynamodb or aws_client("dynamodb")
    store = DynamoStore(dynamodb, env["TABLE"], pause)
    plan = Plan(pack)
    shadowing = Shadowing(DynamoOverrides(dynamodb, env["TABLE"], pause), plan)
    archive = WitnessedArchive(
        S3Archive(s3 or aws_client("s3"), env["ARCHIVE_BUCKET"]),
        DynamoWatch(dynamodb, env["TABLE"]),
        plan,
        lambda: int(clock() * 1000),
    )
    processor = Processor(
        store,
        Counter(store, plan, KEEP_DAYS, pause),
        archive,
        SqsQuarantine(sqs or aws_client("sqs"), env["QUARANTINE_QUEUE_URL"]),
        horizon=lateness * DAY,
        pause=pause,
        converter=Converter(DynamoLeads(dynamodb, env["TABLE"]), pack.conversions),
    )
    report = Report()

    def handle(event: Any, context: Any) -> dict[str, Any]:
        messages = [(record["messageId"], record["body"]) for record in event["Records"]]
        now = int(clock() * 1000)
        if shadowing.refresh(now):
            report.shadowed(plan.shadowed, context.aws_request_id)
        outcome = processor.process(
            messages,
            named(now, context.aws_request_id),  # replay reads the archive in this order
            now,
            lambda: context.get_remaining_time_in_millis() / 1000,
        )
        outcome.counts["SightingsLost"] = archive.lost()
        report(outcome, context.aws_request_id)
        return outcome.partial()

    return handle


__getattr__ = entry(build)
