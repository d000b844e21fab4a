"""What every call to a server that is not of AWS has in common: the form of its address, and its patience."""

from __future__ import annotations

import re

import urllib3

# Stricter than any URL parser, so that no two of them can disagree about the host.
ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
TIMEOUT = urllib3.Timeout(connect=3.0, read=7.0)
# No connection, no request: nobody can have taken anything.
BEFORE = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
