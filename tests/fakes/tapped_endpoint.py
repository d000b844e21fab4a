"""A wire between a function and AWS that can be cut at one call: before it arrives, or after its answer.

Requests are passed on as they are signed, so that the far end takes them for the function's own.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, NamedTuple, Self
from urllib.parse import urlsplit

When = Literal["before", "after"]


class Cut(NamedTuple):
    """What happens, once, at an operation: `strike` runs, and the caller hears no answer."""

    operation: str
    when: When
    strike: Callable[[], object]


class TappedEndpoint:
    """An AWS endpoint on the loopback in front of another; `cut` is what happens next."""

    def __init__(self, endpoint: str, certificate: str) -> None:
        self.cut: Cut | None = None
        self.calls: list[str] = []
        parts = urlsplit(endpoint)
        context = ssl.create_default_context(cafile=certificate)
        self._far = lambda: http.client.HTTPSConnection(parts.netloc, context=context, timeout=30)
        self._lock = threading.Lock()
        self._alive = threading.Event()
        self._alive.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.recover()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Return the address for `AWS_ENDPOINT_URL`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def fall_silent(self) -> None:
        """Keep every call waiting, this one and those to come, until the wire recovers."""
        self._alive.clear()
        self._alive.wait()

    def recover(self) -> None:
        """Let calls through again; those that have waited hear nothing."""
        self._alive.set()

    def strikes(self, operation: str, when: When) -> bool:
        """Return whether the wire is cut here, having done what is to be done."""
        if not self._alive.is_set():
            self._alive.wait()
            return True
        with self._lock:
            cut = self.cut
            if cut is None or (operation, when) != cut[:2]:
                return False
            self.cut = None
        cut.strike()
        return True

    def pass_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Return the far end's answer."""
        far = self._far()
        try:
            far.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                far.putheader(name, value)
            far.endheaders(body)
            answer = far.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            far.close()


def _handler(tapped: TappedEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # botocore waits for 100 Continue before it sends an object

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            operation = self.headers.get("X-Amz-Target", "").partition(".")[2] or self.command
            tapped.calls.append(operation)
            self.close_connection = True
            if tapped.strikes(operation, "before"):
                return
            unsigned = {"connection", "expect"}
            headers = {name: value for name, value in self.headers.items() if name.lower() not in unsigned}
            status, answered, content = tapped.pass_on(self.command, self.path, headers, body)
            if tapped.strikes(operation, "after"):
                return
            self.send_response(status)
            for name, value in answered.items():
                if name.lower() not in {
                    "connection",
                    "content-length",
                    "transfer-encoding",
                    "server",
                    "date",
                }:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _any  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
