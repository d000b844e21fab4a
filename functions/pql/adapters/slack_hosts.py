"""Where cards may be posted: an allow-list of exact hosts, so that no address reaches inside.

A webhook address is a setting, and a setting may be wrong or hostile: `http://169.254.169.254/`,
`https://hooks.slack.com.evil.example/`, `https://hooks.slack.com@evil.example/`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from pql.adapters.outgoing import ADDRESS
from pql.core.errors import ChannelClosed


def hosts_from(setting: str) -> frozenset[str]:
    """Return the allowed hosts in a comma-separated list.

    A loopback server is allowed by its whole origin, as in `http://127.0.0.1:8123`.
    """
    return frozenset(host.strip().casefold().rstrip("/") for host in setting.split(",") if host.strip())


def allowed(address: str, hosts: Collection[str]) -> str:
    """Return `address` if cards may be posted there.

    That is https to an allowed host on the standard port, or an allowed loopback origin. Raises
    `ChannelClosed`, and does not repeat the address: it is a secret.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise ChannelClosed("the address is no plain http address", "address_refused")
    scheme, host, port = found["scheme"], found["host"].casefold(), found["port"]
    if scheme == "https" and host in hosts and port in {None, "443"}:
        return address
    if _is_loopback(host) and f"{scheme}://{host}:{port}" in hosts:
        return address
    raise ChannelClosed("the host of the address is not allowed", "address_refused")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return host == "localhost"
