"""What writing costs, by the engine's own account, beside what `tests/bench/write_units.py` works out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from bench.write_units import bodies, events_of, process, run
from fakes.changes import no_pause
from fakes.tables import make_table
from pql.adapters.dynamo_store import DynamoStore
from pql.core.event import Event

pytestmark = [
    pytest.mark.artifact,
    pytest.mark.skipif("PQL_STACK" not in os.environ, reason="nothing deployed: run python3 infra rehearse"),
]
TABLE = "pql-units"
# The first hours of the busiest accounts of a busy day: a quiet hour is a hundred reads and no write.
A_DAY = 20_000
BUSIEST = 10


class Meter:
    """A DynamoDB client's writes: what each said it consumed, added up."""

    def __init__(self) -> None:
        self.client = boto3.client("dynamodb")
        self.units = 0.0
        for operation in ("UpdateItem", "TransactWriteItems"):
            self.client.meta.events.register(f"provide-client-params.dynamodb.{operation}", self._asked)
            self.client.meta.events.register(f"after-call.dynamodb.{operation}", self._answered)

    def _asked(self, params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def _answered(self, parsed: dict[str, Any], **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            self.units += one["CapacityUnits"]


@pytest.fixture
def meter() -> Iterator[Meter]:
    """Return a meter on an empty table of our own."""
    made = Meter()
    make_table(made.client, TABLE)
    yield made
    made.client.delete_table(TableName=TABLE)


@pytest.fixture(scope="module")
def busy() -> list[Event]:
    """Return a day of the live workload, of the accounts that have the most of it."""
    day = events_of([*bodies(1, A_DAY)])
    busiest = {
        account for account, _ in Counter(one.account for one in day if one.account).most_common(BUSIEST)
    }
    return [one for one in day if one.account in busiest]


@pytest.mark.parametrize(("size", "count"), [(1, 300), (100, 1_500)])
def test_the_engine_charges_what_we_work_out(
    size: int, count: int, busy: list[Event], meter: Meter, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both add up the same units over the busiest of the live workload, whatever they are charged for."""
    events = busy[:count]
    process(events, size, DynamoStore(meter.client, TABLE, no_pause))
    worked_out = run(events, size)
    with capsys.disabled():
        print(  # noqa: T201 - a figure to report
            f"\nwrite units an event of the busiest accounts in batches of {size}: "
            f"{meter.units / count:.4f} by the engine, "
            f"{worked_out.units.total() / count:.4f} worked out {dict(worked_out.units)}"
        )

    assert worked_out.units.total() == meter.units
    assert {"edition", "account", "index", "lead", "seen"} == {*worked_out.units}
    assert {"counting", "leads", "wakes"} == {*worked_out.purposes}
    assert {"write", "transaction", *(("ids", "bare") if size > 1 else ())} == {*worked_out.causes}
