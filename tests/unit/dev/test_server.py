"""The loopback HTTP server."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from pql.dev.gateway import PAYLOAD_LIMIT, Request, Response
from pql.dev.server import Server


class Echo:
    """An answer that keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        """Answer with the body of the request."""
        self.requests.append(request)
        return Response(200, [("X-Own", "yes"), ("Content-Type", "text/plain")], request.body)


@pytest.fixture
def echo() -> Echo:
    """An answer to watch."""
    return Echo()


@pytest.fixture
def connection(echo: Echo) -> Iterator[http.client.HTTPConnection]:
    """A connection to a server that echoes."""
    server = Server(echo)
    server.start()
    client = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    yield client
    client.close()
    server.stop()


def raw(connection: http.client.HTTPConnection, sent: bytes) -> bytes:
    """Send bytes as they are and return everything until the server closes."""
    with socket.create_connection((connection.host, connection.port), timeout=10) as plain:
        plain.sendall(sent)
        return b"".join(iter(lambda: plain.recv(65_536), b""))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods(connection: http.client.HTTPConnection, echo: Echo, method: str) -> None:
    """Every method reaches the function with path, query and body, and gets its answer."""
    connection.request(method, "/v1/track?x=1", b"body", {"X-One": "1"})
    response = connection.getresponse()

    assert (response.status, response.getheader("X-Own"), response.read()) == (200, "yes", b"body")
    assert (echo.requests[0].method, echo.requests[0].target) == (method, "/v1/track?x=1")
    assert ("X-One", "1") in echo.requests[0].headers


def test_head_has_headers_alone(connection: http.client.HTTPConnection) -> None:
    """HEAD is answered without a body, and the connection goes on."""
    connection.request("HEAD", "/health")
    first = connection.getresponse()
    first.read()
    connection.request("POST", "/", b"after")

    assert first.status == 200
    assert connection.getresponse().read() == b"after"


def test_a_connection_is_kept(connection: http.client.HTTPConnection) -> None:
    """Requests follow each other on one connection."""
    sockets = set()
    for index in range(3):
        connection.request("POST", "/", str(index).encode())
        assert connection.getresponse().read() == str(index).encode()
        sockets.add(connection.sock.getsockname())

    assert len(sockets) == 1


def test_chunked_bodies(connection: http.client.HTTPConnection, echo: Echo) -> None:
    """A body in chunks, as the Kotlin SDK sends it, arrives whole."""
    connection.request(
        "POST", "/v1/b", iter([b"first,", b"second,", b"", b"x" * 70_000]), encode_chunked=True
    )
    connection.getresponse().read()

    assert echo.requests[0].body == b"first,second," + b"x" * 70_000


def test_chunks_with_extensions_and_trailers(connection: http.client.HTTPConnection, echo: Echo) -> None:
    """Chunk extensions and trailers are read over."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    raw(connection, head + b"3;name=value\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n")

    assert [request.body for request in echo.requests] == [b"abc"]


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_broken_framing_is_refused(connection: http.client.HTTPConnection, echo: Echo, sent: bytes) -> None:
    """A request whose end cannot be known is answered 400, closed, and never handed over."""
    answered = raw(connection, sent)

    assert answered.startswith(b"HTTP/1.1 400 ")
    assert echo.requests == []


def test_a_body_above_the_limit_is_answered_as_the_gateway_does(
    connection: http.client.HTTPConnection, echo: Echo
) -> None:
    """Above 6 MB the sender hears 413 in the gateway's words, even while it is still sending."""
    connection.request("POST", "/", b"x" * (PAYLOAD_LIMIT + 1))
    response = connection.getresponse()

    assert (response.status, json.loads(response.read())) == (413, {"message": "Request Entity Too Large"})
    assert echo.requests == []


def test_only_the_loopback_interface_is_served() -> None:
    """Nobody else on the network can reach the local world."""
    server = Server(Echo())
    server.start()

    assert server.url.startswith("http://127.0.0.1:")
    assert "127.0.0.1" == server._http.server_address[0]
    server.stop()


def test_a_taken_port_is_an_error() -> None:
    """Two servers never share a port without a word."""
    server = Server(Echo())
    server.start()

    with pytest.raises(OSError, match="in use"):
        Server(Echo(), urlsplit(server.url).port or 0)
    server.stop()
