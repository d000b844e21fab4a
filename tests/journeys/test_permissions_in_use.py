"""What the functions call while a lead is born, lost, swept and posted, held against their roles."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from pql.dev.function import Function
from pql.dev.gateway import Request
from pql.dev.seed import story
from pql.dev.world import World, client, world
from stack import FUNCTIONS, allowed

# An SQS batch and a transaction are authorised by the actions of their parts.
PARTS = {"sqs:SendMessageBatch": {"sqs:SendMessage"}}
# Lambda makes these itself, under the function's role.
BY_LAMBDA = {
    *("logs:CreateLogStream", "logs:PutLogEvents"),
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
}
# Only called when something is down.
IN_TROUBLE = {"Slack": {"sqs:ChangeMessageVisibility"}, "Notify": {"sqs:SendMessage"}}

Used = dict[str, set[str]]


def _actions(service: str, operation: str, parameters: Mapping[str, Any]) -> set[str]:
    if operation == "TransactWriteItems":
        return {f"dynamodb:{part}Item" for item in parameters["TransactItems"] for part in item}
    action = f"{service}:{operation}"
    return PARTS.get(action, {action})


@pytest.fixture(scope="module")
def used() -> Iterator[Used]:
    """Return the actions each function used in one life of the world."""
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
        patch.object(BaseClient, "_make_api_call", noting),
        patch.object(Function, "invoke", named),
        world() as made,
    ):
        _tell_the_story(made)
        _send_poison(made)
        _lose_a_lead(made)
        yield noted


def _tell_the_story(made: World) -> None:
    calls = [call for chapter in story(time.time_ns() // 1_000_000) for call in chapter.calls]
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


@pytest.mark.parametrize("function", FUNCTIONS)
def test_used_is_allowed(function: str, used: Used) -> None:
    """A function's role allows every call that the function makes."""
    assert used[function]
    assert set() == used[function] - set().union(*allowed(function).values())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_allowed_is_used(function: str, used: Used) -> None:
    """A role allows nothing that its function does without."""
    needed = used[function] | BY_LAMBDA | IN_TROUBLE.get(function, set())

    assert set() == set().union(*allowed(function).values()) - needed
