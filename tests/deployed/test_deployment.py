"""The whole template on another engine, under its own roles, driven by a real SDK."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from fakes.deployed_stack import DeployedStack, eventually
from fakes.slack_stub import limited
from pql.adapters.lead_items import record

pytestmark = [
    pytest.mark.artifact,
    pytest.mark.skipif("PQL_STACK" not in os.environ, reason="nothing deployed: run python3 infra rehearse"),
]
SIDE_QUEUES = ("EventsDeadLetters", "NotifyFailures", "SlackDeadLetters", "WebhookDeadLetters")


def activate(stack: DeployedStack, account: str, **options: str) -> None:
    """Let two people of an account do what the shipped rule looks for: eight events and two groups."""
    ava, ben = f"ava-{account}", f"ben-{account}"
    at = {"context": {"groupId": account}}
    with stack.sdk(**options) as client:
        client.group(ava, account, {"name": account.title(), "plan": "trial"})
        client.group(ben, account)
        client.track(ava, "Integration Connected", {"integration": "salesforce"}, **at)
        for guest in ("ben", "chloe"):
            client.track(ava, "Invite Sent", {"invitee_email": f"{guest}@{account}.example"}, **at)
        for _ in range(4):
            client.track(ben, "Report Created", **at)


@pytest.mark.parametrize("door", ["http_api", "function_url"])
def test_an_sdk_makes_a_lead(stack: DeployedStack, door: str) -> None:
    """Every call is counted once, and one lead is on the topic, in Slack and in no queue at the side."""
    account = f"northwind-{door}"
    activate(stack, account, host=getattr(stack, door))
    eventually(lambda: stack.counted(account) == 7)
    (lead,) = eventually(lambda: stack.leads(account))
    eventually(lambda: stack.cards(lead.lead_id))

    assert ("activated", 60.0, "trial") == (lead.rule, lead.score, lead.traits["plan"])
    assert [1, 1] == [len(stack.leads(account)), len(stack.cards(lead.lead_id))]
    assert dict.fromkeys(SIDE_QUEUES, 0) == {queue: stack.waiting(queue) for queue in SIDE_QUEUES}


def test_accepted_events_are_in_the_archive(stack: DeployedStack) -> None:
    """The role lets process write there, below its one prefix."""
    activate(stack, "archived")
    eventually(lambda: stack.counted("archived") == 7)
    s3, bucket = boto3.client("s3"), stack.outputs["ArchiveBucket"]

    assert eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="events/").get("Contents"))


def test_a_batch_that_is_sent_again_counts_once(stack: DeployedStack) -> None:
    """Whoever did not hear the answer sends the same again; what comes after shows that it was processed."""
    call = {"type": "track", "event": "Report Created", "userId": "ada", "messageId": "one"}
    call |= {"context": {"groupId": "resent"}}
    sent = [stack.post("/v1/batch", {"batch": [call]}) for _ in range(3)]
    sent.append(stack.post("/v1/batch", {"batch": [{**call, "messageId": "two", "userId": "last"}]}))
    eventually(lambda: len(stack.account("resent").people) == 2)
    eventually(lambda: stack.waiting("EventsQueue") == 0)

    assert [200] * 4 == sent
    assert 2 == stack.counted("resent")


def test_a_wrong_write_key_is_refused(stack: DeployedStack) -> None:
    """The deployed secret is what is compared with."""
    assert 401 == stack.post("/v1/track", {"userId": "eve", "event": "Report Created"}, key="wrong")


def test_slack_is_asked_again_when_it_said_so(stack: DeployedStack) -> None:
    """The role lets slack put its message off; one card is taken in the end."""
    stack.slack.replies.append(limited("1"))
    asked = len(stack.slack.cards)
    activate(stack, "limited")
    (lead,) = eventually(lambda: stack.leads("limited"))
    eventually(lambda: len(stack.cards(lead.lead_id)) == 2)

    assert 2 == len(stack.slack.cards) - asked
    assert len(stack.slack.replies) == 0


def test_a_webhook_gets_the_lead_signed(stack: DeployedStack) -> None:
    """Its function reads its secret and calls the one origin it may, once."""
    activate(stack, "hooked")
    (lead,) = eventually(lambda: stack.leads("hooked"))
    (taken,) = eventually(lambda: [one for one in stack.receiver.taken if lead.lead_id in one.body.decode()])

    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= {
        name.lower() for name in taken.headers
    }


def test_what_no_attempt_can_read_goes_to_quarantine(stack: DeployedStack) -> None:
    """It does not hold up anybody, and it is kept."""
    before = stack.waiting("Quarantine")
    stack.sqs.send_message(QueueUrl=stack.physical("EventsQueue"), MessageBody="no envelope")

    eventually(lambda: stack.waiting("Quarantine") == before + 1)


def test_fault_070_sweep_announces_what_the_stream_lost(stack: DeployedStack) -> None:
    """Its role reads both indexes, marks the lead and publishes it."""
    activate(stack, "lost")
    (lead,) = eventually(lambda: stack.leads("lost"))
    table = stack.outputs["TableName"]
    (item,) = (
        one
        for one in stack.dynamodb.scan(TableName=table)["Items"]
        if "lead" in one and record(one).lead.id == lead.lead_id
    )
    eventually(lambda: "published" in stack.dynamodb.get_item(TableName=table, Key=_key(item))["Item"])
    stack.dynamodb.update_item(
        TableName=table,
        Key=_key(item),
        UpdateExpression="SET outbox = :waiting, created = :then REMOVE published",
        ExpressionAttributeValues={":waiting": {"S": "waiting"}, ":then": {"N": "1"}},
    )
    stack.invoke("Sweep", {})
    eventually(lambda: len(stack.leads("lost")) == 2)

    assert [lead.lead_id] * 2 == [one.lead_id for one in stack.leads("lost")]
    assert 1 == len(stack.cards(lead.lead_id))


@pytest.fixture
def as_ingest(stack: DeployedStack) -> Iterator[boto3.Session]:
    """Return a session of a role of ours that may do what the role of ingest may."""
    iam, sts = boto3.client("iam"), boto3.client("sts")
    role = stack.physical("IngestRole")
    policy = iam.get_role_policy(RoleName=role, PolicyName="ingest")["PolicyDocument"]
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(
        RoleName="as-ingest",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]
    iam.put_role_policy(RoleName="as-ingest", PolicyName="ingest", PolicyDocument=json.dumps(policy))
    own = sts.assume_role(RoleArn=made["Arn"], RoleSessionName="rehearsal")["Credentials"]
    yield boto3.Session(own["AccessKeyId"], own["SecretAccessKey"], own["SessionToken"])
    iam.delete_role_policy(RoleName="as-ingest", PolicyName="ingest")
    iam.delete_role(RoleName="as-ingest")


def test_fault_106_roles_are_enforced(stack: DeployedStack, as_ingest: boto3.Session) -> None:
    """What all of the above has worked under: ingest sends to its queue, and nothing else is open to it."""
    sqs, queue = as_ingest.client("sqs"), stack.physical("EventsQueue")
    sqs.send_message(QueueUrl=queue, MessageBody="no envelope")

    for forbidden in (
        lambda: sqs.receive_message(QueueUrl=queue),
        lambda: sqs.send_message(QueueUrl=stack.physical("SlackQueue"), MessageBody="{}"),
        lambda: as_ingest.client("dynamodb").scan(TableName=stack.outputs["TableName"]),
        lambda: as_ingest.client("secretsmanager").get_secret_value(SecretId=stack.outputs["SlackSecretArn"]),
        lambda: as_ingest.client("s3").list_objects_v2(Bucket=stack.outputs["ArchiveBucket"]),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            forbidden()


def _key(item: dict[str, object]) -> dict[str, object]:
    return {name: item[name] for name in ("pk", "sk")}
