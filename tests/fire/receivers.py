"""What answers in the place of Slack and of a webhook, and remembers what it was told."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


class Receivers:
    """Slack's web API and the receiver of a webhook: how often each has taken a lead, by its id."""

    def __init__(self) -> None:
        self.cards = Counter[str]()
        self.posts = Counter[str]()
        self._history: list[dict[str, Any]] = []

    def __call__(self, host: str, path: str, body: bytes) -> tuple[int, str]:
        """Answer a request."""
        if host != "slack.com":
            self.posts[json.loads(body)["lead_id"]] += 1
            return 200, "ok"
        if path.endswith("conversations.history"):
            return 200, json.dumps({"ok": True, "messages": self._history})
        card = json.loads(body)
        told = card["metadata"]["event_payload"]
        self.cards.update([told["lead_id"]] if "lead_id" in told else told["lead_ids"].split())
        self._history.insert(0, {**card, "bot_id": "B1"})
        return 200, '{"ok": true, "ts": "1.2"}'
