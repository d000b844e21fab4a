"""What the functions call while leads are born, lost, swept and posted, held against their roles."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from fakes.receiver import Receiver
from pql.core.lead_message import decode
from pql.dev.function import Function
from pql.dev.gateway import Request
from pql.dev.stories import STORIES
from pql.dev.world import Settings, World, client, world
from pql.handlers import sweep
from pql.rules.directory import rules_directory
from stack import FUNCTIONS, WHOLE, allowed

# An SQS batch and a transaction are authorised by the actions of their parts.
PARTS = {"sqs:SendMessageBatch": {"sqs:SendMessage"}}
# Lambda makes these itself, under the function's role.
BY_LAMBDA = {
    *("logs:CreateLogStream", "logs:PutLogEvents"),
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
}
# Only called when something is down.
LATER = {"sqs:ChangeMessageVisibility", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"}
IN_TROUBLE = {
    "Slack": LATER,
    "Webhook": LATER,
    "Notify": {"sqs:SendMessage"},
    # Only when a rule is not as it was: what it says, whom it looks at, and the way into shadow.
    "Watch": {"sns:Publish", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"},
}

QUIET = """
signals: {reports: {count: Report Created, within: 7d}, ever: {count: Report Created}}
rules:
  quiet:
    when: {all: [{signal: ever, at_least: 1}, {signal: reports, less_than: 1}]}
    title: "{account}"
    reason: "{reports}"
tests:
  - {name: silence, timeline: [0d Report Created, 9d nothing], expect: fires at 7d}
  - {name: report, timeline: [0d Report Created], expect: silent}
"""
Used = dict[str, set[str]]


def _actions(service: str, operation: str, parameters: Mapping[str, Any]) -> set[str]:
    if operation == "TransactWriteItems":
        return {f"dynamodb:{part}Item" for item in parameters["TransactItems"] for part in item}
    action = f"{service}:{operation}"
    return PARTS.get(action, {action})


class Later:
    """The wall clock, ahead of its time."""

    seconds = 0

    def __call__(self) -> float:
        """Return the time."""
        return time.time() + self.seconds


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    """Return the actions each function used in one life of the world."""
    later = Later()
    rules = tmp_path_factory.mktemp("rules")
    (rules / "quiet.yaml").write_text(QUIET)
    shutil.copy(rules_directory(None) / "activation.yaml", rules)
    receiver = Receiver()
    webhook = {
        "LeadWebhookUrl": f"{receiver.origin}/leads",
        "LeadWebhookSecret": WHOLE["LeadWebhookSecret"],
        "LeadWebhookOrigins": receiver.origin,
    }
    builds = {"Sweep": lambda env: sweep.build(env, clock=later)}
    chosen = Settings(rules=rules, parameters=webhook, builds=builds)
    noted: Used = {name: set() for name in FUNCTIONS}
    running: list[str] = []
    call, invoke = BaseClient._make_api_call, Function.invoke

    def noting(self: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        if running:
            noted[running[-1]] |= _actions(self.meta.service_model.service_name, operation, parameters)
        return call(self, operation, parameters)

    def named(self: Function, event: Any, request_id: str | None = None) -> Any:
        running.append(self.name)
        try:
            return invoke(self, event, request_id)
        finally:
            running.pop()

    with (
        receiver,
        patch.object(BaseClient, "_make_api_call", noting),
        patch.object(Function, "invoke", named),
        world(chosen) as made,
    ):
        _tell_the_story(made)
        _send_poison(made)
        _lose_a_lead(made)
        _buy(made)
        later.seconds = 40 * 86_400
        _let_time_pass(made)
        assert len(receiver.taken) == len({taken.headers["webhook-id"] for taken in receiver.taken}) > 1
        yield noted


def _tell_the_story(made: World) -> None:
    calls = [
        call for chapter in STORIES["activation"].told(time.time_ns() // 1_000_000) for call in chapter.calls
    ]
    calls += [{"type": "identify", "userId": user, "anonymousId": "kiosk"} for user in ("ava", "ben")]
    body = json.dumps({"batch": calls, "writeKey": made.settings.write_key}).encode()
    answer = made.answer(Request("POST", "/v1/batch", [("Content-Type", "application/json")], body))
    made.drain()

    assert (200, 1, 1) == (answer.status, len(made.published), len(made.slack.cards))


def _send_poison(made: World) -> None:
    client("sqs").send_message(QueueUrl=made.resources.ref("EventsQueue"), MessageBody="no envelope")
    made.drain()


def _lose_a_lead(made: World) -> None:
    """Put the lead back to where it waits for SNS, long ago."""
    dynamodb, table = client("dynamodb"), made.resources.ref("Table")
    (lead,) = (
        item for item in dynamodb.scan(TableName=table)["Items"] if item["sk"]["S"].startswith("lead#")
    )
    dynamodb.update_item(
        TableName=table,
        Key={"pk": lead["pk"], "sk": lead["sk"]},
        UpdateExpression="SET outbox = :waiting, created = :then REMOVE published",
        ExpressionAttributeValues={":waiting": {"S": "waiting"}, ":then": {"N": "1"}},
    )
    made.fire_schedules()
    made.drain()

    assert len(made.published) == 2


def _buy(made: World) -> None:
    call = {"type": "track", "event": "Order Completed", "userId": "ava", "context": {"groupId": "northwind"}}
    body = json.dumps({"batch": [call], "writeKey": made.settings.write_key}).encode()
    made.answer(Request("POST", "/v1/batch", [("Content-Type", "application/json")], body))
    made.drain()


def _let_time_pass(made: World) -> None:
    """Make leads of who has been quiet, and move the wakes of who has not."""
    made.fire_schedules()
    made.drain()

    assert {"northwind", "quietwater"} == {
        lead.account_id
        for lead in (decode(message["Message"]) for message in made.published)
        if lead.rule == "quiet"
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_106_used_is_allowed(function: str, used: Used) -> None:
    """A function's role allows every call that the function makes."""
    assert used[function]
    assert set() == used[function] - set().union(*allowed(function).values())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_106_allowed_is_used(function: str, used: Used) -> None:
    """A role allows nothing that its function does without."""
    needed = used[function] | BY_LAMBDA | IN_TROUBLE.get(function, set())

    assert set() == set().union(*allowed(function).values()) - needed
