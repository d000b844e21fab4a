"""Each function may do what it calls, on what it calls it on, and nothing else."""

from __future__ import annotations

import pytest

from stack import FUNCTIONS, allowed, of_type, properties, statements

ROLES = of_type("AWS::IAM::Role")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
DELIVER = (
    *("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"),
    *("dynamodb:Query", "dynamodb:UpdateItem"),
)

ALLOWED = {
    "Ingest": {
        "EventsQueue.Arn": {"sqs:SendMessage"},
        "WriteKeySecret": {"secretsmanager:GetSecretValue"},
        "WebhookSecret": {"secretsmanager:GetSecretValue"},
        "IngestLogs.Arn": {*LOGS},
    },
    "Process": {
        "EventsQueue.Arn": {*CONSUME},
        "Table.Arn": {
            *("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem"),
            *("dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"),
        },
        "Quarantine.Arn": {"sqs:SendMessage"},
        "Archive.Arn/events/*": {"s3:PutObject"},
        "ProcessLogs.Arn": {*LOGS},
    },
    "Notify": {
        "Table.StreamArn": {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"},
        "Table.Arn/stream/*": {"dynamodb:ListStreams"},
        "Table.Arn": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
        "LeadsTopic": {"sns:Publish"},
        "NotifyFailures.Arn": {"sqs:SendMessage"},
        "NotifyLogs.Arn": {*LOGS},
    },
    "Slack": {
        "SlackQueue.Arn": {*CONSUME, "sqs:ChangeMessageVisibility"},
        "Table.Arn": {*DELIVER},
        "SlackSecret": {"secretsmanager:GetSecretValue"},
        "SlackLogs.Arn": {*LOGS},
    },
    "Webhook": {
        "WebhookQueue.Arn": {*CONSUME, "sqs:ChangeMessageVisibility"},
        "Table.Arn": {*DELIVER},
        "LeadWebhook": {"secretsmanager:GetSecretValue"},
        "WebhookLogs.Arn": {*LOGS},
    },
    "Sweep": {
        "Table.Arn/index/outbox": {"dynamodb:Query"},
        "Table.Arn/index/wake": {"dynamodb:Query"},
        "Table.Arn": {
            *("dynamodb:BatchGetItem", "dynamodb:GetItem"),
            *("dynamodb:PutItem", "dynamodb:UpdateItem"),
        },
        "LeadsTopic": {"sns:Publish"},
        "SweepLogs.Arn": {*LOGS},
    },
    "Watch": {
        "Table.Arn/index/outbox": {"dynamodb:Query"},
        "Table.Arn": {
            *("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"),
            *("dynamodb:Query", "dynamodb:UpdateItem"),
        },
        "Alarms": {"sns:Publish"},
        "WatchLogs.Arn": {*LOGS},
    },
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_106_actions(function: str) -> None:
    """The role of a function lists these actions on these resources."""
    assert ALLOWED[function] == allowed(function)


def test_the_watch_touches_no_account() -> None:
    """It reads leads by their keys, and writes nothing but what it remembers and overrides of rules."""
    (policy,) = ROLES["WatchRole"]["Policies"]
    free = [
        one
        for one in statements(policy["PolicyDocument"])
        if one["Resource"] == ["Table.Arn"] and "Condition" not in one
    ]
    bound = [one["Condition"] for one in statements(policy["PolicyDocument"]) if "Condition" in one]

    assert [["dynamodb:BatchGetItem"]] == [one["Action"] for one in free]
    assert [{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["watch", "rules"]}}] == bound


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_106_one_role_each(function: str) -> None:
    """A function runs under a role of its own, without managed policies, which are always wider."""
    role = ROLES[f"{function}Role"]

    assert f"{function}Role.Arn" == properties(function)["Role"]
    assert "ManagedPolicyArns" not in role
    assert not {"Policies", "Connectors"} & set(properties(function))


def test_no_other_roles() -> None:
    """There is no role that no function runs under."""
    assert {f"{function}Role" for function in FUNCTIONS} == set(ROLES)


@pytest.mark.parametrize(
    ("kind", "targets", "policies"),
    [
        ("AWS::SQS::Queue", "Queues", "AWS::SQS::QueuePolicy"),
        ("AWS::SNS::Topic", "Topics", "AWS::SNS::TopicPolicy"),
        ("AWS::S3::Bucket", "Bucket", "AWS::S3::BucketPolicy"),
    ],
)
def test_tls_only(kind: str, targets: str, policies: str) -> None:
    """Every queue, topic and bucket refuses whoever does not come over TLS."""
    refusing = {
        name
        for policy in of_type(policies).values()
        for statement in statements(policy["PolicyDocument"])
        if (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for name in ([policy[targets]] if isinstance(policy[targets], str) else policy[targets])
    }

    assert set(of_type(kind)) == refusing


@pytest.mark.parametrize("kind", ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"])
def test_outsiders(kind: str) -> None:
    """A policy lets nobody in but a service of AWS, and that one only on behalf of ours."""
    letting_in = [
        statement
        for policy in of_type(kind).values()
        for statement in statements(policy["PolicyDocument"])
        if statement["Effect"] == "Allow"
    ]

    assert all(
        "Service" in each["Principal"] and "aws:SourceArn" in str(each["Condition"]) for each in letting_in
    )


def test_the_archive_is_private() -> None:
    """The archive is public in no way that S3 knows."""
    assert {True} == set(properties("Archive")["PublicAccessBlockConfiguration"].values())
