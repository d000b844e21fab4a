"""The workload every figure is measured on: bodies as sent, canonical events, and the twelve rules."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from generate_events import SEED, body, generate

from pql.core.canonical import Arrival, canonical
from pql.core.event import Event
from pql.core.places import DEFAULT_PLACES, finder
from pql.engine.plan import Plan
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

HERE = Path(__file__).parent


def bodies(days: int, events: int) -> Iterator[dict[str, Any]]:
    """Yield the workload's events as sent, in order of arrival, the same every time."""
    rnd = random.Random(SEED + 1)
    for received, (name, account, user, plan, at, message, anonymous, browser) in generate(events, days):
        yield body(rnd, browser, name, account, user, plan, at, message, anonymous, received)


def events_of(sent: list[dict[str, Any]]) -> list[Event]:
    """Return the canonical events as `ingest` would have written them at their `receivedAt`."""
    account_of = finder(DEFAULT_PLACES)
    return [
        canonical(item, index, Arrival(_ms(item["receivedAt"]), "bench", "sdk", account_of)).event
        for index, item in enumerate(sent)
    ]


def encoded(sent: list[dict[str, Any]]) -> list[bytes]:
    """Return each event as the bytes a client sends."""
    return [json.dumps(item, separators=(",", ":")).encode() for item in sent]


def twelve_rules() -> Plan:
    """Return the twelve benchmark rules, compiled."""
    return Plan(twelve_pack())


def twelve_pack() -> Pack:
    """Return the twelve benchmark rules; they carry no tests of their own."""
    path = HERE / "rules" / "twelve.yaml"
    file = RuleFile.model_validate(Source(path.name, path.read_text()).data)
    return Pack({path.name: file})


class Typed(msgspec.Struct):
    """The seven fields a fold uses, with their types checked: the floor of reading an event."""

    type: str
    event: str
    messageId: str  # noqa: N815 - as on the wire
    userId: str  # noqa: N815 - as on the wire
    timestamp: str
    receivedAt: str  # noqa: N815 - as on the wire
    context: Context


class Context(msgspec.Struct):
    """The one field of the context that a fold uses."""

    groupId: str  # noqa: N815 - as on the wire


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
