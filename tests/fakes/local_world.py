"""The local world behind a real HTTP server, with questions a journey asks at its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pql.adapters.dynamo_store import DynamoStore
from pql.core.keys import account_key
from pql.core.lead_message import LeadMessage, decode
from pql.dev.gateway import Request, Response
from pql.dev.server import Server
from pql.dev.world import Settings, World, client, world
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.rules.directory import rules_directory
from pql.rules.load import load

WRITE_KEY = "journey-write-key"
Answer = Callable[[Request], Response]


class LocalWorld:
    """A world, its address, and what became of what was sent there.

    `once` holds what answers the next requests instead of the front door, first come first served.
    """

    def __init__(self, made: World) -> None:
        self.world = made
        self.requests: list[Request] = []
        self.once: list[Answer] = []
        self._plan = Plan(load(rules_directory(None)))
        self._server = Server(self._answer)
        self._server.start()
        self.url = self._server.url

    def stop(self) -> None:
        """Stop the server."""
        self._server.stop()

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        return (self.once.pop(0) if self.once else self.world.answer)(request)

    def account(self, account: str) -> Account:
        """Return an account as the table holds it, once everything sent has had its effect."""
        self.world.drain()
        store = DynamoStore(client("dynamodb"), self.world.resources.ref("Table"), pause=_never)
        row = store.rows([account_key(account)]).get(account_key(account))
        return unpack(self._plan, account_key(account), row.state if row else b"")

    def signals(self, account: str) -> dict[str, Any]:
        """Return the values of the shipped rules' signals for an account."""
        values = self.account(account).values
        scope = self._plan.rules[0].scope
        return {name: values[slot.place] for name, slot in scope.signals.items()}

    def people(self, account: str) -> dict[str, int]:
        """Return how many events of each person were counted for an account."""
        return {person: one.events for person, one in self.account(account).people.items()}

    def messages(self, account: str) -> list[dict[str, Any]]:
        """Return SNS's envelopes of the leads of an account."""
        self.world.drain()
        return [one for one in self.world.published if decode(one["Message"]).account_id == account]

    def leads(self, account: str) -> list[LeadMessage]:
        """Return the leads of an account that SNS announced."""
        return [decode(one["Message"]) for one in self.messages(account)]

    def cards(self, lead: str) -> list[dict[str, Any]]:
        """Return the cards at the Slack stub that name this lead."""
        return [card for card in self.world.slack.cards if lead in json.dumps(card)]


@contextmanager
def local_world(**settings: Any) -> Iterator[LocalWorld]:
    """Run the block with a local world behind HTTP."""
    with world(Settings(write_key=WRITE_KEY, **settings)) as made:
        live = LocalWorld(made)
        try:
            yield live
        finally:
            live.stop()


def _never(_seconds: float) -> None:
    raise AssertionError("a journey's store never has to wait")
