"""The front door of the local world: HTTP on the loopback interface."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pql.dev.gateway import PAYLOAD_LIMIT, TOO_LARGE, Request, Response, message
from pql.dev.loopback import HOST

IDLE_SECONDS = 60
# The longest chunk-size line and trailer that is read.
LINE_LIMIT = 4_096
# What is read and dropped of a body that is too large, so that its sender hears why.
DISCARD_LIMIT = 64 * 1024 * 1024
_HEX = re.compile(rb"[0-9a-fA-F]{1,8}")

Answer = Callable[[Request], Response]


class Server:
    """An HTTP/1.1 server that gives every request to `answer`, each on a thread of its connection.

    `port` 0 takes any free one; raises `OSError` when the port is taken.
    """

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._http = _Http(answer, port)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, name="http", daemon=True
        )

    @property
    def url(self) -> str:
        """Return the address clients use."""
        return f"http://{HOST}:{self._http.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting requests; those that are being answered end by themselves."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, answer: Answer, port: int) -> None:
        self.answer = answer
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of ours and prints nothing."""


class _BadRequest(Exception):
    """Bytes that are no HTTP request."""


class _TooLarge(Exception):
    """A body above what a function may be given."""


class _Handler(BaseHTTPRequestHandler):
    """Reads a request whole, and writes what the server answers to it."""

    server: _Http
    protocol_version = "HTTP/1.1"
    server_version = "pql-dev"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = 65_536  # unbuffered, headers and body are two packets and wait for an ACK

    def serve(self) -> None:
        try:
            body = self._body()
        except _TooLarge:
            self.close_connection = True
            return self._send(TOO_LARGE)
        except _BadRequest:
            self.close_connection = True
            return self._send(message(400, "Bad Request"))
        request = Request(self.command, self.path, self.headers.items(), body, self.client_address[0])
        return self._send(self.server.answer(request))

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            raise _BadRequest
        if int(length) > PAYLOAD_LIMIT:
            self._discard(int(length))
            raise _TooLarge
        return self._exactly(int(length))

    def _discard(self, length: int) -> None:
        # A client that is still sending when the connection closes never reads the answer.
        for _ in range(min(length, DISCARD_LIMIT) // 65_536):
            self.rfile.read(65_536)

    def _chunks(self) -> bytes:
        body = b""
        while size := self._chunk_size():
            if len(body) + size > PAYLOAD_LIMIT:
                raise _TooLarge
            body += self._exactly(size)
            self._line()
        while self._line():
            pass  # trailers
        return body

    def _chunk_size(self) -> int:
        digits = self._line().split(b";")[0].strip()
        if not _HEX.fullmatch(digits):
            raise _BadRequest
        return int(digits, 16)

    def _line(self) -> bytes:
        line: bytes = self.rfile.readline(LINE_LIMIT)
        if not line.endswith(b"\n"):
            raise _BadRequest
        return line.strip()

    def _exactly(self, size: int) -> bytes:
        body: bytes = self.rfile.read(size)
        if len(body) < size:
            raise _BadRequest
        return body

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            if name.lower() not in {"content-length", "connection"}:
                self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if response.status not in {204, 304}:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD" and response.status not in {204, 304}:
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name upstream)
        """Print nothing: a query string may hold a write key."""

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve  # noqa: N815 - their names upstream
