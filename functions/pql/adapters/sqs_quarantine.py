"""The quarantine on SQS: what nobody can process, kept with its reason for people to look at."""

from __future__ import annotations

from typing import Any

from pql.adapters.outages import outages


class SqsQuarantine:
    """The `Quarantine` port on one queue."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def keep(self, body: str, reason: str) -> None:
        """Store `body` as it came, with `reason` as a message attribute."""
        attributes = {"reason": {"DataType": "String", "StringValue": reason}}
        with outages("SQS"):
            self._client.send_message(QueueUrl=self._url, MessageBody=body, MessageAttributes=attributes)
