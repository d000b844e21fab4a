"""A backtest on several machines in one process: the real definition and functions over moto's S3."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from fakes.events import DAY, START, identity
from fakes.state_machine import StateMachine
from fakes.towns import delivered, town
from pql.adapters.s3_archive import S3Archive
from pql.adapters.s3_log import S3Log
from pql.core.errors import Unavailable
from pql.core.event import Event
from pql.flows.compaction import Compacted, Compaction

ROOT = Path(__file__).parents[2]
DEFINITION = (ROOT / "infra" / "backtest" / "backtest.asl.json").read_text()
PLACES = {"ArchiveBucket": "archive", "ArchivePrefix": "events/", "RunsBucket": "runs", "Partition": "aws"}
STEPS = ("Tie", "Plan", "Count", "Merge")
RULES = """
signals: {reports: {count: Report Created, within: 2d}, quiet: {days_since: Report Created}}
scores: {heat: [{points: 3, when: {signal: reports, at_least: 1}}]}
rules:
  busy: {when: {signal: reports, at_least: 2}, cooldown: 1d, title: t, reason: r}
  hot: {when: {score: heat, at_least: 3}, title: t, reason: r}
  gone: {when: {signal: quiet, at_least: 3}, title: t, reason: r}
tests:
  - {name: two, rule: busy, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: one, rule: busy, timeline: [0d Report Created], expect: silent}
  - {name: hot, rule: hot, timeline: [0d Report Created], expect: fires at 0d}
  - {name: cold, rule: hot, timeline: [0d Other], expect: silent}
  - {name: gone, rule: gone, timeline: [0d Report Created, 4d nothing], expect: fires at 3d}
  - {name: there, rule: gone, timeline: [0d Report Created, 1d nothing], expect: silent}
"""


def archived(client: Any, chance: random.Random, events: list[Event], most: int = 20) -> None:
    """Write the events as deliveries of a few leave them, of `most` at most."""
    archive = S3Archive(client, "archive")
    while events:
        number = chance.randint(1, most)
        batch, events = events[:number], events[number:]
        archive.append([("a:x", one) for one in batch], f"{batch[-1].received:013}-{chance.random()}")
    client.put_object(Bucket="archive", Key="events/notes.txt", Body=b"no events")


def towns(chance: random.Random, number: int = 5) -> list[Event]:
    """Return the deliveries of towns that know nothing of each other: each is tied together by itself."""
    return delivered(
        [
            msgspec.structs.replace(
                one,
                id=identity((name, one.id)),
                account=one.account and f"{one.account} of {name}",
                user=one.user and f"{one.user} of {name}",
                anonymous=one.anonymous and f"{one.anonymous} of {name}",
            )
            for name in range(number)
            for one in town(chance, most=60)
        ]
    )


def nothing(name: str) -> None:
    """Take no notice of which function begins."""


def machine(
    client: Any, *, batch: int = 3, breaks: int = 0, begins: Callable[[str], None] = nothing
) -> StateMachine:
    """Return the machine over the real functions; the first `breaks` invocations find no S3.

    `begins` is told the name of each function before it is invoked, and the machine's own after.
    """
    env = {"ARCHIVE_BUCKET": "archive", "ARCHIVE": "s3://archive/events/", "RUNS_BUCKET": "runs"}
    functions = {
        f"arn:{name}": import_module(f"pql.handlers.backtest.{name.lower()}").build(env, s3=client)
        for name in STEPS
    }
    broken = iter(range(breaks))

    def invoke(arn: str, payload: Any) -> Any:
        if next(broken, None) is not None:
            raise Unavailable("S3: SlowDown")
        begins(arn.removeprefix("arn:"))
        answer = json.loads(json.dumps(functions[arn](json.loads(json.dumps(payload)), None)))
        begins("Machine")
        return answer

    text = DEFINITION.replace('"MaxItemsPerBatch": 100', f'"MaxItemsPerBatch": {batch}')
    assert text != DEFINITION
    return StateMachine(text, PLACES | {f"{name}Function": f"arn:{name}" for name in STEPS}, client, invoke)


def meanwhile(states: StateMachine, happens: Callable[[list[Any]], object]) -> None:
    """Have something happen between the listing of the archive, which it is given, and the first function."""
    listed = states._read

    def read(reader: dict[str, Any]) -> list[Any]:
        items = listed(reader)
        happens(items)
        return items

    states._read = read  # type: ignore[method-assign]


def compacted(client: Any) -> Compacted:
    """Compact the archive as somebody does a year later."""
    shelf, tokens = S3Log(client, "archive"), count()
    days = [one.day for one in shelf.stored("", "")]
    compaction = Compaction(shelf, START + 400 * DAY, lambda: f"{next(tokens):04}", target=40)
    return compaction.run(min(days), max(days))
