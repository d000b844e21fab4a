"""The watch and overrides, wired: from a batch of events to a message on the topic of alarms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fakes.events import DAY, HOUR, START, event
from fakes.leads import northwind
from fakes.tables import make_table
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_watch import KEPT_DAYS, DynamoWatch
from pql.adapters.lead_items import lead_put
from pql.cli.main import main
from pql.core.envelope import encode
from pql.core.errors import Conflict, Unavailable
from pql.core.override import Override, Overrides
from pql.flows.firing_rate import WEEK
from pql.handlers import process, watch

RULES = """
signals: {reports: {count: Report Created}}
rules: {busy: {when: {signal: reports, at_least: 1}, cooldown: 1h, title: t, reason: r}}
tests:
  - {name: fires, rule: busy, timeline: ["0d Report Created"], expect: fires at 0d}
  - {name: silent, rule: busy, timeline: ["0d nothing"], expect: silent}
"""
NOW = START + 100 * WEEK


@dataclass
class Cloud:
    """The resources, and the environment that names them."""

    dynamodb: Any
    sqs: Any
    env: dict[str, str]
    queue: str

    def messages(self) -> list[str]:
        """Return what was published."""
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(one["Body"])["Message"] for one in found]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Return a table, a topic with a queue behind it, and an archive."""
    (tmp_path / "busy.yaml").write_text(RULES)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "pql")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "watch")
    with mock_aws():
        dynamodb, sqs, sns = (boto3.client(name) for name in ("dynamodb", "sqs", "sns"))
        make_table(dynamodb)
        boto3.client("s3").create_bucket(Bucket="archive")
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        queue = sqs.create_queue(QueueName="mail")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        env = {
            "TABLE": "pql",
            "RULES": str(tmp_path),
            "ARCHIVE_BUCKET": "archive",
            "QUARANTINE_QUEUE_URL": queue,
            "ALARM_TOPIC_ARN": topic,
            "GUARDED_RULES": "other, busy",
        }
        yield Cloud(dynamodb, sqs, env, queue)


CONTEXT = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 30_000)


def count(cloud: Cloud, handle: Any, key: int, at: int) -> None:
    """Let process have an event."""
    body = encode([event(key, at=at, account=f"a{key}")])
    assert {"batchItemFailures": []} == handle({"Records": [{"messageId": "m", "body": body}]}, CONTEXT)


def statuses(cloud: Cloud) -> list[str]:
    """Return how the leads are announced, in the order of their accounts."""
    leads = DynamoLeads(cloud.dynamodb, "pql")
    return [leads.records([key])[0].lead.status for key in sorted(leads.newest())]


