"""Queue to Slack: posts one card for each lead into each of its channels."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import urllib3

from pql.adapters.aws_clients import aws_client
from pql.adapters.aws_time import AwsTime
from pql.adapters.dynamo_backlog import DynamoBacklog
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.secrets import SecretsManagerSecrets
from pql.adapters.slack_hosts import hosts_from
from pql.adapters.slack_secret import chats_from
from pql.adapters.sqs_visibility import SqsVisibility
from pql.flows.card import checked_link
from pql.flows.cards import CardChannels
from pql.handlers.delivery import delivery
from pql.handlers.entry import Handler, entry

if TYPE_CHECKING:
    from pql.flows.channels import Channels

HOSTS = "hooks.slack.com,hooks.slack-gov.com,slack.com,slack-gov.com"


def build(
    env: Mapping[str, str],
    *,
    dynamodb: Any = None,
    sqs: Any = None,
    secrets_manager: Any = None,
    clock: Callable[[], float] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Handler:
    """Return the Lambda handler, wired from `env`; clients, the clock and the pause are for tests."""
    dynamodb = dynamodb or aws_client("dynamodb")
    clock = clock or AwsTime(dynamodb, time.time)
    outbox = DynamoOutbox(dynamodb, env["TABLE"])
    backlog = DynamoBacklog(dynamodb, env["TABLE"], clock)
    redelivery = SqsVisibility(sqs or aws_client("sqs"))
    secrets = SecretsManagerSecrets(secrets_manager or aws_client("secretsmanager"), optional=True)
    hosts = hosts_from(env.get("SLACK_HOSTS") or HOSTS)
    link = checked_link(env.get("ACCOUNT_LINK", ""))
    secret, pool = env["SLACK_SECRET"], urllib3.PoolManager()

    def channels() -> Channels | None:
        chats = chats_from(secrets.values(secret), hosts, pool)
        return CardChannels(chats, link) if chats else None

    return delivery(
        outbox, backlog, channels, redelivery, unset="SlackNotConfigured", clock=clock, pause=pause
    )


__getattr__ = entry(build)
