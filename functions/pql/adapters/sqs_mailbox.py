"""A queue on Amazon SQS as people look into it: to see, to move, to delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from pql.adapters.outages import code, outages
from pql.flows.mailbox import Depth, Letter

# Long enough to look at a letter and send it on; a crash hides it for no longer.
HIDDEN = 120
TOGETHER = 10
# Seconds; without waiting SQS asks only some of its servers.
WAIT = 1
_BACK = frozenset({"MessageNotInflight", "InvalidParameterValue", "ReceiptHandleIsInvalid"})
_DEPTH = {
    "waiting": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


class SqsMailbox:
    """The `Mailbox` port on one queue."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def depth(self) -> Depth:
        """Return about how full it is."""
        with outages("SQS"):
            found = self._client.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=list(_DEPTH.values())
            )
        return Depth(**{name: int(found["Attributes"][named]) for name, named in _DEPTH.items()})

    def receive(self) -> Sequence[Letter]:
        """Return up to ten letters, hidden from everybody else for two minutes."""
        with outages("SQS"):
            found = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=TOGETHER,
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=WAIT,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        return [_letter(message) for message in found.get("Messages", [])]

    def send(self, letter: Letter) -> None:
        """Put a copy of the letter into this queue, in its group and with its reason."""
        more: dict[str, Any] = {"MessageGroupId": letter.group} if letter.group else {}
        if letter.reason:
            more["MessageAttributes"] = {"reason": {"DataType": "String", "StringValue": letter.reason}}
        with outages("SQS"):
            self._client.send_message(QueueUrl=self._url, MessageBody=letter.body, **more)

    def delete(self, letter: Letter) -> None:
        """Delete a letter that was received here."""
        with outages("SQS"):
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def release(self, letter: Letter) -> None:
        """Give back a letter that was received here; one that others have been given since is back."""
        with outages("SQS"):
            try:
                self._client.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                )
            except ClientError as error:
                if code(error).removeprefix("AWS.SimpleQueueService.") not in _BACK:
                    raise


def _letter(message: dict[str, Any]) -> Letter:
    reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", "")
    group = message.get("Attributes", {}).get("MessageGroupId", "")
    return Letter(message["MessageId"], message["Body"], message["ReceiptHandle"], reason, group)
