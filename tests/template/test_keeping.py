"""What is stored survives mistakes, and goes when it should."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pql.dev.template import REGION
from stack import of_type, properties, statements, template


@pytest.mark.parametrize("name", ["Table", "Archive"])
def test_deleting_the_stack(name: str) -> None:
    """Deleting or replacing the stack leaves the data where it is."""
    resource = template().resources[name]

    assert ("Retain", "Retain") == (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])


def test_table() -> None:
    """The table can be restored to any second, is encrypted, and refuses to be deleted unless told."""
    table = properties("Table")

    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert "true" == table["DeletionProtectionEnabled"]
    assert "false" == properties("Table", DeletionProtection="false")["DeletionProtectionEnabled"]
    assert {"AttributeName": "expires", "Enabled": True} == table["TimeToLiveSpecification"]
    assert {"StreamViewType": "NEW_IMAGE"} == table["StreamSpecification"]


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("standard", {}),
        ("intelligent-tiering", {"INTELLIGENT_TIERING": 7}),
        ("glacier-ir", {"GLACIER_IR": 90}),
    ],
)
def test_archive_ends(storage: str, expected: dict[str, int]) -> None:
    """The archive ends when its parameter says; only large objects move, and to where its parameter says."""
    archive = properties("Archive", ArchiveDays="365", ArchiveStorage=storage)
    expire, *others = archive["LifecycleConfiguration"]["Rules"]
    moves = {move["StorageClass"]: move["TransitionInDays"] for one in others for move in one["Transitions"]}

    assert ("365", {"DaysAfterInitiation": 1}) == (
        expire["ExpirationInDays"],
        expire["AbortIncompleteMultipartUpload"],
    )
    assert expected == moves
    assert all(one["ObjectSizeGreaterThan"] == "131071" for one in others)
    assert "VersioningConfiguration" not in archive


def test_archive_is_encrypted() -> None:
    """The archive is encrypted with the keys of S3, or with one's own, which process may then write with."""
    key = "arn:aws:kms:eu-central-1:123456789012:key/mine"

    assert {"SSEAlgorithm": "AES256"} == _encryption()["ServerSideEncryptionByDefault"]
    assert {
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    } == _encryption(ArchiveKmsKeyArn=key)
    assert {"kms:GenerateDataKey"} == _allowed_on(key, ArchiveKmsKeyArn=key)
    assert set() == _allowed_on(key)


def test_the_archives_key_is_used_through_s3_alone() -> None:
    """As by the roles of a backtest: process opens nothing else that the key has closed."""
    key = "arn:aws:kms:eu-central-1:123456789012:key/mine"
    (policy,) = properties("ProcessRole", ArchiveKmsKeyArn=key)["Policies"]
    (found,) = [one for one in statements(policy["PolicyDocument"]) if key in one["Resource"]]

    assert {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}} == found["Condition"]


def test_what_waits_is_encrypted() -> None:
    """Events in the queues, and leads on their way out of the topic; an alarm names nobody."""
    topics = of_type("AWS::SNS::Topic")

    assert {True} == {each["SqsManagedSseEnabled"] for each in of_type("AWS::SQS::Queue").values()}
    assert {"Alarms": None, "LeadsTopic": "alias/aws/sns"} == {
        name: each.get("KmsMasterKeyId") for name, each in topics.items()
    }


def _encryption(**parameters: str) -> dict[str, Any]:
    (found,) = properties("Archive", **parameters)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    return {name: value for name, value in found.items() if value is not None}


def _allowed_on(resource: str, **parameters: str) -> set[str]:
    role = properties("ProcessRole", **parameters)
    return {
        action
        for policy in role["Policies"]
        for one in statements(policy["PolicyDocument"])
        if resource in one["Resource"]
        for action in one["Action"]
    }


def test_outbox_index() -> None:
    """The index of waiting leads is in the order of their creation and holds keys alone."""
    assert [("outbox", "HASH"), ("created", "RANGE")] == _index("outbox")


def test_wake_index() -> None:
    """The index of accounts that wait for time is in the order of time, by shard, and holds keys alone."""
    assert [("wakes", "HASH"), ("wake", "RANGE")] == _index("wake")


def _index(name: str) -> list[tuple[str, str]]:
    (index,) = (each for each in properties("Table")["GlobalSecondaryIndexes"] if each["IndexName"] == name)
    assert {"ProjectionType": "KEYS_ONLY"} == index["Projection"]
    return [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]]


def test_logs_end() -> None:
    """Every log group has an end, and every function writes to one of them."""
    groups = of_type("AWS::Logs::LogGroup", LogRetentionDays="14")
    used = {each["LoggingConfig"]["LogGroup"] for each in of_type("AWS::Serverless::Function").values()}

    assert {"14"} == {each["RetentionInDays"] for each in groups.values()}
    assert used == set(groups) - {"IngestApiLogs"}


@pytest.mark.parametrize("name", ["WriteKeySecret", "WebhookSecret"])
def test_generated_secrets(name: str) -> None:
    """A generated secret has the shape that rotation works on."""
    wanted = properties(name)["GenerateSecretString"]

    assert ({"previous": []}, "current") == (
        json.loads(wanted["SecretStringTemplate"]),
        wanted["GenerateStringKey"],
    )


def test_webhook_secret() -> None:
    """The secret of the webhook has the shape that rotation works on."""
    chosen = {"LeadWebhookUrl": "https://hooks.example.com/a", "LeadWebhookSecret": "whsec_b"}
    stored = json.loads(properties("LeadWebhook", **chosen)["SecretString"])

    assert {
        "current": {"url": "https://hooks.example.com/a", "secret": "whsec_b"},
        "previous": [],
    } == stored


def test_no_webhook() -> None:
    """Without an address nothing of the webhook is made, and nothing of it costs anything."""
    made = template(LeadWebhookUrl="").resources

    assert {"WebhookSecret"} == {name for name in made if "Webhook" in name}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, {}),
        ({"SlackWebhookUrl": "https://hooks.slack.com/a"}, {"webhook_url": "https://hooks.slack.com/a"}),
        ({"SlackBotToken": "xoxb-1", "SlackChannel": "C1"}, {"token": "xoxb-1", "channel": "C1"}),
    ],
)
def test_slack_secret(parameters: dict[str, str], expected: dict[str, str]) -> None:
    """Slack is reached by webhook, by bot, or left out."""
    assert {"current": expected} == json.loads(properties("SlackSecret", **parameters)["SecretString"])
