"""Canonical events, made short."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from pql.core.event import Event

START = 1_735_689_600_000
HOUR = 3_600_000
DAY = 24 * HOUR


def identity(key: object) -> str:
    """Return the event id that `key` always has."""
    return hashlib.sha256(repr(key).encode()).hexdigest()[:32]


def event(
    key: object,
    name: str = "Report Created",
    *,
    at: int = 0,
    received: int | None = None,
    kind: str = "track",
    account: str | None = "acme",
    user: str | None = "ada",
    properties: dict[str, Any] | None = None,
    traits: dict[str, Any] | None = None,
    **more: Any,
) -> Event:
    """Return an event `at` ms after the start; it is received when it happens unless said otherwise."""
    time = START + at
    more.setdefault("own", time)
    return Event(
        id=identity(key),
        type=kind,
        name=name,
        received=START + received if received is not None else time,
        time=time,
        account=account,
        user=user,
        properties=msgspec.Raw(msgspec.json.encode(properties or {})),
        traits=msgspec.Raw(msgspec.json.encode(traits or {})),
        **more,
    )


def group(key: object, account: str = "acme", user: str | None = "ada", at: int = 0, **traits: Any) -> Event:
    """Return a group call."""
    return event(key, "", kind="group", at=at, account=account, user=user, traits=traits)


def identify(
    key: object, user: str | None = "ada", at: int = 0, account: str | None = None, **more: Any
) -> Event:
    """Return an identify call; keywords other than `anonymous` are traits."""
    anonymous = more.pop("anonymous", None)
    return event(
        key, "", kind="identify", at=at, account=account, user=user, traits=more, anonymous=anonymous
    )
