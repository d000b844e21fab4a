"""One POST to Slack, with nothing decided behind our back: no retries, no redirects, no proxies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import urllib3

from pql.core.errors import Unavailable

TIMEOUT = urllib3.Timeout(connect=3.0, read=7.0)
ANSWER_LIMIT = 64 * 1024


class Answer(NamedTuple):
    """What came back: status, the beginning of the body, and the Retry-After header."""

    status: int
    body: bytes
    retry_after: str | None


def post(pool: urllib3.PoolManager, url: str, payload: Mapping[str, Any], token: str = "") -> Answer:
    """Send `payload` as JSON; raises `Unavailable` when no answer comes.

    Then Slack may or may not have taken the card. The connection is closed each time: a sandbox that
    was frozen between two leads finds a dead one, and could not tell which of both it was.
    """
    headers = {"Content-Type": "application/json; charset=utf-8", "Connection": "close"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        response = pool.request(
            "POST",
            url,
            body=json.dumps(payload, separators=(",", ":")).encode(),
            headers=headers,
            timeout=TIMEOUT,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = response.read(ANSWER_LIMIT, decode_content=False)
        finally:
            response.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        # The type alone: the text of these errors holds the address, which is a secret.
        raise Unavailable(f"Slack did not answer: {type(error).__name__}") from None
    return Answer(response.status, body, response.headers.get("Retry-After"))
