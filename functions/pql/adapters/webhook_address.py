"""Where leads may be sent: public addresses only, so that a setting cannot reach inside.

The name of a host proves nothing, since it may stand for any address and for another one a moment later:
what is checked is the address itself, and the one that was checked is the one that is called.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from pql.adapters.outgoing import ADDRESS
from pql.core.errors import ChannelClosed, Unavailable

PORTS = frozenset({443, 8443})
# Seconds for a name: a resolver asks a second time after five, and a run keeps time for both (`ENOUGH`).
LOOKUP = 6.0
# What is handed out to somebody; everything else in IPv6 is reserved, local, or another address in disguise.
_HANDED_OUT = ipaddress.IPv6Network("2000::/3")
# Assigned to protocols and documents; older Pythons take parts of them for public.
_ASSIGNED = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20"))
)
Resolve = Callable[[str, int], Sequence[str]]


class Target(NamedTuple):
    """Where to call: an `origin` of our `own` wherever that is, any other by its checked address."""

    secure: bool
    host: str
    port: int
    path: str
    own: bool


def target(address: str, own: Collection[str] = ()) -> Target:
    """Return where an address leads: https to port 443 or 8443, or one of our `own` origins.

    Raises `ChannelClosed`, and does not repeat the address: it may hold a secret.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise _refused("the address is no plain https address")
    scheme, host = found["scheme"], found["host"].casefold()
    port = int(found["port"] or (443 if scheme == "https" else 80))
    path = found["path"] if found["path"].startswith("/") else f"/{found['path']}"
    if address[: found.start("path")].casefold() in own:
        return Target(scheme == "https", host, port, path, own=True)
    if scheme != "https" or port not in PORTS:
        raise _refused(f"the address is not https on port {' or '.join(map(str, sorted(PORTS)))}")
    return Target(secure=True, host=host, port=port, path=path, own=False)


def resolved(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host; raises `Unavailable`, also for a name server that is silent."""
    answer: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 (raised again by `result`, on the thread that waits)
            answer.set_exception(error)

    # The system's resolver takes no timeout: a thread that it keeps is left to it, and holds up no end.
    threading.Thread(target=ask, name="lookup", daemon=True).start()
    try:
        found = answer.result(LOOKUP)
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"the host has no address: {type(error).__name__}") from None
    return list(dict.fromkeys(str(place[4][0]) for place in found))


def checked(addresses: Sequence[str]) -> Sequence[str]:
    """Return these addresses if all of them are public; raises `ChannelClosed` for one that is not."""
    if not addresses or not all(map(is_public, addresses)):
        raise _refused("the host is not on the public internet")
    return addresses


def is_public(address: str) -> bool:
    """Return whether an address belongs to somebody on the public internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False  # such as one with a scope, `fe80::1%eth0`
    if found.version == 6 and found not in _HANDED_OUT:
        return False
    special = found.is_multicast or found.is_reserved or any(found in network for network in _ASSIGNED)
    return found.is_global and not special


def _refused(words: str) -> ChannelClosed:
    return ChannelClosed(words, "address_refused")
