"""When SQS hands out a message again: its visibility timeout, changed message by message."""

from __future__ import annotations

from typing import Any

from pql.adapters.outages import outages


class SqsVisibility:
    """The `Redelivery` port on SQS."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def delay(self, queue: str, receipt: str, seconds: int) -> None:
        """Keep the message of this receipt back for `seconds`; `queue` is its ARN.

        The address is made from the ARN that every record carries, which saves a setting and the
        permission to look it up.
        """
        *_, account, name = queue.split(":")
        url = f"{self._client.meta.endpoint_url}/{account}/{name}"
        with outages("SQS"):
            self._client.change_message_visibility(
                QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )
