"""What Slack's answers mean: delivered, try again later, or never.

Codes: https://docs.slack.dev/reference/methods/chat.postMessage#errors and
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
"""

from __future__ import annotations

import json
import re

from pql.core.errors import Unavailable, Undeliverable

LONGEST = 900.0
DEFAULT = 1.0
_SECONDS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,9})?(?:[eE]\+?[0-9]{1,2})?")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,63}")
_LATER_STATUS = frozenset({408, 425, 429})
_LATER_CODES = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "rollup_error",
        "service_unavailable",
        "team_added_to_org",
    }
)


def undeliverable(code: str, words: str) -> Undeliverable:
    """Return an `Undeliverable` that carries Slack's own code."""
    error = Undeliverable(f"{code}: {words}")
    error.code = code
    return error


def retry_after(header: str | None) -> float:
    """Return the seconds a Retry-After header asks for, from 1 to 900.

    A missing or malformed one is 1 s. `int()` would raise on `abc` and take `1_0`.
    """
    if header is None or not _SECONDS.fullmatch(header.strip()):
        return DEFAULT
    return min(max(float(header), DEFAULT), LONGEST)


def judge_status(status: int, body: bytes, header: str | None) -> None:
    """Return for a status of 200; raise `Unavailable` or `Undeliverable` for any other."""
    if status == 200:
        return
    named = _named(body)
    if status in _LATER_STATUS or status >= 500 or named in _LATER_CODES:
        raise Unavailable(f"Slack answered {status}", retry_after(header))
    raise undeliverable(named or f"http_{status}", f"Slack answered {status}")


def judge_api(body: bytes, header: str | None) -> None:
    """Return for `ok: true`; raise for `ok: false`, which Slack sends with a status of 200."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unavailable("Slack's answer is no JSON") from error
    if not isinstance(answer, dict):
        raise Unavailable("Slack's answer is no object")
    if answer.get("ok") is True:
        return
    code = str(answer.get("error", ""))
    if not _CODE.fullmatch(code) or code in _LATER_CODES:
        raise Unavailable(f"Slack answered {code[:64] or 'nothing known'}", retry_after(header))
    raise undeliverable(code, "Slack refused the card")


def _named(body: bytes) -> str:
    text = body[:64].decode("ascii", "replace").strip()
    return text if _CODE.fullmatch(text) else ""
