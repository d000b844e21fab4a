"""A signed webhook as the one channel of its kind: each lead is one POST, its body the lead message.

`{"current": {"url": "https://…", "secret": "whsec_…"}, "previous": ["whsec_…"]}` is the secret that says
where to, and how to sign. An empty current means that it is not set up.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pql.adapters.retry_after import retry_after
from pql.adapters.webhook_address import Resolve, Target, resolved, target
from pql.adapters.webhook_http import send
from pql.adapters.webhook_signature import signed, signing_key
from pql.core.errors import ChannelClosed, Unanswered, Unavailable, Undeliverable
from pql.core.lead_message import LeadMessage, encoded
from pql.flows.channels import Channel

NAME = "webhook"
_PERHAPS = frozenset({408, 425})
# These blame the message; any other status of the fours and threes blames the address.
_MESSAGE = frozenset({400, 413, 415, 422})


@dataclass(frozen=True)
class Webhook:
    """The `Channel` port on one address; `seconds` is the time of signing, `keys` sign, the newest first."""

    place: Target
    keys: Sequence[bytes]
    seconds: int
    resolve: Resolve = resolved
    most: int = 1
    pace: float = 0.0

    def deliver(self, messages: Sequence[LeadMessage]) -> None:
        """Send one lead; a repeat has the same `webhook-id`, by which the receiver knows it."""
        (message,) = messages
        body = encoded(message)
        headers = signed(self.keys, message.lead_id, self.seconds, body)
        kind = {"Content-Type": "application/json", "User-Agent": "pql-webhook/1"}
        answer = send(self.place, body, {**kind, **headers}, self.resolve)
        judge(answer.status, answer.retry_after)

    def delivered(self, leads: Collection[str], since: int) -> Collection[str]:
        """Return none: who receives cannot be asked, and knows a repeat by its id."""
        del leads, since
        return frozenset()


@dataclass(frozen=True)
class Webhooks:
    """The `Channels` port with one webhook in it."""

    webhook: Webhook

    def names(self, message: LeadMessage) -> Sequence[str]:
        """Return the one name there is: every lead goes there."""
        del message
        return [NAME]

    def channel(self, name: str) -> Channel:
        """Return the webhook."""
        del name
        return self.webhook


def webhooks_from(
    values: Sequence[bytes], own: Collection[str], seconds: int, resolve: Resolve = resolved
) -> Webhooks | None:
    """Return the webhook of a secret's values, current first, or nothing where none is set up.

    Raises `ChannelClosed` for what can never work. Its words never repeat a value.
    """
    if not values:
        return None
    try:
        stored = [_stored(value) for value in values]
        keys = [signing_key(one["secret"]) for one in stored if "secret" in one]
    except (ValueError, RecursionError) as error:
        raise ChannelClosed(str(error), "webhook_secret") from None
    if not stored[0].get("url"):
        return None
    if "secret" not in stored[0]:
        raise ChannelClosed("the webhook has no secret to sign with", "webhook_secret")
    return Webhooks(Webhook(target(stored[0]["url"], own), keys, seconds, resolve))


def judge(status: int, header: str | None) -> None:
    """Return for a status of the twos; raise what any other means."""
    words = f"the receiver answered {status}"
    if 200 <= status < 300:
        return
    if status == 429:
        raise Unavailable(words, retry_after(header))
    if status in _PERHAPS or status >= 500:
        raise Unanswered(words, retry_after(header))
    if status in _MESSAGE:
        raise Undeliverable(words, f"http_{status}")
    raise ChannelClosed(words, "gone" if status == 410 else f"http_{status}")


def _stored(value: bytes) -> dict[str, str]:
    """Return one value of the secret; an earlier one may be the bare signing secret."""
    text = value.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return {"secret": text}
    try:
        found = json.loads(text)
    except ValueError:
        raise ValueError("the secret is no JSON") from None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ValueError("the secret holds something else than texts")
    return {name: one.strip() for name, one in found.items() if one.strip()}
