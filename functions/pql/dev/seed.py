"""Plays a story through the front door, as a Segment SDK would: one batch call for each chapter."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pql.dev.stories.telling import Chapter, iso

# Long enough to read what happens, short enough to wait for.
PAUSE_SECONDS = 1.2


class StoryFault(Exception):
    """The front door did not take a part of the story."""


def play(
    url: str,
    write_key: str,
    chapters: Sequence[Chapter],
    told: Callable[[str], None],
    stopped: threading.Event,
) -> None:
    """Send the chapters one after the other to `url` and tell each, until `stopped` is set.

    Raises `StoryFault` when a chapter is not accepted.
    """
    for number, chapter in enumerate(chapters):
        if stopped.wait(PAUSE_SECONDS if number else 0):
            return
        told(chapter.says)
        calls = [{**call, "messageId": f"story-{number}-{index}"} for index, call in enumerate(chapter.calls)]
        send(url, write_key, calls)


def send(url: str, write_key: str, calls: Sequence[dict[str, Any]]) -> None:
    """Send one batch as an SDK does; raises `StoryFault` unless every call was accepted."""
    body = json.dumps({"batch": calls, "sentAt": iso(int(datetime.now(UTC).timestamp() * 1000))})
    key = base64.b64encode(f"{write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("POST", "/v1/batch", body, headers)
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status != 200 or json.loads(answer).get("rejected"):
        raise StoryFault(f"the front door answered {response.status}: {answer.decode(errors='replace')}")
