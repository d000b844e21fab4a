"""The backlog: one contract, in memory and on DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.engines import ENGINES, TABLE
from fakes.leads import CREATED, northwind
from fakes.memory_backlog import MemoryBacklog
from pql.adapters.dynamo_backlog import PARTITION, DynamoBacklog
from pql.adapters.dynamo_pages import PAGE
from pql.core.errors import Unavailable
from pql.flows.channels import Backlog, Standby, Waiting

NOW = CREATED + 1_000


def waiting(cycle: int, created: int = CREATED, code: str = "unanswered", **changed: Any) -> Waiting:
    """Return a delivery that waits."""
    key = northwind(cycle=cycle, **changed).key
    return Waiting(created, key, code, parked=False)


@pytest.fixture(params=["memory", *ENGINES])
def backlog(request: pytest.FixtureRequest) -> Backlog:
    """Return a backlog with nothing in it."""
    if request.param == "memory":
        return MemoryBacklog()
    return DynamoBacklog(request.getfixturevalue(request.param), TABLE, lambda: NOW / 1000)


def test_nothing_stands_of_a_channel_at_first(backlog: Backlog) -> None:
    """A channel that was never in trouble neither rests nor keeps anybody waiting."""
    assert Standby(0, []) == backlog.look("slack", 10)


def test_what_waits_is_found_oldest_first(backlog: Backlog) -> None:
    """By the time of the lead, up to the limit, and of this channel alone, however alike the names."""
    young, old = waiting(1, CREATED + 1_000), waiting(2, CREATED + 999)
    for one in (young, old):
        backlog.add("slack:sales", one)
    for other in ("slack", "slack:sales#", "slack:sale", "slack:sales#waits"):
        backlog.add(other, waiting(3))

    assert Standby(0, [old, young]) == backlog.look("slack:sales", 10)
    assert Standby(0, [old]) == backlog.look("slack:sales", 1)


def test_what_waits_is_listed_once(backlog: Backlog) -> None:
    """A second reason replaces the first; crossed out is crossed out, also twice."""
    backlog.add("slack", waiting(1))
    parked = waiting(1, code="invalid_blocks")._replace(parked=True)
    backlog.add("slack", parked)

    assert [("slack", parked)] == list(backlog.every())
    for _ in range(2):
        backlog.remove("slack", parked.created, parked.key)
    assert [] == list(backlog.every())


def test_everything_that_waits_is_listed_with_its_channel(backlog: Backlog) -> None:
    """Channels that rest are no deliveries."""
    backlog.rest("slack", NOW)
    backlog.add("slack:#a b/ü", waiting(1))
    backlog.add("webhook", waiting(2, rule="a#b", account_id="Ünï #1"))

    assert [("slack:#a b/ü", waiting(1)), ("webhook", waiting(2, rule="a#b", account_id="Ünï #1"))] == list(
        backlog.every()
    )


def test_a_rest_is_never_shortened(backlog: Backlog) -> None:
    """Of two that ask for patience the longer holds."""
    backlog.rest("slack", NOW + 30)
    backlog.rest("slack", NOW + 10)
    backlog.add("slack", waiting(1))
    assert Standby(NOW + 30, [waiting(1)]) == backlog.look("slack", 1)

    backlog.rest("slack", NOW + 50)
    assert NOW + 50 == backlog.look("slack", 10).rests


def test_every_page_is_read(dynamodb: Any) -> None:
    """More deliveries than one page holds are all found."""
    backlog = DynamoBacklog(dynamodb, TABLE, lambda: NOW / 1000)
    everything = [waiting(cycle, CREATED + cycle) for cycle in range(1, PAGE + 3)]
    for one in everything:
        backlog.add("slack", one)

    assert Standby(0, everything) == backlog.look("slack", 1_000)


def test_the_items_end_by_themselves_and_look_like_no_leads(dynamodb: Any) -> None:
    """After a month nobody waits any more; the stream's filter for new leads does not see them."""
    backlog = DynamoBacklog(dynamodb, TABLE, lambda: NOW / 1000)
    backlog.add("lead#", waiting(1))
    backlog.rest("lead#", NOW)

    items = dynamodb.scan(TableName=TABLE)["Items"]
    assert {PARTITION} == {item["pk"]["S"] for item in items}
    assert {str(NOW // 1000 + 30 * 86_400)} == {item["expires"]["N"] for item in items}
    assert not [item for item in items if item["sk"]["S"].startswith("lead#")]


def test_a_table_that_is_away_is_an_outage(dynamodb: Any) -> None:
    """No answer of DynamoDB is ever taken for "nothing waits"."""
    away = DynamoBacklog(dynamodb, "elsewhere", lambda: 0.0)

    for call in (
        lambda: away.look("slack", 1),
        lambda: away.rest("slack", NOW),
        lambda: away.add("slack", waiting(1)),
        lambda: away.remove("slack", NOW, waiting(1).key),
    ):
        with pytest.raises(Unavailable):
            call()
