"""The resources of the way out, and the handlers over them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fakes.leads import CREATED, northwind
from pql.core.lead import Lead
from pql.core.lead_item import sort_key
from pql.flows.sweep import AGE
from pql.handlers import notify, slack

REGION = "eu-west-1"
LEAD = northwind()


class Context:
    """What Lambda says of an invocation."""

    aws_request_id = "request-1"
    function_name = "f"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"

    def get_remaining_time_in_millis(self) -> int:
        """Return a whole run's time."""
        return 30_000


def clock() -> float:
    """Return a moment when a sweep takes the lead for lost."""
    return (CREATED + AGE) / 1000 + 1


def never(seconds: float) -> None:
    """Refuse to wait."""
    raise AssertionError(f"a pause of {seconds} s")


@dataclass
class Cloud:
    """The resources, and the environment that names them."""

    dynamodb: Any
    sqs: Any
    sns: Any
    secrets: Any
    env: dict[str, str]
    queue: str

    def records(self) -> list[dict[str, Any]]:
        """Receive what waits in the queue, as Lambda hands it over."""
        got = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=["All"])
        return [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
                "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:slack",
            }
            for one in got.get("Messages", [])
        ]

    def slack(self, now: Callable[[], float] = clock) -> Any:
        """Return the slack handler at a moment."""
        clients = {"dynamodb": self.dynamodb, "sqs": self.sqs, "secrets_manager": self.secrets}
        return slack.build(self.env, **clients, clock=now, pause=never)

    def keep(self, current: Any) -> None:
        """Set the Slack secret."""
        text = json.dumps({"current": current})
        self.secrets.put_secret_value(SecretId="slack", SecretString=text)


def announce(cloud: Cloud, lead: Lead = LEAD) -> dict[str, Any]:
    """Run notify over the record of a lead."""
    handle = notify.build(cloud.env, dynamodb=cloud.dynamodb, sns=cloud.sns, clock=clock)
    keys = {"pk": {"S": lead.key.subject}, "sk": {"S": sort_key(lead.key)}}
    record = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": "100"}}
    answer: dict[str, Any] = handle({"Records": [record]}, Context())
    return answer