def test_a_rule_in_shadow_is_not_announced_until_it_is_live_again(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    """By two commands, within a minute, without a deployment."""
    clock = [0.0]
    handle = process.build(cloud.env, clock=lambda: (START / 1000) + clock[0])
    table = ["--table", "pql"]
    count(cloud, handle, 1, 0)
    rules = ["--rules", cloud.env["RULES"]]
    assert 0 == main(["rules", "shadow", "busy", "--reason", "too many", *rules, *table])
    assert "busy is in shadow since" in capsys.readouterr().out
    clock[0] += 61
    count(cloud, handle, 2, 61_000)
    assert 0 == main(["rules", "live", "busy", *table])
    clock[0] += 61
    count(cloud, handle, 3, 122_000)

    assert ["live", "shadow", "live"] == statuses(cloud)


def test_names_that_nobody_knows_are_refused(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """With the nearest one that is known; and who is in shadow can be asked."""
    table = ["--table", "pql"]
    assert 1 == main(["rules", "shadow", "bsy", "--rules", cloud.env["RULES"], *table])
    assert 1 == main(["rules", "live", "busy", *table])
    said = capsys.readouterr().err
    assert "busy" in said.splitlines()[0]
    assert 0 == main(["rules", "shadow", "--rules", cloud.env["RULES"], *table])
    assert "no rule is in shadow but by its file\n" == capsys.readouterr().out
    assert 0 == main(
        ["rules", "shadow", "busy", "--for", "7d", "--json", "--rules", cloud.env["RULES"], *table]
    )
    (told,) = json.loads(capsys.readouterr().out)["shadow"]
    assert "busy" == told["rule"]
    assert told["until"] is not None


def test_the_watch_tells_of_a_blind_rule_and_shadows_a_flood(cloud: Cloud) -> None:
    """What process has noted and the index of leads holds is all it looks at."""
    seen = DynamoWatch(cloud.dynamodb, "pql")
    for hour in range(NOW // HOUR - 24 * 20, NOW // HOUR - 24 * 5, 6):
        seen.note(hour, ["track:reportcreated"])
    for week in range(9):
        for place in range(8 if week else 80):
            at = NOW - week * WEEK - DAY
            lead = northwind(rule="busy", account_id=f"{week}-{place}", created=at)
            cloud.dynamodb.put_item(TableName="pql", **lead_put(lead))
    handle = watch.build(cloud.env, clock=lambda: NOW / 1000)
    handle({}, CONTEXT)
    handle({}, CONTEXT)

    (message,) = cloud.messages()
    blind, flood, shadow = message.splitlines()
    assert "busy is blind: no `reportcreated` since " in blind
    assert "busy made 80 leads in seven days" in flood
    assert "busy is in shadow now" in shadow
    assert {"busy"} == DynamoOverrides(cloud.dynamodb, "pql", lambda _: None).overrides().holding(NOW)


def test_hundreds_of_events_are_noted_in_expressions_that_dynamodb_takes(cloud: Cloud) -> None:
    """Of 4 KB, and of 300 operators."""
    expressions: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        expressions.append(params["UpdateExpression"])

    cloud.dynamodb.meta.events.register("provide-client-params.dynamodb.UpdateItem", note)
    names = {f"track:event{place}" for place in range(301)}
    seen = DynamoWatch(cloud.dynamodb, "pql")
    seen.note(NOW // HOUR, sorted(names))

    assert names == seen.hours(NOW).keys()
    assert max(map(len, expressions)) <= 4096
    assert max(one.count(":hour") for one in expressions) < 300


def test_process_notes_what_arrives(cloud: Cloud) -> None:
    """The hour, by the name that rules know."""
    handle = process.build(cloud.env, clock=lambda: START / 1000)
    count(cloud, handle, 1, 0)

    found = DynamoWatch(cloud.dynamodb, "pql").hours(START)
    assert {"track:reportcreated": {START // HOUR}} == found
    (day,) = cloud.dynamodb.query(
        TableName="pql",
        KeyConditionExpression="pk = :watch",
        ExpressionAttributeValues={":watch": {"S": "watch"}},
    )["Items"]
    assert {"N": str((START + KEPT_DAYS * DAY) // 1000)} == day["expires"]


def test_the_watch_counts_the_leads_of_a_span_once(cloud: Cloud) -> None:
    """From its first moment on, and not that of the next; whatever became of them."""
    made = [northwind(cycle=cycle, created=NOW + at) for cycle, at in enumerate((-1, 0, 9, 10), 1)]
    made[2] = northwind(cycle=3, created=NOW + 9, status="shadow")
    for lead in made:
        cloud.dynamodb.put_item(TableName="pql", **lead_put(lead))

    assert [(NOW, made[1].key), (NOW + 9, made[2].key)] == sorted(
        DynamoWatch(cloud.dynamodb, "pql").made(NOW, NOW + 10)
    )


def test_overrides_are_written_on_condition(cloud: Cloud) -> None:
    """Who read before somebody else wrote loses."""
    item = DynamoOverrides(cloud.dynamodb, "pql", lambda _: None)
    ours, theirs = (item.overrides().having(rule, Override(1, "ada"), 1) for rule in ("busy", "broad"))
    item.override(theirs)
    with pytest.raises(Conflict):
        item.override(ours)
    read = item.overrides()
    item.override(read.having("busy", Override(2, "bob", "why", 9), 1))
    with pytest.raises(Conflict):
        item.override(read.having("busy", Override(3, "eve"), 1))

    assert (
        Overrides(2, {"broad": Override(1, "ada"), "busy": Override(2, "bob", "why", 9)}) == item.overrides()
    )


@pytest.mark.parametrize("memo", [{"S": "?"}, {"N": "1"}])
def test_a_memo_that_nobody_can_read_is_an_outage(cloud: Cloud, memo: dict[str, str]) -> None:
    """Nothing is said again, and nothing written over it: no cohort of it could be worked out anew."""
    key = {"pk": {"S": "watch"}, "sk": {"S": "memo"}}
    cloud.dynamodb.put_item(TableName="pql", Item={**key, "memo": memo})

    with pytest.raises(Unavailable):
        DynamoWatch(cloud.dynamodb, "pql").memo()
    with pytest.raises(Unavailable):
        watch.build(cloud.env, clock=lambda: NOW / 1000)({}, CONTEXT)
    assert [] == cloud.messages()
