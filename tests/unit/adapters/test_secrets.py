"""A secret is read rarely, survives its store's bad days, and is never mistaken for an empty one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from pql.adapters.secrets import FRESH, LONGEST_READ, REFRESH_EVERY, STALE, SecretsManagerSecrets
from pql.core.errors import Unavailable

GOOD = json.dumps({"current": "new", "previous": ["old"]})


class Store:
    """A Secrets Manager client whose answer can be changed, and takes `takes` seconds."""

    def __init__(self, answer: Any = GOOD) -> None:
        self.answer = answer
        self.takes = 0.0
        self.reads = 0
        self.now = 1_000.0

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        """Return the answer, or raise it."""
        self.reads += 1
        self.now += self.takes
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"SecretString": self.answer} if self.answer is not None else {"SecretBinary": b"x"}

    def secrets(self, **how: Any) -> SecretsManagerSecrets:
        """Return the port on this store and its clock."""
        return SecretsManagerSecrets(self, lambda: self.now, **how)


DOWN = EndpointConnectionError(endpoint_url="https://secretsmanager.example")
HANGS = ReadTimeoutError(endpoint_url="https://secretsmanager.example")
MALFORMED = [
    "",
    "   ",
    "null",
    "[]",
    "plain text",
    '"text"',
    "{}",
    '{"current": ""}',
    '{"current": "   "}',
    '{"current": null}',
    '{"current": 7}',
    '{"current": ["a"]}',
    '{"current": {}}',
    '{"previous": ["old"]}',
    '{"current": "a", "previous": "b"}',
    '{"current": "a", "previous": [7]}',
    "[" * 100_000,
    None,
]


def test_current_and_previous_are_valid_current_first() -> None:
    """During a rotation both values count."""
    assert (b"new", b"old") == Store().secrets().values("s")


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ('{"current": "a"}', (b"a",)),
        ('{"current": "a", "previous": null}', (b"a",)),
        ('{"current": " a\\n", "previous": ["", " ", "b "]}\n', (b"a", b"b")),
        ('{"current": "é"}', ("é".encode(),)),
        ('{"current": {"webhook_url": "https://x"}}', (b'{"webhook_url": "https://x"}',)),
    ],
)
def test_a_secret_is_read_without_what_a_console_adds(stored: str, expected: tuple[bytes, ...]) -> None:
    """White space around a value is no part of it, and an object is its JSON text."""
    assert expected == Store(stored).secrets().values("s")


@pytest.mark.parametrize("stored", MALFORMED)
def test_fault_026_a_malformed_secret_is_our_trouble_not_the_clients(stored: str | None) -> None:
    """Nonsense in the store is `Unavailable`, never no secret and never an empty one."""
    with pytest.raises(Unavailable):
        Store(stored).secrets().values("s")


@pytest.mark.parametrize(
    "stored", [*MALFORMED, DOWN, ClientError({"Error": {"Code": "X"}}, "GetSecretValue")]
)
def test_fault_026_027_the_last_good_value_serves(stored: Any) -> None:
    """A store that goes away or bad after a good read is not noticed by any client for a day."""
    store = Store()
    secrets = store.secrets()
    secrets.values("s")
    store.answer = stored
    for later in (FRESH, 3_600, STALE - FRESH - 3_601):
        store.now += later

        assert (b"new", b"old") == secrets.values("s")


def test_fault_027_after_a_day_the_last_good_value_is_too_old() -> None:
    """A secret nobody could read for 24 hours is trusted no longer."""
    store = Store()
    secrets = store.secrets()
    secrets.values("s")
    store.answer = DOWN
    store.now += 24 * 3_600
    with pytest.raises(Unavailable):
        secrets.values("s")


@pytest.mark.parametrize(
    "stored", ['{"current": ""}', '{"current": {}}', '{"current": null, "previous": []}']
)
def test_an_optional_secret_may_be_blank(stored: str) -> None:
    """Where a channel need not be set up, a blank value says that it is not."""
    assert () == Store(stored).secrets(optional=True).values("s")


def test_a_value_is_read_once_in_five_minutes() -> None:
    """Requests do not each cost a call."""
    store = Store()
    secrets = store.secrets()
    for _ in range(10):
        secrets.values("s")
        store.now += 300 / 10 - 0.01

    assert 1 == store.reads
    store.now += 1
    secrets.values("s")
    assert 2 == store.reads


def test_a_refresh_is_forced_at_most_every_thirty_seconds() -> None:
    """A flood of wrong keys does not reach the store."""
    store = Store()
    secrets = store.secrets()
    secrets.values("s")
    store.now += 30
    store.answer = '{"current": "newer"}'

    assert [(b"newer",)] * 5 == [secrets.refresh("s") for _ in range(5)]
    assert 2 == store.reads


def test_a_store_that_is_down_is_not_asked_by_every_request() -> None:
    """While the last good value serves, the store is tried every five minutes only."""
    store = Store()
    secrets = store.secrets()
    secrets.values("s")
    store.answer = DOWN
    store.now += FRESH
    for _ in range(10):
        secrets.values("s")
        store.now += FRESH / 10 - 0.01

    assert 2 == store.reads
    store.now += 1
    secrets.values("s")
    assert 3 == store.reads


def test_fault_027_a_store_that_hangs_leaves_the_queue_its_time() -> None:
    """The last good value serves without a try that would not end before what comes after the secret."""
    store = Store()
    secrets = store.secrets(afterwards=2.5)
    secrets.values("s")
    store.now += FRESH
    store.answer, store.takes = HANGS, LONGEST_READ
    deadline = store.now + LONGEST_READ + 2.5

    assert (b"new", b"old") == secrets.values("s", deadline - 0.01)
    assert 1 == store.reads
    assert (b"new", b"old") == secrets.values("s", deadline)
    assert (2, deadline - 2.5) == (store.reads, store.now)


@pytest.mark.parametrize("ask", ["values", "refresh"])
def test_fault_027_no_read_outlasts_its_deadline(ask: str) -> None:
    """Where nothing is cached, or a wrong key forces a look, it begins while it can still fail in time."""
    store = Store()
    secrets = store.secrets(afterwards=2.5)
    if ask == "refresh":
        secrets.values("s")
        store.now += REFRESH_EVERY
    before = store.reads
    with pytest.raises(Unavailable):
        getattr(secrets, ask)("s", store.now + LONGEST_READ - 0.01)

    assert before == store.reads
    assert (b"new", b"old") == getattr(secrets, ask)("s", store.now + LONGEST_READ)


def test_names_are_cached_apart() -> None:
    """One secret's cache is not the other's."""
    store = Store()
    secrets = store.secrets()
    secrets.values("a")
    store.answer = '{"current": "other"}'

    assert ((b"new", b"old"), (b"other",)) == (secrets.values("a"), secrets.values("b"))
