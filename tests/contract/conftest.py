"""Every engine with an empty table, once for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakes import engines
from fakes.changes import no_pause
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_outbox import MemoryOutbox
from pql.adapters.memory_store import MemoryStore
from pql.flows.ports import Outbox, Store


@pytest.fixture(scope="module")
def _moto() -> Iterator[Any]:
    with engines.moto() as client:
        yield client


@pytest.fixture(scope="session")
def _endpoint() -> Iterator[Any]:
    with engines.endpoint() as client:
        yield client


@pytest.fixture
def moto(_moto: Any) -> Any:
    """Return a client of moto."""
    return engines.emptied(_moto)


@pytest.fixture
def endpoint(_endpoint: Any) -> Any:
    """Return a client of the engine that the environment names."""
    return engines.emptied(_endpoint)


@pytest.fixture(params=engines.ENGINES)
def dynamodb(request: pytest.FixtureRequest) -> Any:
    """Return a client of each DynamoDB."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["memory", *engines.ENGINES])
def stores(request: pytest.FixtureRequest) -> tuple[Store, Outbox]:
    """Return each kind of store, empty, with the outbox over its leads."""
    if request.param == "memory":
        memory = MemoryStore()
        return memory, MemoryOutbox(memory.leads)
    client = request.getfixturevalue(request.param)
    return DynamoStore(client, engines.TABLE, no_pause), DynamoOutbox(client, engines.TABLE)


@pytest.fixture
def store(stores: tuple[Store, Outbox]) -> Store:
    """Return each kind of store, empty."""
    return stores[0]
