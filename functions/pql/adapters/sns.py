"""The topic of leads on Amazon SNS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pql.adapters.outages import outages


class SnsTopic:
    """The `Topic` port on one SNS topic."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Publish one message; raises `Unavailable`."""
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        with outages("SNS"):
            self._client.publish(TopicArn=self._arn, Message=body, MessageAttributes=typed)
