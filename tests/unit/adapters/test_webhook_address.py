"""Webhook addresses: the public internet by https, whatever the setting says and whoever answers for DNS."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from pql.adapters import webhook_address
from pql.adapters.outgoing import TIMEOUT
from pql.adapters.webhook_address import LOOKUP, Target, checked, is_public, resolved, target
from pql.adapters.webhook_http import DEADLINE, TRIES
from pql.core.errors import ChannelClosed, Unanswered, Unavailable
from pql.flows.serve import ENOUGH

OWN = frozenset({"http://127.0.0.1:8123"})


@pytest.mark.parametrize(
    ("address", "host", "port", "path"),
    [
        ("https://hooks.example.com/leads", "hooks.example.com", 443, "/leads"),
        ("https://HOOKS.example.com:443/leads?key=a%20b", "hooks.example.com", 443, "/leads?key=a%20b"),
        ("https://hooks.example.com:8443", "hooks.example.com", 8443, "/"),
        ("https://hooks.example.com?x=1", "hooks.example.com", 443, "/?x=1"),
        ("https://1.1.1.1/", "1.1.1.1", 443, "/"),
    ],
)
def test_plain_https_leads_somewhere(address: str, host: str, port: int, path: str) -> None:
    """Host, port and path as they stand; the host is looked at once it has an address."""
    assert Target(secure=True, host=host, port=port, path=path, own=False) == target(address, OWN)


def test_an_origin_of_our_own_is_called_as_it_stands() -> None:
    """What is listed in full, such as a receiver beside us, is trusted; its neighbours are not."""
    assert Target(secure=False, host="127.0.0.1", port=8123, path="/a", own=True) == target(
        "http://127.0.0.1:8123/a", OWN
    )
    with pytest.raises(ChannelClosed):
        target("http://127.0.0.1:8124/a", OWN)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.example.com/leads",
        "http://hooks.example.com/leads",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "https://",
        "https:///leads",
        "https://user@hooks.example.com/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com@127.0.0.1/",
        "https://hooks.example.com#@127.0.0.1/",
        "https://hooks.example.com/#x",
        "https://hooks.example.com\\@127.0.0.1/",
        "https:\\\\hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:80/",
        "https://hooks.example.com:6379/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:/",
        "https://hooks.example.com./",
        "https://.hooks.example.com/",
        "https://hooks.example.com/a\r\nHost: evil.example",
        "https://hooks.example.com/ a",
        " https://hooks.example.com/",
        "https://hooks.example.com\n",
        "https://hooks%2eexample.com/",
        "https://hooks\u3002example.com/",
        "https://\uff48ooks.example.com/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:8123/",
        "http://127.0.0.1:8123@evil.example/",
        "http://127.0.0.1:8123.evil.example/",
    ],
)
def test_fault_087_everything_else_is_refused(address: str) -> None:
    """Other schemes and ports, credentials, escapes and look-alikes; the error keeps the address."""
    with pytest.raises(ChannelClosed) as refusal:
        target(address, OWN)

    assert "address_refused" == refusal.value.code
    assert not address.strip() or address not in str(refusal.value)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_the_public_internet_is_public(address: str) -> None:
    """Addresses that belong to somebody may be called."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - it is refused
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.88.99.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:1.1.1.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a9fe:a9fe",
        "100::1",
        "2001::7f00:1",
        "2001:db8::1",
        "3fff::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
    ],
)
def test_fault_087_every_inner_address_is_refused(address: str) -> None:
    """Private, shared, loopback, link-local, multicast and reserved, and all these in IPv6's disguises."""
    assert not is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_fault_087_other_spellings_of_loopback_are_seen_through(host: str) -> None:
    """However a host is written, what counts is the address it stands for."""
    with pytest.raises(ChannelClosed):
        checked(resolved(host, 443))


def test_fault_087_one_inner_address_among_public_ones_is_enough() -> None:
    """A host that is in both worlds is somebody's trick."""
    with pytest.raises(ChannelClosed):
        checked(["1.1.1.1", "10.0.0.1"])
    with pytest.raises(ChannelClosed):
        checked([])


def test_a_host_without_an_address_is_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that is away proves nothing."""

    def nobody(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    with pytest.raises(Unavailable):
        resolved("hooks.example.com", 443)


def test_nobody_waits_for_a_name_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is for later, without a doubt: nobody was called. Who still asks keeps no process alive."""
    asking: list[threading.Thread] = []
    begun, enough = threading.Event(), threading.Event()

    def silent(*_: Any, **__: Any) -> list[Any]:
        asking.append(threading.current_thread())
        begun.set()
        enough.wait(5)  # so that a lookup without a deadline is a failure, and no hanging test
        return [(None, None, None, "", ("1.1.1.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    monkeypatch.setattr(webhook_address, "LOOKUP", 0.01)
    try:
        with pytest.raises(Unavailable) as outage:
            resolved("hooks.example.com", 443)
        assert begun.wait(5)
    finally:
        enough.set()

    assert not isinstance(outage.value, Unanswered)
    assert [True] == [thread.daemon for thread in asking]


def test_a_call_ends_within_what_a_run_keeps_for_it() -> None:
    """The name, addresses where nobody is, and the whole exchange with the last one."""
    assert (LOOKUP + (TRIES - 1) * float(TIMEOUT.connect_timeout or 0) + DEADLINE) * 1_000 <= ENOUGH


def test_a_lookup_that_fails_in_another_way_is_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours stays the fault it is, whichever thread it happens on."""

    def broken(*_: Any, **__: Any) -> None:
        raise TypeError("ours")

    monkeypatch.setattr(socket, "getaddrinfo", broken)

    with pytest.raises(TypeError, match="ours"):
        resolved("hooks.example.com", 443)
