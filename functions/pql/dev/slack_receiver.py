"""A Slack of one's own: an incoming webhook on the loopback interface that keeps every card."""

from __future__ import annotations

import json
from typing import Any

from pql.dev.gateway import Request, Response
from pql.dev.server import Server

PATH = "/services/LOCAL/DEV/WEBHOOK"


class SlackReceiver:
    """Takes cards as Slack's incoming webhooks do and keeps them in `cards`, oldest first."""

    def __init__(self) -> None:
        self.cards: list[dict[str, Any]] = []
        self._server = Server(self._answer)

    @property
    def origin(self) -> str:
        """Return scheme, host and port: what the list of allowed hosts has to name."""
        return self._server.url

    @property
    def webhook_url(self) -> str:
        """Return the address to post cards to."""
        return self._server.url + PATH

    def start(self) -> None:
        """Begin to take cards."""
        self._server.start()

    def stop(self) -> None:
        """Stop taking cards."""
        self._server.stop()

    def _answer(self, request: Request) -> Response:
        plain = [("Content-Type", "text/plain")]
        if request.method != "POST" or request.target != PATH:
            return Response(404, plain, b"no_service")
        try:
            card = json.loads(request.body)
        except ValueError:
            return Response(400, plain, b"invalid_payload")
        self.cards.append(card)
        return Response(200, plain, b"ok")
