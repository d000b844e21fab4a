"""What Lambda hands to a handler beside the event."""

from __future__ import annotations


class Context:
    """What Lambda says of an invocation that has `left` milliseconds."""

    aws_request_id = "request-1"

    def __init__(self, left: int = 60_000) -> None:
        self._left = left

    def get_remaining_time_in_millis(self) -> int:
        """Return how much of the run is left."""
        return self._left
