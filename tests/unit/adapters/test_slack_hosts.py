"""Slack hosts: cards go to Slack and nowhere else, whatever the setting says."""

from __future__ import annotations

import pytest

from pql.adapters.slack_hosts import allowed, hosts_from
from pql.core.errors import Undeliverable

HOSTS = hosts_from(
    "hooks.slack.com, hooks.slack-gov.com,slack.com,http://127.0.0.1:8123,http://10.0.0.1:80,http://evil.example:80"
)


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T0/B0/xyz",
        "https://hooks.slack.com:443/services/T0/B0/xyz",
        "https://HOOKS.slack.com/services/T0/B0/xyz",
        "https://hooks.slack-gov.com/services/T0/B0/xyz",
        "https://hooks.slack.com/workflows/T0/A0/1/abc?x=y",
        "https://slack.com/api/chat.postMessage",
        "http://127.0.0.1:8123/services/T0/B0/xyz",
    ],
)
def test_slack_itself_is_allowed(address: str) -> None:
    """Every form of address that Slack hands out, and a loopback that is listed in full."""
    assert address == allowed(address, HOSTS)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.slack.com/services/T0",
        "http://hooks.slack.com/services/T0",
        "ftp://hooks.slack.com/",
        "file:///etc/passwd",
        "https://",
        "https:///services",
        "https://hooks.slack.com.evil.example/services",
        "https://evil.example/hooks.slack.com",
        "https://evil.example/?https://hooks.slack.com",
        "https://evil-hooks.slack.com/",
        "https://xhooks.slack.com/",
        "https://hooks.slack.com@evil.example/",
        "https://user@hooks.slack.com/",
        "https://user:pass@hooks.slack.com/",
        "https://hooks.slack.com:8443/",
        "https://hooks.slack.com:80/",
        "https://hooks.slack.com:0443/",
        "https://hooks.slack.com:/",
        "https://hooks.slack.com./",
        "https://.hooks.slack.com/",
        "https://hooks.slack.com#@evil.example/",
        "https://hooks.slack.com/#fragment",
        "https://hooks.slack.com\\@evil.example/",
        "https://evil.example\\.hooks.slack.com/",
        "https:\\\\hooks.slack.com/",
        "https://hooks.slack.com/a\r\nHost: evil.example",
        "https://hooks.slack.com/ a",
        " https://hooks.slack.com/",
        "https://hooks.slack.com\n",
        "https://hooks%2eslack.com/",
        "https://hooks\u3002slack.com/",
        "https://\uff48ooks.slack.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0x7f.1:8123/",
        "http://127.1:8123/",
        "http://127.0.0.1/",
        "http://127.0.0.1:81/",
        "https://127.0.0.1:8123/",
        "http://localhost:8123/",
        "http://10.0.0.1:80/",
        "http://evil.example:80/",
        "https://10.0.0.1/",
    ],
)
def test_everything_else_is_refused(address: str) -> None:
    """Look-alikes, credentials, other ports, plain http and inner addresses; the error keeps the secret."""
    with pytest.raises(Undeliverable) as refusal:
        allowed(address, HOSTS)

    assert "address_refused" == refusal.value.code
    assert not address.strip() or address not in str(refusal.value)
