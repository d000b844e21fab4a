"""A Slack on the loopback: takes webhooks and the bot's calls, and fails as it is told to."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qsl

WEBHOOK_PATH = "/services/T000/B000/XXXX"
API_PATH = "/api/chat.postMessage"
HISTORY_PATH = "/api/conversations.history"


@dataclass(frozen=True)
class Reply:
    """One answer: `stall` keeps silent, `reset` breaks the connection, `drop` hangs up having read.

    What was `taken` is in the channel's history all the same.
    """

    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    trouble: Literal["", "stall", "reset", "drop"] = ""
    taken: bool = False


def refused(code: str, **headers: str) -> Reply:
    """Return what the web API says of a call it refuses: `ok: false` with a status of 200."""
    return Reply(body=json.dumps({"ok": False, "error": code}), headers=headers)


def limited(retry_after: str | None) -> Reply:
    """Return a 429."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Reply(429, "rate_limited", headers)


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    card: Any


class SlackStub:
    """A server that answers `ok` unless `replies` says otherwise, in order.

    `looks` are answers to calls that look into the history, `page` is how many messages one of them gets:
    the newest first, but for a range that only has a beginning, which is told from there on.
    """

    def __init__(self, port: int = 0) -> None:
        self.replies: deque[Reply] = deque()
        self.looks: deque[Reply] = deque()
        self.page = 50
        self.history: list[Any] = []
        self.requests: list[Request] = []
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        """Return the origin to allow-list."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def webhook(self) -> str:
        """Return the address of an incoming webhook."""
        return self.origin + WEBHOOK_PATH

    @property
    def api(self) -> str:
        """Return the address of `chat.postMessage`."""
        return self.origin + API_PATH

    @property
    def cards(self) -> list[Any]:
        """Return the cards that arrived."""
        return [request.card for request in self.requests if request.path != HISTORY_PATH]

    def answer(self, request: Request) -> Reply:
        """Log `request` and return what is to be answered."""
        self.requests.append(request)
        if request.path == HISTORY_PATH:
            return self.looks.popleft() if self.looks else self._shown(request.card)
        reply = self.replies.popleft() if self.replies else Reply(taken=True)
        if reply.taken:
            self.history.insert(0, {**request.card, "bot_id": "B1"})
        return reply

    def _shown(self, asked: dict[str, str]) -> Reply:
        start = int(asked.get("cursor", "0"))
        messages = [one for one in self.history if one.get("channel", asked["channel"]) == asked["channel"]]
        if "oldest" in asked and "latest" not in asked:
            messages.reverse()
        end = start + self.page
        cursor = str(end) if end < len(messages) else ""
        page = {"ok": True, "messages": messages[start:end], "response_metadata": {"next_cursor": cursor}}
        return Reply(body=json.dumps(page))

    def wait(self) -> None:
        """Return when the stub is closed."""
        self._over.wait()


def _handler(stub: SlackStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            form = self.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
            sent = dict(parse_qsl(body.decode())) if form else json.loads(body)
            reply = stub.answer(Request(self.path, dict(self.headers), sent))
            if reply.trouble == "stall":
                stub.wait()
            if reply.trouble == "reset":
                # Closing with data unsent and no linger sends RST instead of FIN.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            if reply.trouble:
                self.close_connection = True
                return
            self._write(reply)

        def _write(self, reply: Reply) -> None:
            good = '{"ok":true,"ts":"1.2"}' if self.path == API_PATH else "ok"
            text = (good if reply.body is None else reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
