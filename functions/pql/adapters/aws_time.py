"""The time as AWS has it, which is the same for every worker.

A lease says until when it holds, and whoever finds it has to know whether that is over. A container whose
clock is minutes ahead would take over leases that live, and post what is being posted. (Hours ahead, it
gets nothing done: AWS refuses signatures of another time.) So the clock is set by the `Date` of each answer.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

# `Date` has whole seconds, and an answer is on its way for a while.
TOLERANCE = 5.0


class AwsTime:
    """A clock, in epoch seconds, that is right as soon as `client` has heard from DynamoDB.

    Within the tolerance it is `clock` itself, which has the finer grain.
    """

    def __init__(self, client: Any, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ahead = 0.0
        client.meta.events.register("after-call.dynamodb", self._hear)

    def __call__(self) -> float:
        """Return the time."""
        return self._clock() - self._ahead

    def _hear(self, http_response: Any, **_: Any) -> None:
        try:
            said = parsedate_to_datetime(http_response.headers["Date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            return
        ahead = self._clock() - said
        self._ahead = ahead if abs(ahead) > TOLERANCE else 0.0
