"""Shared secrets in AWS Secrets Manager: `{"current": …, "previous": […]}`, cached.

Tried every five minutes; while the store is away, hangs or holds nonsense, the last good value serves
for a day. A secret that cannot be read is never an empty one: an empty secret would match.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from pql.adapters.outages import code
from pql.core.errors import Unavailable

FRESH = 300.0
STALE = 86_400.0
REFRESH_EVERY = 30.0
# Of a client whose caller is waited for: a store that hangs leaves the queue its time.
CONNECT_TIMEOUT = 0.4
READ_TIMEOUT = 0.6
LONGEST_READ = CONNECT_TIMEOUT + READ_TIMEOUT
_log = logging.getLogger(__name__)


class Malformed(Unavailable):
    """The store answers, and what it holds is no secret."""


class _Cached(NamedTuple):
    values: tuple[bytes, ...]
    read: float
    tried: float


class SecretsManagerSecrets:
    """The `Secrets` port on Secrets Manager.

    `clock` is monotonic, in seconds. With `optional`, a blank current value means "not set up" and
    yields no values; otherwise it is as malformed as any other nonsense. A current value that is no
    string is returned as JSON text. Before a deadline `afterwards` seconds are kept free for what comes
    after the secret, as long as a value serves without a read.
    """

    def __init__(
        self,
        client: Any,
        clock: Callable[[], float] = time.monotonic,
        *,
        optional: bool = False,
        afterwards: float = 0.0,
    ) -> None:
        self._client = client
        self._clock = clock
        self._optional = optional
        self._afterwards = afterwards
        self._cache: dict[str, _Cached] = {}

    def values(self, name: str, deadline: float = math.inf) -> tuple[bytes, ...]:
        """Return the current and the previous values of `name`, current first.

        Raises `Unavailable` when the store cannot be read before `deadline` and nothing is cached.
        """
        cached = self._cache.get(name)
        now = self._clock()
        if cached and now - cached.read < STALE:
            room = deadline - now >= LONGEST_READ + self._afterwards
            # A failed try counts as well: a store that hangs costs its callers one wait in five minutes.
            if now - cached.tried < FRESH or not room:
                return cached.values
        return self._read(name, cached, now, deadline)

    def refresh(self, name: str, deadline: float = math.inf) -> tuple[bytes, ...]:
        """Return the values after one forced read, at most once per 30 s for each name."""
        cached = self._cache.get(name)
        now = self._clock()
        if cached and now - cached.tried < REFRESH_EVERY:
            return cached.values
        return self._read(name, cached, now, deadline)

    def _read(self, name: str, cached: _Cached | None, now: float, deadline: float) -> tuple[bytes, ...]:
        if deadline - now < LONGEST_READ:
            raise Unavailable("no time left to read a secret", retry_after=2.0)
        try:
            values = self._parsed(self._client.get_secret_value(SecretId=name).get("SecretString"))
        except (BotoCoreError, ClientError, ValueError) as error:
            if cached is None or now - cached.read >= STALE:
                raise _fault(error) from error
            _log.warning("secret not read, the last good value serves: %s", type(error).__name__)
            self._cache[name] = cached._replace(tried=now)
            return cached.values
        self._cache[name] = _Cached(values, now, now)
        return values

    def _parsed(self, text: Any) -> tuple[bytes, ...]:
        try:
            stored = json.loads(text)
        except (TypeError, RecursionError) as error:
            raise ValueError("the secret is no text of JSON") from error
        if not isinstance(stored, dict):
            raise ValueError("the secret is no JSON object")  # noqa: TRY004 - malformed, not misused
        previous = stored.get("previous") or []
        if not isinstance(previous, list):
            raise ValueError("previous is no array")  # noqa: TRY004 - same
        current = _value(stored.get("current"))
        if not current and not self._optional:
            raise ValueError("the secret has no current value")
        return tuple(value for value in (current, *map(_value, previous)) if value)


def _fault(error: Exception) -> Unavailable:
    if isinstance(error, ClientError):
        return Unavailable(f"the secret store cannot be read: {code(error)}")
    if isinstance(error, BotoCoreError):
        return Unavailable(f"the secret store cannot be read: {type(error).__name__}")
    return Malformed(f"a secret is of no use: {error}")


def _value(stored: Any) -> bytes:
    """Return one value; surrounding white space is what a console's text field left there."""
    if isinstance(stored, str):
        return stored.strip().encode("utf-8", "surrogatepass")
    if isinstance(stored, dict):
        return json.dumps(stored).encode() if stored else b""
    if stored is None:
        return b""
    raise ValueError("a value is neither text nor an object")
