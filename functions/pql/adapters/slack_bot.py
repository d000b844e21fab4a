"""Slack by bot token: `chat.postMessage` into a channel the bot is a member of."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import urllib3

from pql.adapters.slack_answers import judge_api, judge_status
from pql.adapters.slack_http import ask, post
from pql.core.errors import Undeliverable

API = "https://slack.com/api/chat.postMessage"
# The newest 500 messages since the lead was made; who looks comes minutes after who posted.
PAGE = 50
PAGES = 10
# How far what Slack and we call the time of a card may be apart, in ms.
AROUND = 600_000
_ID = re.compile(r"[CDG][A-Z0-9]{2,}")
_log = logging.getLogger(__name__)


class SlackBot:
    """The `Chat` port on the web API; `url` was allowed by `slack_hosts.allowed`."""

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

    def posted(self, leads: Collection[str], since: int) -> Collection[str]:
        """Return those of these leads that messages of bots in the channel name, the newest first.

        None where the channel is not known by its id, or may not be read: `channels:history` is a scope
        that a bot need not have.
        """
        found: set[str] = set()
        try:
            for messages in self._history(since):
                told = [*map(json.dumps, messages)]
                found |= {lead for lead in leads if any(lead in text for text in told)}
                if len(found) == len(leads):
                    break
        except Undeliverable as error:
            _log.warning("the history of a channel cannot be read: %s", error.code)
        return found

    def replace(self, lead: str, sent: int, card: Mapping[str, Any] | None) -> bool:
        """Put `card` in the place of a lead's card, or delete it without one; return whether it was there.

        It was `sent` then (epoch ms). A digest, which tells of others too, is left as it is. Raises
        `Unavailable` and `Undeliverable`.
        """
        for messages in self._history(sent - AROUND, str((sent + AROUND) // 1000)):
            for message in messages:
                if _of_lead(message) == lead:
                    return self._put(str(message["ts"]), card)
        return False

    def _put(self, ts: str, card: Mapping[str, Any] | None) -> bool:
        place = {"channel": self._channel, "ts": ts}
        method = "chat.delete" if card is None else "chat.update"
        url = f"{self._url.rpartition('/')[0]}/{method}"
        answer = post(self._pool, url, {**(card or {}), **place}, self._token)
        judge_status(answer.status, answer.body, answer.retry_after)
        judge_api(answer.body, answer.retry_after)
        return True

    def _history(self, since: int, latest: str = "") -> Iterator[list[dict[str, Any]]]:
        """Yield what bots have said in the channel, page by page, newest first; without its id nothing."""
        cursor = ""
        for _ in range(PAGES if _ID.fullmatch(self._channel) else 0):
            page = self._page(since, cursor, latest)
            messages = page.get("messages", [])
            yield [one for one in messages if _by_bot(one)]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor or any(_is_before(one, since - AROUND) for one in messages):
                return

    def _page(self, since: int, cursor: str, latest: str) -> dict[str, Any]:
        fields = {"channel": self._channel, "include_all_metadata": "true", "limit": str(PAGE)}
        if latest:
            # Of a range without an end Slack may show what is closest to its beginning.
            fields |= {"oldest": str(since // 1000), "latest": latest}
        if cursor:
            fields["cursor"] = cursor
        url = f"{self._url.rpartition('/')[0]}/conversations.history"
        answer = ask(self._pool, url, fields, self._token)
        judge_status(answer.status, answer.body, answer.retry_after)
        return judge_api(answer.body, answer.retry_after)


def _by_bot(message: Any) -> bool:
    # A person who quotes a lead's id has not posted its card.
    return isinstance(message, dict) and bool(message.get("bot_id") or message.get("app_id"))


def _is_before(message: Any, moment: int) -> bool:
    try:
        return float(message["ts"]) * 1000 < moment
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


def _of_lead(message: Mapping[str, Any]) -> str | None:
    """Return the lead whose card a message is; none for a digest."""
    told = (message.get("metadata") or {}).get("event_payload") or {}
    return told.get("lead_id")
