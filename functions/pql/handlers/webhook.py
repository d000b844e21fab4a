"""Queue to webhook: sends each lead to one address, signed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pql.adapters.aws_clients import aws_client
from pql.adapters.aws_time import AwsTime
from pql.adapters.dynamo_backlog import DynamoBacklog
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.secrets import SecretsManagerSecrets
from pql.adapters.slack_hosts import hosts_from
from pql.adapters.sqs_visibility import SqsVisibility
from pql.adapters.webhook_channel import webhooks_from
from pql.handlers.delivery import delivery
from pql.handlers.entry import Handler, entry

if TYPE_CHECKING:
    from pql.flows.channels import Channels


def build(
    env: Mapping[str, str],
    *,
    dynamodb: Any = None,
    sqs: Any = None,
    secrets_manager: Any = None,
    clock: Callable[[], float] | None = None,
) -> Handler:
    """Return the Lambda handler, wired from `env`; clients and the clock are for tests."""
    dynamodb = dynamodb or aws_client("dynamodb")
    clock = clock or AwsTime(dynamodb, time.time)
    outbox = DynamoOutbox(dynamodb, env["TABLE"])
    backlog = DynamoBacklog(dynamodb, env["TABLE"], clock)
    redelivery = SqsVisibility(sqs or aws_client("sqs"))
    secrets = SecretsManagerSecrets(secrets_manager or aws_client("secretsmanager"), optional=True)
    secret = env["LEAD_WEBHOOK"]
    own = hosts_from(env.get("LEAD_WEBHOOK_ORIGINS", ""))

    def channels() -> Channels | None:
        return webhooks_from(secrets.values(secret), own, int(clock()))

    return delivery(
        outbox, backlog, channels, redelivery, unset="WebhookNotConfigured", clock=clock, pause=time.sleep
    )


__getattr__ = entry(build)
