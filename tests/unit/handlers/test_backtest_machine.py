"""A backtest on several machines finds what one machine does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from fakes.backtest_machine import RULES, archived, compacted, machine, meanwhile, towns
from fakes.events import DAY, START
from fakes.state_machine import Failed
from pql.adapters.backtest_runs import Order, Runs
from pql.adapters.s3_archive import S3Archive
from pql.adapters.shard_processes import sharded
from pql.backtest.course import Course
from pql.backtest.rerun.merged import merged
from pql.core.event import Event
from pql.core.window import NEVER
from pql.rules.load import parse


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client, with both buckets there."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        for bucket in ("archive", "runs"):
            client.create_bucket(Bucket=bucket)
        yield client


def ordered(shards: int, conversions: Any = ("Order Completed",), **more: Any) -> Order:
    """Return an order for the rules."""
    given = conversions if isinstance(conversions, dict) else [*conversions]
    return Order({"rules.yaml": RULES}, given, shards, 7 * DAY, **more)


def expected(order: Order) -> Course:
    """Return what one process finds."""
    days = {"begin": order.begin, "end": order.end, "until": order.until}
    return merged(
        [
            sharded(
                parse(order.rules),
                ["s3://archive/events/"],
                jobs=1,
                horizon=order.horizon,
                conversions=order.conversions,
                **days,
            )
        ]
    )


def found(client: Any, place: str) -> Course:
    """Return the course that lies at an address."""
    bucket, _, key = place.removeprefix("s3://").partition("/")
    return msgspec.json.decode(client.get_object(Bucket=bucket, Key=key)["Body"].read(), type=Course)


@pytest.mark.parametrize(
    ("order", "seed"),
    [
        (ordered(5, {"ada of 1": START + DAY, "zeta of 2": START + 3 * DAY}), 2),
        (ordered(2, begin=START + DAY, end=START + 9 * DAY), 5),
        (ordered(2, until=START + 2 * DAY), 7),
    ],
)
def test_several_machines_find_what_one_does(s3: Any, order: Order, seed: int) -> None:
    """The states of the definition, run over the real functions, come to the course of one process."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    archived(s3, chance, towns(chance))
    Runs(s3, "runs").put_order("one", order)
    states = machine(s3)
    output = states.run({"run": "one", "concurrency": 4})

    assert {"course": "s3://runs/runs/one/course.json"} == output
    assert expected(order) == found(s3, output["course"])
    assert [4, 4] == states.concurrency


def test_the_towns_are_worth_a_comparison(s3: Any) -> None:
    """There are leads, people who moved, several objects tied in parts, and subjects in several shards."""
    chance = random.Random(2)  # noqa: S311 - no secret
    archived(s3, chance, towns(chance))
    runs = Runs(s3, "runs")
    runs.put_order("one", ordered(3))
    course = found(s3, machine(s3).run({"run": "one", "concurrency": 1})["course"])

    assert course.qualified
    assert course.moved
    assert 1 < len([part for part in runs.parts("one") if part])
    assert 1 < sum(bool(runs.shard("one", shard).subjects) for shard in range(3))


def test_a_step_is_tried_again(s3: Any) -> None:
    """What S3 refuses for a while is asked for again, and comes to the same."""
    chance = random.Random(2)  # noqa: S311 - no secret
    archived(s3, chance, towns(chance))
    Runs(s3, "runs").put_order("one", ordered(2))
    output = machine(s3, breaks=5).run({"run": "one", "concurrency": 1})

    assert expected(ordered(2)) == found(s3, output["course"])


def test_objects_that_are_merged_meanwhile_are_read_where_they_are(s3: Any) -> None:
    """A compaction between the listing and the first function changes nothing of what is found."""
    chance = random.Random(3)  # noqa: S311 - no secret
    archived(s3, chance, towns(chance), most=9)
    order = ordered(2)
    before = expected(order)
    Runs(s3, "runs").put_order("one", order)
    states = machine(s3)
    gone: list[int] = []
    meanwhile(states, lambda _: gone.append(compacted(s3).gone))
    output = states.run({"run": "one", "concurrency": 1})

    assert gone[0] > 10
    assert before == found(s3, output["course"])


def test_what_is_counted_meanwhile_is_in_no_part_of_a_run(s3: Any) -> None:
    """Every function lists the archive at another moment: the order says up to which they look."""
    chance = random.Random(3)  # noqa: S311 - no secret
    events = towns(chance)
    archived(s3, chance, events[:-20])
    until = events[-21].received + 1
    order = ordered(2, until=until)
    before = expected(order)
    Runs(s3, "runs").put_order("one", order)
    states = machine(s3)
    meanwhile(states, lambda _: late(s3, events[-20:], until))
    course = found(s3, states.run({"run": "one", "concurrency": 1})["course"])

    assert before == course
    assert before != expected(msgspec.structs.replace(order, until=NEVER))


def late(client: Any, events: list[Event], at: int) -> None:
    """Write a delivery that is counted at a moment, of events that were received before it."""
    S3Archive(client, "archive").append([("a:x", one) for one in events], f"{at:013}-late")


def test_objects_that_are_gone_without_a_trace_end_the_run(s3: Any) -> None:
    """Nobody knows what they held: no figures rather than wrong ones."""
    chance = random.Random(3)  # noqa: S311 - no secret
    archived(s3, chance, towns(chance))
    Runs(s3, "runs").put_order("one", ordered(2))
    states = machine(s3)
    meanwhile(states, lambda items: s3.delete_object(Bucket="archive", Key=items[0]["Key"]))
    with pytest.raises(Failed, match="Gone"):
        states.run({"run": "one", "concurrency": 1})
