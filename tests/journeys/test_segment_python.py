"""The real segment-analytics-python package against the local world, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from segment.analytics import Client

from fakes.local_world import WRITE_KEY, LocalWorld, local_world
from pql.dev.gateway import UNAVAILABLE, Request, Response


@pytest.fixture(scope="module")
def live() -> Iterator[LocalWorld]:
    """One local world for the module; every journey has an account of its own."""
    with local_world() as made:
        yield made


@contextmanager
def sdk(live: LocalWorld, **options: Any) -> Iterator[Client]:
    """A client of the SDK that fails the test for whatever it could not deliver."""
    failures: list[Exception] = []
    client = Client(
        WRITE_KEY, host=live.url, on_error=lambda error, _batch: failures.append(error), **options
    )
    yield client
    if not options.get("sync_mode"):
        client.flush()
        client.join()

    assert failures == []


def flushed(client: Client) -> None:
    """Wait until the SDK has sent everything."""
    if not client.sync_mode:
        client.flush()


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("sync_mode", [True, False], ids=["sync", "threaded"])
def test_a_trial_account_becomes_a_lead(live: LocalWorld, *, gzip: bool, sync_mode: bool) -> None:
    """Identify, group and track calls end in right counters, one message on SNS and one card in Slack.

    Only the group call names the account: the SDK keeps no state, and later events follow their user.
    """
    account = f"northwind-{gzip}-{sync_mode}"
    ava, ben = f"ava-{account}", f"ben-{account}"
    with sdk(live, gzip=gzip, sync_mode=sync_mode) as client:
        client.identify(ava, {"name": "Ava Lindqvist", "email": "ava@northwind.example"})
        client.group(ava, account, {"name": "Northwind", "plan": "trial"})
        client.group(ben, account)
        flushed(client)
        live.world.drain()
        client.track(ava, "Integration Connected", {"integration": "salesforce"})
        client.track(ava, "Invite Sent", {"invitee_email": "ben@northwind.example"})
        client.track(ava, "Invite Sent", {"invitee_email": "chloe@northwind.example"})
        for _ in range(4):
            client.track(ben, "Report Created")
    (lead,) = live.leads(account)
    (message,) = live.messages(account)

    assert live.signals(account) == {
        "integrations": 1,
        "teammates": 2,
        "reports": 4,
        "subscriptions": 0,
    }
    assert live.people(account) == {ava: 3, ben: 4}
    assert (lead.rule, lead.score, lead.traits["plan"]) == ("activated", 60.0, "trial")
    assert {name: one["Value"] for name, one in message["MessageAttributes"].items()} == {
        "rule": "activated",
        "tier": "hot",
        "account_id": account,
        "lead_id": lead.lead_id,
        "about": "account",
    }
    assert len(live.cards(lead.lead_id)) == 1


def test_a_batch_of_250(live: LocalWorld) -> None:
    """Two hundred and fifty events in one request are counted one by one."""
    before = len(live.requests)
    with sdk(live, upload_size=250, upload_interval=3, gzip=True) as client:
        for _ in range(250):
            client.track("ava-batch", "Report Created", context={"groupId": "batch-of-250"})

    assert len(live.requests) == before + 1
    assert live.signals("batch-of-250")["reports"] == 250
    assert live.people("batch-of-250") == {"ava-batch": 250}
    assert live.leads("batch-of-250") == []


def answered_503(live: LocalWorld) -> Callable[[Request], Response]:
    """A gateway that has no function to give the request to."""
    return lambda _request: UNAVAILABLE


def without_a_queue(live: LocalWorld) -> Callable[[Request], Response]:
    """A front door whose queue is out."""

    def answer(request: Request) -> Response:
        with live.world.outages.of("sqs"):
            response = live.world.answer(request)
        assert response.status == 503
        return response

    return answer


def answer_lost(live: LocalWorld) -> Callable[[Request], Response]:
    """A front door that took the events, and an answer that did not get through."""

    def answer(request: Request) -> Response:
        assert live.world.answer(request).status == 200
        return UNAVAILABLE

    return answer


@pytest.mark.parametrize("trouble", [answered_503, without_a_queue, answer_lost])
def test_a_server_that_answers_503_first(
    live: LocalWorld, trouble: Callable[[LocalWorld], Callable[[Request], Response]]
) -> None:
    """The SDK sends the same events again, and each is counted once, whatever became of the first try."""
    account = f"retried-{trouble.__name__}"
    before = len(live.requests)
    live.once.append(trouble(live))
    with sdk(live, upload_interval=0.1) as client:
        client.group("ava", account)
        client.track("ava", "Integration Connected", context={"groupId": account})
        client.track("ava", "Invite Sent", {"invitee_email": "ben@x.example"}, context={"groupId": account})
        for _ in range(3):
            client.track("ava", "Report Created", context={"groupId": account})
    retries = [dict(request.headers).get("X-Retry-Count") for request in live.requests[before:]]

    assert len(retries) > 1
    assert live.signals(account) == {
        "integrations": 1,
        "teammates": 1,
        "reports": 3,
        "subscriptions": 0,
    }
    (lead,) = live.leads(account)
    assert len(live.cards(lead.lead_id)) == 1


def test_a_wrong_write_key_counts_nothing(live: LocalWorld) -> None:
    """The SDK hears 401, does not try again, and no event of it is counted."""
    failures: list[Any] = []
    before = len(live.requests)
    client = Client("wrong", host=live.url, on_error=lambda error, _batch: failures.append(error))
    client.track("eve", "Report Created", context={"groupId": "not-hers"})
    client.flush()
    client.join()

    assert [error.status for error in failures] == [401]
    assert len(live.requests) == before + 1
    assert live.people("not-hers") == {}
