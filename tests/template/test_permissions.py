"""Each function may do what it calls, on what it calls it on, and nothing else."""

from __future__ import annotations

import pytest

from pql.adapters.dynamo_backlog import PARTITION
from pql.dev.template import ACCOUNT, REGION
from stack import FUNCTIONS, allowed, of_type, permitted, properties, statements

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


@pytest.mark.parametrize("function", ["Slack", "Webhook"])
def test_who_delivers_makes_and_deletes_nothing_but_what_waits(function: str) -> None:
    """A function that talks to strangers lists, replaces and deletes no account."""
    (policy,) = ROLES[f"{function}Role"]["Policies"]
    free, bound = (
        [one for one in statements(policy["PolicyDocument"]) if one["Resource"] == ["Table.Arn"] and has(one)]
        for has in (lambda one: "Condition" not in one, lambda one: "Condition" in one)
    )

    assert [["dynamodb:GetItem", "dynamodb:UpdateItem"]] == [one["Action"] for one in free]
    assert [{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [PARTITION]}}] == [
        one["Condition"] for one in bound
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_106_one_role_each(function: str) -> None:
    """A function runs under a role of its own, without managed policies, which are always wider."""
    role = ROLES[f"{function}Role"]

    assert f"{function}Role.Arn" == properties(function)["Role"]
    assert "ManagedPolicyArns" not in role
    assert not {"Policies", "Connectors"} & set(properties(function))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_106_only_lambda_takes_on_a_role(function: str) -> None:
    """Whoever else could would have what the function may."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}

    assert [trust] == ROLES[f"{function}Role"]["AssumeRolePolicyDocument"]["Statement"]


def test_the_watch_may_tell_the_topic_that_was_named() -> None:
    """Instead of one of ours, which is not there then."""
    elsewhere = "arn:aws:sns:us-east-1:1:ops"
    found = permitted(properties("WatchRole", AlarmTopicArn=elsewhere))

    assert {"sns:Publish"} == found[elsewhere]
    assert "Alarms" not in found


def test_no_other_roles() -> None:
    """There is no role that no function runs under."""
    assert {f"{function}Role" for function in FUNCTIONS} == set(ROLES)


@pytest.mark.parametrize(
    ("kind", "targets", "policies", "action", "on"),
    [
        ("AWS::SQS::Queue", "Queues", "AWS::SQS::QueuePolicy", "sqs:*", ["{}.Arn"]),
        ("AWS::SNS::Topic", "Topics", "AWS::SNS::TopicPolicy", "sns:Publish", ["{}"]),
        ("AWS::S3::Bucket", "Bucket", "AWS::S3::BucketPolicy", "s3:*", ["{}.Arn", "{}.Arn/*"]),
    ],
)
def test_tls_only(kind: str, targets: str, policies: str, action: str, on: list[str]) -> None:
    """Every queue, topic and bucket refuses whoever does not come over TLS, whatever of it they ask for."""
    refusing = {
        name
        for policy in of_type(policies).values()
        for statement in statements(policy["PolicyDocument"])
        for name in ([policy[targets]] if isinstance(policy[targets], str) else policy[targets])
        if (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        and (statement["Action"], statement["Resource"]) == ([action], [one.format(name) for one in on])
    }

    assert set(of_type(kind)) == refusing


def test_outsiders() -> None:
    """A policy lets nobody in but SNS with leads of ours, and CloudWatch with alarms of this account."""
    kinds = ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy")
    letting_in = [
        (statement["Principal"], *statement["Action"], statement["Condition"])
        for kind in kinds
        for policy in of_type(kind).values()
        for statement in statements(policy["PolicyDocument"])
        if statement["Effect"] == "Allow"
    ]
    leads = (
        {"Service": "sns.amazonaws.com"},
        "sqs:SendMessage",
        {"ArnEquals": {"aws:SourceArn": "LeadsTopic"}},
    )
    mine = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"
    alarms = ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", {"ArnLike": {"aws:SourceArn": mine}})

    assert [leads] * 4 + [alarms] == letting_in


def test_the_archive_is_private() -> None:
    """The archive is public in no way that S3 knows."""
    assert {True} == set(properties("Archive")["PublicAccessBlockConfiguration"].values())
