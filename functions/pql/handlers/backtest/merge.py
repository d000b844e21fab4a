"""The courses of all shards to the one course that they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.backtest_runs import Runs
from pql.backtest.rerun.merged import merged
from pql.handlers.entry import Handler, entry


def build(env: Mapping[str, str], *, s3: Any = None) -> Handler:
    """Return the Lambda handler, wired from `env`; the client is for tests."""
    runs = Runs(s3 or aws_client("s3"), env["RUNS_BUCKET"])

    def handle(event: Any, context: Any) -> dict[str, str]:
        del context
        run = event["run"]
        courses = [runs.shard(run, shard) for shard in range(runs.order(run).shards)]
        return {"course": runs.put_course(run, merged(courses))}

    return handle


__getattr__ = entry(build)
