"""The way out, wired: sweep announces what was lost, and makes the leads that time makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes.events import DAY, START, event
from fakes.leads import CREATED, northwind
from fakes.way_out import LEAD, Cloud, Context, clock, never
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.lead_items import lead_put
from pql.core.account import Row
from pql.core.dedup import Ledger
from pql.core.errors import Unavailable
from pql.core.keys import LeadKey
from pql.core.lead_message import decode
from pql.core.override import Override
from pql.engine.plan import Plan
from pql.engine.state import pack
from pql.engine.step import step
from pql.flows.revision import changed
from pql.handlers import sweep
from pql.rules.load import load


def test_fault_070_073_a_sweep_announces_what_the_stream_lost(cloud: Cloud) -> None:
    """A lead nobody announced reaches the queue, once."""
    handle = sweep.build(cloud.env, dynamodb=cloud.dynamodb, sns=cloud.sns, clock=clock)

    handle({}, Context())
    handle({}, Context())

    assert [LEAD.key] == [decode(record["body"]).key for record in cloud.records()]


PACK = """
signals: {reports: {count: Report Created, within: 2d}}
rules:
  quiet: {when: {signal: reports, less_than: 1}, title: "{account} went quiet", reason: "{reports}"}
tests:
  - {name: silence, timeline: [0d Other, 0d Report Created, 3d nothing], expect: fires at 2d}
  - {name: report, timeline: [0d Report Created], expect: silent}
"""


@pytest.fixture
def asleep(cloud: Cloud, tmp_path: Path) -> Cloud:
    """Return the resources with an account that has been quiet since the lead was made, and its rule."""
    (tmp_path / "quiet.yaml").write_text(PACK)
    cloud.env["RULES"] = str(tmp_path)
    store = DynamoStore(cloud.dynamodb, "pql", lambda _: None)
    plan = Plan(load(tmp_path))
    account = plan.account("a:globex")
    step(plan, account, event(1, at=CREATED - 3 * DAY - START, account="globex"))
    store.commit(changed(plan, account, Row("a:globex"), pack(plan, account), Ledger()), [])
    return cloud


def swept(cloud: Cloud, **clients: Any) -> None:
    """Run sweep once."""
    sweep.build(cloud.env, **{"dynamodb": cloud.dynamodb, "sns": cloud.sns, **clients}, clock=clock)(
        {}, Context()
    )


def leads_of_globex(cloud: Cloud) -> list[str]:
    """Return the titles of the leads that time made."""
    key = LeadKey("a:globex", "quiet", 1)
    record = DynamoOutbox(cloud.dynamodb, "pql").lead(key)
    return [record.lead.title] if record else []


def test_a_sweep_makes_the_leads_that_time_makes(asleep: Cloud) -> None:
    """A rule that no event makes true makes its lead in the same run that announces what was lost."""
    swept(asleep)

    assert ["globex went quiet"] == leads_of_globex(asleep)
    assert [LEAD.key] == [decode(record["body"]).key for record in asleep.records()]


def test_a_rule_in_shadow_makes_its_leads_in_shadow_when_time_makes_them(asleep: Cloud) -> None:
    """As process does: sweep looks at the overrides, too, and announces none of them."""
    item, now = DynamoOverrides(asleep.dynamodb, "pql", never), int(clock() * 1000)
    item.override(item.overrides().having("quiet", Override(now, "ada"), now))
    swept(asleep)
    swept(asleep)
    record = DynamoOutbox(asleep.dynamodb, "pql").lead(LeadKey("a:globex", "quiet", 1))

    assert record is not None
    assert "shadow" == record.lead.status
    assert [LEAD.key] == [decode(one["body"]).key for one in asleep.records()]


def test_a_topic_that_is_away_leaves_nobody_asleep(asleep: Cloud) -> None:
    """The leads that time makes wait in the table for their announcement, and the run is an error."""
    asleep.env["LEADS_TOPIC_ARN"] += "-elsewhere"
    with pytest.raises(Unavailable, match="SNS"):
        swept(asleep)

    assert ["globex went quiet"] == leads_of_globex(asleep)


def test_a_slow_topic_leaves_time_to_wake(asleep: Cloud) -> None:
    """However much waits for its announcement, half of the run is for the accounts."""
    for cycle in range(2, 6):
        asleep.dynamodb.put_item(TableName="pql", **lead_put(northwind(cycle=cycle)))

    class Short(Context):
        left = 30_000

        def get_remaining_time_in_millis(self) -> int:
            return self.left

    class Slow:
        def publish(self, **message: Any) -> Any:
            context.left -= 11_000
            return asleep.sns.publish(**message)

    context = Short()
    sweep.build(asleep.env, dynamodb=asleep.dynamodb, sns=Slow(), clock=clock)({}, context)

    assert (["globex went quiet"], 1) == (leads_of_globex(asleep), len(asleep.records()))


def test_a_table_that_takes_nothing_holds_up_no_announcement(asleep: Cloud) -> None:
    """What waits for the topic is announced although no account can be written, and the run is an error."""

    class Denied:
        def __getattr__(self, name: str) -> Any:
            return getattr(asleep.dynamodb, name)

        def transact_write_items(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "TransactWriteItems")

    with pytest.raises(Unavailable, match="DynamoDB"):
        swept(asleep, dynamodb=Denied())

    assert [LEAD.key] == [decode(record["body"]).key for record in asleep.records()]


def test_an_account_that_cannot_be_judged_is_an_error_and_named(
    asleep: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody has to look at it, and finds in the log which it is."""
    asleep.dynamodb.update_item(
        TableName="pql",
        Key={"pk": {"S": "a:globex"}, "sk": {"S": "state"}},
        UpdateExpression="SET #state = :broken",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":broken": {"B": b"broken"}},
    )
    with pytest.raises(sweep.AccountsFailed):
        swept(asleep)

    assert "a:globex" in " ".join(str(vars(record)) for record in caplog.records)


def test_a_sweep_in_an_outage_is_an_error(cloud: Cloud) -> None:
    """The function's error alarm is how anybody learns of it."""
    env = {**cloud.env, "TABLE": "elsewhere"}
    handle = sweep.build(env, dynamodb=cloud.dynamodb, sns=cloud.sns, clock=clock)

    with pytest.raises(Unavailable):
        handle({}, Context())
