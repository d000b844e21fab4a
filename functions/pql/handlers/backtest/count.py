"""All events of an archive to the course of the subjects in one shard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.backtest_runs import Runs
from pql.adapters.event_cloud import Cloud
from pql.adapters.shard_processes import course_of_shard
from pql.backtest.rerun.ties import Ties
from pql.handlers.entry import Handler, entry


def build(env: Mapping[str, str], *, s3: Any = None) -> Handler:
    """Return the Lambda handler, wired from `env`; the client is for tests."""
    archive, runs = env["ARCHIVE"], Runs(s3 or aws_client("s3"), env["RUNS_BUCKET"])

    def handle(event: Any, context: Any) -> dict[str, int]:
        del context
        run, shard = event["run"], event["shard"]
        order, ties = runs.order(run), Ties()
        ties.join(runs.ties(run))
        course = course_of_shard(order.task(archive, Cloud()), ties, shard, order.shards)
        runs.put_shard(run, shard, course)
        return {"counted": course.counted, "subjects": len(course.subjects)}

    return handle


__getattr__ = entry(build)
