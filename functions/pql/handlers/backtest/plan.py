"""What all objects tie together to what is tied at all, and the shards that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.backtest_runs import Runs
from pql.backtest.rerun.ties import Ties
from pql.handlers.entry import Handler, entry


def build(env: Mapping[str, str], *, s3: Any = None) -> Handler:
    """Return the Lambda handler, wired from `env`; the client is for tests."""
    runs = Runs(s3 or aws_client("s3"), env["RUNS_BUCKET"])

    def handle(event: Any, context: Any) -> dict[str, list[int]]:
        del context
        run = event["run"]
        order, ties = runs.order(run), Ties()
        for part in runs.parts(run):
            ties.join(part)
        ties.tell_ids(order.conversions if isinstance(order.conversions, dict) else ())
        runs.put_ties(run, ties.pairs())
        return {"shards": [*range(order.shards)]}

    return handle


__getattr__ = entry(build)
