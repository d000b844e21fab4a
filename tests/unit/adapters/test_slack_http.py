"""A call to Slack: the name is looked up with a deadline, and its address must prove to be the host."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import urllib3

from fakes.receiver import Receiver, Reply, self_signed
from pql.adapters import slack_http, webhook_address
from pql.adapters.outgoing import TIMEOUT
from pql.adapters.slack_http import TRIES, post
from pql.adapters.webhook_address import LOOKUP
from pql.core.errors import Unanswered, Unavailable
from pql.flows.serve import ENOUGH


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[tuple[str, int]]:
    """Let every name stand for these addresses; return what is asked."""
    asked: list[tuple[str, int]] = []

    def answers(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return addresses

    monkeypatch.setattr(slack_http, "resolved", answers)
    return asked


def test_nobody_waits_for_a_name_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither here nor in what calls for us; it is for later, and nobody can have taken anything."""
    enough = threading.Event()

    def silent(*_: Any, **__: Any) -> list[Any]:
        enough.wait(5)  # so that a lookup without a deadline is a failure, and no hanging test
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    monkeypatch.setattr(webhook_address, "LOOKUP", 0.01)
    try:
        with urllib3.PoolManager() as pool, pytest.raises(Unavailable) as outage:
            post(pool, "https://hooks.slack.com/services/T0", {})
    finally:
        enough.set()

    assert not isinstance(outage.value, Unanswered)
    assert "TimeoutError" in str(outage.value)


def test_a_call_ends_within_what_a_run_keeps_for_it() -> None:
    """The name, addresses where nobody answers, and the answer of the last one."""
    connect, read = TIMEOUT.connect_timeout, TIMEOUT.read_timeout

    assert isinstance(connect, float)
    assert isinstance(read, float)
    assert (LOOKUP + TRIES * connect + read) * 1_000 <= ENOUGH


def test_the_certificate_is_the_names_although_the_call_goes_to_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is the `Host` that is called."""
    certificate = self_signed(tmp_path, "hooks.slack.com")
    asked = names(monkeypatch, "127.0.0.1")

    with Receiver(certificate) as receiver, urllib3.PoolManager(ca_certs=str(certificate)) as pool:
        host = f"hooks.slack.com:{receiver.port}"
        answer = post(pool, f"https://{host}/services/T0", {})

    assert (200, [("hooks.slack.com", receiver.port)]) == (answer.status, asked)
    assert [("/services/T0", host)] == [(taken.path, taken.headers["Host"]) for taken in receiver.taken]


@pytest.mark.parametrize("named", ["other.example.com", "127.0.0.1"])
def test_another_certificate_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Whoever cannot prove to be Slack, by its name and not by its address, sees no card and no token."""
    certificate = self_signed(tmp_path, named)
    names(monkeypatch, "127.0.0.1")

    with (
        Receiver(certificate) as receiver,
        urllib3.PoolManager(ca_certs=str(certificate)) as pool,
        pytest.raises(Unavailable),
    ):
        post(pool, f"https://hooks.slack.com:{receiver.port}/", {}, "xoxb-1")
    assert [] == receiver.taken


def test_where_nobody_is_the_next_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, as long as each fails at once: such as those of IPv6 where there is none."""
    names(monkeypatch, "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1")

    with Receiver() as receiver, urllib3.PoolManager() as pool:
        answer = post(pool, f"http://localhost:{receiver.port}/", {})
    assert (200, 1) == (answer.status, len(receiver.taken))


def test_after_a_doubt_no_other_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may have taken the card is the last: behind all of them stands the same Slack."""
    names(monkeypatch, "127.0.0.1", "127.0.0.1")

    with Receiver() as receiver, urllib3.PoolManager() as pool:
        receiver.replies.append(Reply(trouble="drop"))
        with pytest.raises(Unanswered):
            post(pool, f"http://localhost:{receiver.port}/", {})
    assert 1 == len(receiver.taken)


def test_two_addresses_that_keep_silent_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs the whole of a timeout, and a run does not wait for ten."""
    tried: list[str] = []

    def late(_: object, __: object, address: str, *___: object) -> None:
        tried.append(address)
        raise urllib3.exceptions.ConnectTimeoutError

    names(monkeypatch, "127.0.0.2", "127.0.0.3", "127.0.0.4")
    monkeypatch.setattr(slack_http, "_sent", late)

    with urllib3.PoolManager() as pool, pytest.raises(Unavailable):
        post(pool, "http://localhost/", {})
    assert ["127.0.0.2", "127.0.0.3"] == tried
