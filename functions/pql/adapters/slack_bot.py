"""Slack by bot token: `chat.postMessage` into a channel the bot is a member of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import urllib3

from pql.adapters.slack_answers import judge_api, judge_status
from pql.adapters.slack_http import post

API = "https://slack.com/api/chat.postMessage"


class SlackBot:
    """The `Chat` port on `chat.postMessage`; `url` was allowed by `slack_hosts.allowed`."""

    name = "slack"

    def __init__(self, pool: urllib3.PoolManager, token: str, channel: str, url: str = API) -> None:
        self._pool = pool
        self._token = token
        self._channel = channel
        self._url = url

    def post(self, card: Mapping[str, Any]) -> None:
        """Deliver one card."""
        answer = post(self._pool, self._url, {**card, "channel": self._channel}, self._token)
        judge_status(answer.status, answer.body, answer.retry_after)
        judge_api(answer.body, answer.retry_after)
