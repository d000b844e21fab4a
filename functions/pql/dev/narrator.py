"""Tells a person what the local world does: how to send events, what came of them, the cards."""

from __future__ import annotations

import json
import shlex
import shutil
from typing import Any

from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.core.lead_message import LeadMessage, decode
from pql.core.plain_words import counted as so_many
from pql.dev.console import Console
from pql.dev.world import World, client
from pql.flows.card import card_text
from pql.flows.mailbox import Depth
from pql.rules.directory import rules_directory

EXAMPLE = {"userId": "ava", "event": "Report Created", "context": {"groupId": "acme"}}
_LOUD = {"WARNING", "ERROR", "CRITICAL"}


class Narrator:
    """Writes to `console` what `world` does; `attach` it before anything happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._world: World | None = None
        self._undelivered: list[LeadMessage] = []
        self._handed_back = 0
        self.leads = 0

    def attach(self, world: World) -> None:
        """Begin to tell of `world`."""
        self._outbox = DynamoOutbox(client("dynamodb"), world.resources.ref("Table"))
        self._world = world

    def logged(self, function: str, entry: dict[str, Any] | str) -> None:
        """Show a function's log line if somebody should look at it."""
        if isinstance(entry, str):
            self._console.line(f"{function.lower()}: {entry}")
        elif entry.get("level") in _LOUD:
            said = [entry.get(part) for part in ("message", "code", "reason", "error")]
            details = [
                ": ".join(str(part) for part in said if part),
                *str(entry.get("exception", "")).splitlines(),
            ]
            self._console.line("\n  ".join([f"! {function.lower()}: {details[0]}", *details[1:]]))

    def published(self, envelope: dict[str, Any]) -> None:
        """Tell that the leads topic delivered a message."""
        lead = decode(envelope["Message"])
        self.leads += 1
        self._undelivered.append(lead)
        whose = f"{lead.subject} {lead.account_id}"
        self._console.line(f"SNS leads ← {lead.tier} lead {lead.lead_id} · {whose} · rule {lead.rule}")

    def passed(self) -> None:
        """Show the cards that Slack has taken since, and the state of things."""
        if self._world is None:
            return
        for lead in [lead for lead in self._undelivered if self._delivered(lead)]:
            self._undelivered.remove(lead)
            named = "".join(f" #{channel.removeprefix('#')}" for channel in lead.channels)
            self._console.line(f"Slack{named} ←\n{card_text(lead, width=self._console.columns)}")
        # In this order: what is accepted in between is still in the queue, or not in the line yet.
        accepted, counted = self._events()
        depth = self._world.depth()
        if depth.in_flight and not self._handed_back:
            what = so_many(depth.in_flight, "message")
            after = f"after a while (events: {self._world.patience()} s)"
            self._console.line(f"{what} handed back: tried again {after}, as on AWS")
        self._handed_back = depth.in_flight
        settled = depth.waiting == 0 and counted <= accepted and not self._undelivered
        self._console.progress(self._line(accepted, counted, depth), settled=settled)

    def summary(self) -> str:
        """Return the state of things in one line."""
        return self._line(*self._events(), self._world.depth() if self._world else Depth(0, 0, 0))

    def _events(self) -> tuple[int, int]:
        """Return how many events were accepted and counted."""
        metrics = self._world.logs.metrics if self._world else {}
        return int(metrics.get("EventsAccepted", 0)), int(metrics.get("EventsCounted", 0))

    def _line(self, accepted: int, counted: int, depth: Depth) -> str:
        # A message may be counted before the metric of its acceptance is written.
        accepted = max(accepted, counted)
        late = f" · {self._late()} too late" if self._late() else ""
        tries = f" · {depth.in_flight} wait for another try" if depth.in_flight else ""
        events = f"events {accepted} accepted · {counted} counted{late}"
        return f"{events} · leads {self.leads} · queue {depth.waiting}{tries}"

    def _late(self) -> int:
        return int(self._world.logs.metrics.get("EventsLate", 0)) if self._world else 0

    def _delivered(self, lead: LeadMessage) -> bool:
        record = self._outbox.lead(lead.key)
        return record is not None and bool(record.sent)


def welcome(url: str, tables: str, world: World, *, seeded: bool) -> str:
    """Return what a newcomer has to know, with commands that work as they stand.

    `url` is the front door's, `tables` where DynamoDB answers.
    """
    key = world.settings.write_key
    rules = rules_directory(world.functions["Process"].env["RULES"])
    curl = " ".join(
        [
            f"curl -u {shlex.quote(key + ':')} {url}/v1/track",
            f"-H 'Content-Type: application/json' -d {shlex.quote(json.dumps(EXAMPLE))}",
        ]
    )
    slack = (
        "here, in this terminal" if world.settings.slack_webhook is None else "posted to your Slack webhook"
    )
    own = world.settings.rules
    judged = f" --rules {shlex.quote(str(own))}" if own else ""
    named = ", ".join(f"#{channel}" for channel in world.channels)
    lines = [
        "pql dev: the whole engine in this process, from template.yaml, without an AWS account",
        "",
        f"  URL         {url}",
        f"  write key   {key}",
        f"  webhooks    {url}/webhooks/segment  (shared secret {world.settings.webhook_secret})",
        f"  rules       {rules}",
        f"  cards       {slack}" + (f", those for {named} as well" if named else ""),
        "",
        "Send an event:",
        "",
        f"  {curl}",
        "",
        "or, with segment-analytics-python:",
        "",
        "  from segment.analytics import Client",
        f"  client = Client({key!r}, host={url!r})",
        "  client.track('ava', 'Report Created', context={'groupId': 'acme'})",
        "  client.flush()",
        "",
        "Ask what has become of it, and which leads there are, in another terminal:",
        "",
        f"  export PQL_TABLE={world.resources.ref('Table')} PQL_ENDPOINT_URL={tables}",
        f"  {called()} explain acme{judged}",
        f"  {called()} lead list",
        "",
        "Ctrl-C stops it." + (" Meanwhile, a story (--no-seed leaves it out):" if seeded else ""),
        "",
    ]
    return "\n".join(lines)


def called() -> str:
    """Return how to call pql where nobody has activated its environment: this was started by infra then."""
    return "pql" if shutil.which("pql") else "python3 infra pql"
