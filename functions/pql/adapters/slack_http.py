"""One call to Slack, with nothing decided behind our back: no retries, no redirects, no proxies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import urllib3
from urllib3.util import Url, parse_url

from pql.adapters.outgoing import BEFORE, TIMEOUT
from pql.adapters.webhook_address import resolved
from pql.core.errors import Unanswered, Unavailable

ANSWER_LIMIT = 64 * 1024
# A page of history is 50 messages, each of up to 40,000 characters and their blocks.
HISTORY_LIMIT = 8 * 1024 * 1024
# So many addresses may cost the whole of a connect timeout; where nobody is fails at once.
TRIES = 2


class Answer(NamedTuple):
    """What came back: status, the beginning of the body, and the Retry-After header."""

    status: int
    body: bytes
    retry_after: str | None


def post(pool: urllib3.PoolManager, url: str, payload: Mapping[str, Any], token: str = "") -> Answer:
    """Send `payload` as JSON.

    Raises `Unavailable` when there is no connection and `Unanswered` when no answer comes, so that Slack
    may or may not have taken the card.
    """
    body = json.dumps(payload, separators=(",", ":")).encode()
    return _send(pool, url, body, "application/json; charset=utf-8", token, ANSWER_LIMIT)


def ask(pool: urllib3.PoolManager, url: str, fields: Mapping[str, str], token: str) -> Answer:
    """Call a method that only reads, which takes a form; raises as `post` does."""
    body = urlencode(fields).encode()
    return _send(pool, url, body, "application/x-www-form-urlencoded", token, HISTORY_LIMIT)


def _send(pool: urllib3.PoolManager, url: str, body: bytes, kind: str, token: str, limit: int) -> Answer:
    """Send `body` to the first address of the host where somebody is.

    The name is looked up here: urllib3 would wait for a silent name server without an end.
    """
    place = parse_url(url)
    # The connection is closed each time: a sandbox that was frozen between two leads finds a dead one,
    # and could not tell which of both it was.
    headers = {"Content-Type": kind, "Connection": "close", "Host": str(place.netloc)}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    late, why = 0, "nobody"
    for address in resolved(str(place.host), place.port or (443 if place.scheme == "https" else 80)):
        try:
            return _sent(pool, place, address, body, headers, limit)
        except BEFORE as error:
            # The type alone: the text of these errors holds the address, which is a secret.
            why = type(error).__name__
            late += not isinstance(error, urllib3.exceptions.NewConnectionError)
            if late == TRIES:
                break
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unanswered(f"Slack did not answer: {type(error).__name__}") from None
    raise Unavailable(f"Slack is not there: {why}")


def _sent(
    pool: urllib3.PoolManager, place: Url, address: str, body: bytes, headers: Mapping[str, str], limit: int
) -> Answer:
    """Send `body` to one address; its certificate must be the host's all the same."""
    proof = {"server_hostname": place.host, "assert_hostname": place.host}
    there = pool.connection_from_host(
        address, place.port, place.scheme, pool_kwargs=proof if place.scheme == "https" else None
    )
    response = there.urlopen(
        "POST",
        place.request_uri,
        body=body,
        headers=headers,
        timeout=TIMEOUT,
        retries=False,
        redirect=False,
        preload_content=False,
    )
    try:
        said = response.read(limit, decode_content=False)
    finally:
        response.close()
    return Answer(response.status, said, response.headers.get("Retry-After"))
