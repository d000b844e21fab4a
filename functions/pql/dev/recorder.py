"""A subscriber of the leads topic that keeps every message, as a CRM of one's own would get it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pql.dev.template import ACCOUNT, REGION

QUEUE = "pql-dev-recorder"


class Recorder:
    """A queue subscribed to a topic; what arrives is kept in `messages`, oldest first.

    A message is SNS's own envelope, so that its attributes can be looked at.
    """

    def __init__(self, sqs: Any, sns: Any, topic_arn: str, arrived: Callable[[dict[str, Any]], None]) -> None:
        self.messages: list[dict[str, Any]] = []
        self._sqs = sqs
        self._arrived = arrived
        self._url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}")

    def poll(self) -> bool:
        """Take one message off the queue; return whether there was one."""
        received = self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=0).get("Messages", [])
        for message in received:
            envelope = json.loads(message["Body"])
            self.messages.append(envelope)
            self._arrived(envelope)
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return bool(received)
