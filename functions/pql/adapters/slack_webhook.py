"""Slack by incoming webhook: an address that posts into one channel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import urllib3

from pql.adapters.slack_answers import judge_status
from pql.adapters.slack_http import post


class SlackWebhook:
    """The `Chat` port on an incoming webhook; `url` was allowed by `slack_hosts.allowed`."""

    def __init__(self, pool: urllib3.PoolManager, url: str) -> None:
        self._pool = pool
        self._url = url

    def post(self, card: Mapping[str, Any]) -> None:
        """Deliver one card; metadata is for bots only."""
        payload = {name: value for name, value in card.items() if name != "metadata"}
        answer = post(self._pool, self._url, payload)
        judge_status(answer.status, answer.body, answer.retry_after)

    def posted(self, leads: Collection[str], since: int) -> Collection[str]:
        """Return none: a webhook cannot look."""
        del leads, since
        return frozenset()
