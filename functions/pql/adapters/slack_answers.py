"""What Slack's answers mean: delivered, perhaps, later, not this card, or nothing at all.

Codes: https://docs.slack.dev/reference/methods/chat.postMessage#errors and
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
`docs/leads.md` has the table.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pql.adapters.retry_after import retry_after
from pql.core.errors import ChannelClosed, Unanswered, Unavailable, Undeliverable

_CODE = re.compile(r"[a-z][a-z0-9_]{1,63}")
# Slack has not done it, and will.
LATER = frozenset({"accesslimited", "rate_limited", "ratelimited", "rollup_error", "team_added_to_org"})
# "Some aspect of the operation may have succeeded", as Slack says of the first two.
PERHAPS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
# Every other card would be refused for the same reason, until somebody repairs it.
CLOSED = frozenset(
    {
        *("access_denied", "account_inactive", "action_prohibited", "as_user_not_supported"),
        *("channel_is_archived", "channel_not_found", "channel_type_not_supported", "ekm_access_denied"),
        *("enterprise_is_restricted", "invalid_auth", "invalid_token", "is_archived", "is_inactive"),
        *("messages_tab_disabled", "method_deprecated", "missing_scope", "no_active_hooks", "no_permission"),
        *("no_service", "no_service_id", "no_team", "not_allowed_token_type", "not_authed"),
        *("not_in_channel", "org_login_required", "posting_to_general_channel_denied"),
        *("restricted_action", "restricted_action_non_threadable_channel"),
        *("restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
        *("team_access_not_granted", "team_disabled", "team_not_found", "token_expired", "token_revoked"),
        *("two_factor_setup_required", "user_not_found", "user_not_in_channel"),
    }
)
_LATER_STATUS = frozenset({429})
_PERHAPS_STATUS = frozenset({408, 425})
# These blame the request itself; any other status of the fours and threes blames the address.
_CARD_STATUS = frozenset({400, 413, 422})


def judge_status(status: int, body: bytes, header: str | None) -> None:
    """Return for a status of 200; raise what any other means."""
    if status == 200:
        return
    named, words = _named(body), f"Slack answered {status}"
    if status in _LATER_STATUS or named in LATER:
        raise Unavailable(words, retry_after(header))
    if status in _PERHAPS_STATUS or status >= 500 or named in PERHAPS:
        raise Unanswered(words, retry_after(header))
    if named in CLOSED or status not in _CARD_STATUS:
        raise ChannelClosed(words, named or f"http_{status}")
    raise Undeliverable(words, named or f"http_{status}")


def judge_api(body: bytes, header: str | None) -> dict[str, Any]:
    """Return an answer of `ok: true`; raise for `ok: false`, which Slack sends with a status of 200."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unanswered("Slack's answer is no JSON") from error
    if not isinstance(answer, dict):
        raise Unanswered("Slack's answer is no object")
    if answer.get("ok") is True:
        return answer
    code = str(answer.get("error", ""))
    if code in LATER:
        raise Unavailable(f"Slack answered {code}", retry_after(header))
    if not _CODE.fullmatch(code) or code in PERHAPS:
        raise Unanswered(f"Slack answered {code[:64] or 'nothing known'}", retry_after(header))
    if code in CLOSED:
        raise ChannelClosed("Slack takes no card", code)
    raise Undeliverable("Slack refused the card", code)


def _named(body: bytes) -> str:
    text = body[:64].decode("ascii", "replace").strip()
    return text if _CODE.fullmatch(text) else ""
