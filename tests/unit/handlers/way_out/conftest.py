"""A Slack and the resources with one stored lead, made anew for each test."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from fakes.slack_stub import SlackStub
from fakes.tables import make_table
from fakes.way_out import LEAD, REGION, Cloud
from pql.adapters.lead_items import lead_put


@pytest.fixture
def stub() -> Iterator[SlackStub]:
    """Return a Slack."""
    with SlackStub() as stub:
        yield stub


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, stub: SlackStub) -> Iterator[Cloud]:
    """Return the resources with one stored lead."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_METRICS_NAMESPACE": "pql",
        "POWERTOOLS_SERVICE_NAME": "way-out",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb, sqs, sns, secrets = map(boto3.client, ("dynamodb", "sqs", "sns", "secretsmanager"))
        make_table(dynamodb)
        dynamodb.put_item(TableName="pql", **lead_put(LEAD))
        queue = sqs.create_queue(QueueName="slack")["QueueUrl"]
        topic = sns.create_topic(Name="leads")["TopicArn"]
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:123456789012:slack",
            Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"tier": ["hot"]})},
        )
        text = json.dumps({"current": {"webhook_url": stub.webhook}})
        secrets.create_secret(Name="slack", SecretString=text)
        env = {
            "TABLE": "pql",
            "LEADS_TOPIC_ARN": topic,
            "SLACK_SECRET": "slack",
            "SLACK_HOSTS": f"hooks.slack.com,{stub.origin}",
            "ACCOUNT_LINK": "https://app.example.com/{account_id}",
        }
        yield Cloud(dynamodb, sqs, sns, secrets, env, queue)
