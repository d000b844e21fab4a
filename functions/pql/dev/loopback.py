"""This machine as seen from itself."""

from __future__ import annotations

HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost", "::1")
