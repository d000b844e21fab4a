"""What AWS says of the parts of a deployment, for whoever looks after it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pql.adapters.dynamo_outbox import INDEX, WAITING
from pql.adapters.dynamo_store import WAKE_INDEX
from pql.adapters.outages import outages
from pql.core.account import WAKE_SHARDS
from pql.flows.doctor import Listeners, Table

_MINUTES = 10


def table(client: Any, name: str) -> Table:
    """Return what DynamoDB says of a table; raises `Unavailable`."""
    with outages("DynamoDB"):
        found = client.describe_table(TableName=name)["Table"]
        expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    return Table(
        found["TableStatus"],
        {one["IndexName"]: one["IndexStatus"] for one in found.get("GlobalSecondaryIndexes", [])},
        bool(found.get("StreamSpecification", {}).get("StreamEnabled")),
        expiry.get("AttributeName", "") if expiry["TimeToLiveStatus"] in {"ENABLED", "ENABLING"} else "",
        recovery == "ENABLED" if recovery else None,
    )


def unpublished(client: Any, name: str) -> int | None:
    """Return when the oldest lead that waits to be announced was made, epoch ms; raises `Unavailable`."""
    query = {
        "IndexName": INDEX,
        "KeyConditionExpression": "#outbox = :waiting",
        "ExpressionAttributeNames": {"#outbox": "outbox"},
        "ExpressionAttributeValues": {":waiting": {"S": WAITING}},
    }
    found = _first(client, name, query)
    return int(found["created"]["N"]) if found else None


def asleep(client: Any, name: str) -> int | None:
    """Return when the account that has overslept longest was to be woken, epoch ms; raises `Unavailable`."""
    moments = []
    for shard in range(WAKE_SHARDS):
        query = {
            "IndexName": WAKE_INDEX,
            "KeyConditionExpression": "wakes = :shard",
            "ExpressionAttributeValues": {":shard": {"S": str(shard)}},
        }
        found = _first(client, name, query)
        if found:
            moments.append(int(found["wake"]["N"]) * 1000)
    return min(moments, default=None)


def oldest_message(client: Any, queue: str, now: float) -> float | None:
    """Return how many seconds the oldest message of a queue has waited, None where CloudWatch knows nothing.

    Raises `Unavailable`.
    """
    end = datetime.fromtimestamp(now, UTC)
    with outages("CloudWatch"):
        found = client.get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": queue}],
            StartTime=end - timedelta(minutes=_MINUTES),
            EndTime=end,
            Period=60,
            Statistics=["Maximum"],
        )
    points = sorted(found["Datapoints"], key=lambda one: one["Timestamp"])
    return float(points[-1]["Maximum"]) if points else None


def ringing(client: Any, stack: str) -> Mapping[str, str]:
    """Return what a stack's alarms that ring say, by their names in the template; raises `Unavailable`."""
    with outages("CloudWatch"):
        found = client.describe_alarms(StateValue="ALARM", AlarmNamePrefix=f"{stack}-")
    # CloudFormation calls them STACK-NAME-CHANCE; a stack's own name may begin with another's and a dash.
    own = re.compile(rf"{re.escape(stack)}-([A-Za-z0-9]+)-[A-Za-z0-9]+").fullmatch
    alarms = {one["AlarmName"]: one.get("AlarmDescription", "") for one in found.get("MetricAlarms", [])}
    return {named[1]: said for name, said in alarms.items() if (named := own(name))}


def listeners(client: Any, topic: str) -> Listeners:
    """Return who hears what a topic is told; raises `Unavailable`."""
    confirmed = 0
    pending: list[str] = []
    more: dict[str, str] = {}
    while True:
        with outages("SNS"):
            page = client.list_subscriptions_by_topic(TopicArn=topic, **more)
        for one in page["Subscriptions"]:
            if one["SubscriptionArn"] == "PendingConfirmation":
                pending.append(one["Endpoint"])
            else:
                confirmed += 1
        if not page.get("NextToken"):
            return Listeners(confirmed, pending)
        more = {"NextToken": page["NextToken"]}


def schedule(client: Any, rule: str) -> str:
    """Return the state of a schedule, such as `ENABLED`; raises `Unavailable`."""
    with outages("EventBridge"):
        state: str = client.describe_rule(Name=rule)["State"]
    return state


def event_sources(client: Any, functions: Mapping[str, str]) -> Mapping[str, str]:
    """Return the state of what hands messages to each function; raises `Unavailable`."""
    states = {}
    for name, physical in functions.items():
        with outages("Lambda"):
            found = client.list_event_source_mappings(FunctionName=physical)["EventSourceMappings"]
        states[name] = next((one["State"] for one in found), "missing")
    return states


def _first(client: Any, name: str, query: Mapping[str, Any]) -> dict[str, Any]:
    with outages("DynamoDB"):
        items = client.query(TableName=name, Limit=1, **query)["Items"]
    return items[0] if items else {}
