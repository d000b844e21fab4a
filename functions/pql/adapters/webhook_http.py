"""One POST to a stranger's server: to the address that was checked, once, and no further.

No redirects, no retries, no proxies. The answer's body is not read: nothing in it matters, and who sends
a byte a second or a gigabyte gets nobody's time. Nor does who sends his headers that way: a timeout is for
one read, so the whole exchange has a deadline besides.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

import urllib3

from pql.adapters.outgoing import BEFORE, TIMEOUT
from pql.adapters.webhook_address import Resolve, Target, checked, resolved
from pql.core.errors import Unanswered, Unavailable

# Seconds from the first packet to the last header, handshake and all.
DEADLINE = 10.0
# A host with many addresses gets two chances: each may cost the whole of a connect timeout.
TRIES = 2


class Answer(NamedTuple):
    """What came back: status and Retry-After header."""

    status: int
    retry_after: str | None


def send(
    place: Target,
    body: bytes,
    headers: Mapping[str, str],
    resolve: Resolve = resolved,
    authorities: str | None = None,
) -> Answer:
    """Send `body`; the certificate must be the host's, by the usual authorities or those in a file.

    Raises `ChannelClosed` for a host that is not public, `Unavailable` when there is no connection, and
    `Unanswered` when no answer comes.
    """
    addresses = resolve(place.host, place.port)
    *others, last = (addresses if place.own else checked(addresses))[:TRIES]
    for address in others:
        try:
            return _sent(place, address, body, headers, authorities)
        except Unanswered:
            raise
        except Unavailable:
            continue
    return _sent(place, last, body, headers, authorities)


def _sent(
    place: Target, address: str, body: bytes, headers: Mapping[str, str], authorities: str | None
) -> Answer:
    try:
        with _pool(place, address, authorities) as pool, _deadline(pool, DEADLINE) as line:
            response = pool.urlopen(
                "POST",
                place.path,
                body=body,
                headers={**headers, "Host": _host(place), "Connection": "close"},
                timeout=TIMEOUT,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            response.close()
            if line.is_cut:
                # What was cut off may read like an answer that is short of a few headers.
                raise Unanswered("the receiver did not answer: too slow")
    except BEFORE as error:
        # The type alone: the text of these errors holds the address.
        raise Unavailable(f"the receiver is not there: {type(error).__name__}") from None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unanswered(f"the receiver did not answer: {type(error).__name__}") from None
    return Answer(response.status, response.headers.get("Retry-After"))


@dataclass
class _Line:
    """The connection of one exchange. `hold` is a second hand on it, for TLS takes the first one away."""

    hold: socket.socket | None = None
    is_cut: bool = False

    def cut(self) -> None:
        """End it for whoever reads or writes."""
        self.is_cut = True
        if self.hold is not None:
            with suppress(OSError):
                self.hold.shutdown(socket.SHUT_RDWR)


@contextmanager
def _deadline(pool: urllib3.HTTPConnectionPool, seconds: float) -> Iterator[_Line]:
    """Run the block with a connection of `pool` that is cut after so long."""
    line = _Line()

    class Held(pool.ConnectionCls):  # type: ignore[name-defined,misc] # plain or TLS, as the pool is
        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()
            line.hold = made.dup()
            return made

    pool.ConnectionCls = Held
    timer = threading.Timer(seconds, line.cut)
    timer.daemon = True
    timer.start()
    try:
        yield line
    finally:
        timer.cancel()
        timer.join()
        if line.hold is not None:
            line.hold.close()


def _pool(place: Target, address: str, authorities: str | None) -> urllib3.HTTPConnectionPool:
    if not place.secure:
        return urllib3.HTTPConnectionPool(address, place.port)
    return urllib3.HTTPSConnectionPool(
        address,
        place.port,
        server_hostname=place.host,
        assert_hostname=place.host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=authorities,
    )


def _host(place: Target) -> str:
    return place.host if place.port == (443 if place.secure else 80) else f"{place.host}:{place.port}"
