"""Some objects of an archive to what they tie together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pql.adapters.archive_pieces import ArchivePieces
from pql.adapters.aws_clients import aws_client
from pql.adapters.backtest_runs import Runs
from pql.adapters.event_pieces import holds_events
from pql.adapters.event_sources import EventSource
from pql.adapters.listed_days import ListedDays
from pql.adapters.s3_pieces import piece, pieces
from pql.adapters.shard_processes import lessons
from pql.backtest.rerun.ties import Ties
from pql.handlers.entry import Handler, entry


def build(env: Mapping[str, str], *, s3: Any = None) -> Handler:
    """Return the Lambda handler, wired from `env`; the client is for tests."""
    s3 = s3 or aws_client("s3")
    bucket, runs = env["ARCHIVE_BUCKET"], Runs(s3, env["RUNS_BUCKET"])

    def handle(event: Any, context: Any) -> dict[str, int]:
        del context
        run, keys = event["BatchInput"]["run"], [one["key"] for one in event["Items"]]
        order, ties = runs.order(run), Ties()
        listed = (piece(s3, bucket, one["key"], one["size"], one["tag"]) for one in event["Items"])
        held = [one for one in listed if holds_events(one.path)]
        counted = [one for one in held if one.is_counted and one.counted_at < order.until]
        archive = ArchivePieces(ListedDays(counted, lambda prefix: pieces(s3, bucket, prefix)))
        source = EventSource([one for one in held if not one.is_counted], [archive], order.places)
        for lesson in lessons(source, order.places):
            ties.tell(lesson)
        # A name that the same objects always have: who tries again writes over what was there.
        runs.put_part(run, hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32], ties.pairs())
        return {"objects": len(keys), "pairs": len(ties.pairs())}

    return handle


__getattr__ = entry(build)
