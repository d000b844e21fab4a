"""`pql explain` from the table: the words of the log, and what a row cannot tell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fakes.events import DAY, START
from fakes.explaining import HISTORY, RULES, Captured, asked
from fakes.plans import plan_of
from pql.adapters import stack_resources
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.override import Override
from pql.core.times import written_time
from pql.flows.count import Counter
from pql.flows.process import Processor


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a DynamoDB whose table holds what the history made."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "eu-west-1"),
    ):
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="pql",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        count(client, HISTORY)
        yield client


def count(client: Any, events: list[Event]) -> None:
    """Count events into the table as the deployment does."""
    store = DynamoStore(client, "pql", lambda _: None)
    counter = Counter(store, plan_of(RULES), 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=7 * DAY, pause=lambda _: None
    )
    assert not processor.process([("m", encode(events))], "b", START + 3 * DAY, lambda: 60.0).failed


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ((), ["--lateness-days", "30"]),
        (("--table", "pql"), []),
        (("--lateness-days", "9"), ["--lateness-days", "9"]),
    ],
    ids=["the stack's", "nobody's", "named"],
)
def test_what_makes_a_lead_again_has_the_limit_of_the_stack(
    rules: Path,
    table: Any,
    words: tuple[str, ...],
    limit: list[str],
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With another limit other events would count; a table that is named says nothing of any."""
    assert table
    monkeypatch.delenv("PQL_TABLE", raising=False)
    monkeypatch.setattr(stack_resources, "resources", lambda _client, _stack: {"Table": "pql"})
    monkeypatch.setattr(stack_resources, "parameters", lambda _client, _stack: {"LatenessDays": "30"})
    _, out, _ = asked(capsys, "acme", "lively", *words, "--rules", rules, "--at", "2025-01-05")
    command = next(line.partition(": ")[2] for line in out.splitlines() if "derive it again" in line)

    typed = shlex.split(command)
    assert limit == typed[typed.index(str(rules)) + 1 : typed.index("--at")]


def test_a_table_says_what_the_log_says(rules: Path, archive: Path, table: Any, capsys: Captured) -> None:
    """The row and the stored lead give the same words as counting the archive again."""
    moment = ("--at", "2025-01-05T00:00:00Z")
    of_log = asked(capsys, "acme", "--events", archive, "--rules", rules, *moment)[:2]

    code, out, _ = asked(capsys, "acme", "--table", "pql", "--rules", rules, *moment)
    assert of_log == (code, out.replace("ARCHIVE", str(archive)))


def test_a_table_says_so_where_it_cannot_go_back(rules: Path, table: Any, capsys: Captured) -> None:
    """What stands is told, and where to look for what stood; of whom there is not, no moment is named."""
    assert table
    stack = ("--table", "pql", "--rules", rules, "--at", "2024-12-31")
    code, out, err = asked(capsys, "acme", *stack)

    assert "nothing is counted for account nobody;" in asked(capsys, "nobody", *stack)[2]
    assert (0, "acme as of 4 Jan 2025, 00:00 UTC") == (code, out.splitlines()[0])
    assert "pql explain: a table holds what stands now: for 31 Dec 2024, 00:00 UTC name --events\n" == err


def test_rules_that_did_not_judge_a_row_say_so(
    rules: Path, tmp_path: Path, table: Any, capsys: Captured
) -> None:
    """By others everything would be missing, and nothing would say why."""
    assert table
    (others := tmp_path / "others").mkdir()
    for one in rules.iterdir():
        (others / one.name).write_text(one.read_text().replace("people, at_least: 4", "people, at_least: 5"))
    _, _, err = asked(capsys, "acme", "--table", "pql", "--rules", others, "--at", "2025-01-05")

    assert (
        "pql explain: these rules have not judged it yet: --rules DIR names those that are deployed\n" == err
    )


@pytest.mark.parametrize(("until", "shown"), [("2025-01-06", True), ("2025-01-04", False)])
def test_a_rule_in_shadow_by_an_override_says_so(
    rules: Path, table: Any, until: str, *, shown: bool, capsys: Captured
) -> None:
    """As long as that holds; its file says that it is live."""
    item = DynamoOverrides(table, "pql", lambda _: None)
    over = written_time(until)
    item.override(item.overrides().having("lively", Override(START, "ada", "too many", over), START))
    asking = ["--table", "pql", "--rules", rules, "--at", "2025-01-05"]
    _, out, _ = asked(capsys, "acme", "lively", *asking)
    _, told, _ = asked(capsys, "acme", "lively", *asking, "--json")

    assert shown == ("it is in shadow by an override: its leads are kept and not announced" in out)
    assert ("shadow" if shown else "live") == json.loads(told)["rules"][0]["status"]


def test_a_table_is_only_read(rules: Path, table: Any, capsys: Captured) -> None:
    """What time alone has made true is told, and written by nobody."""
    before = table.scan(TableName="pql")["Items"]
    code, out, _ = asked(capsys, "acme", "ending", "--table", "pql", "--rules", rules, "--at", "2025-01-10")

    assert (0, "✓ ending: hot lead since 9 Jan 2025, 00:00 UTC (1st time)") == (code, out.splitlines()[2])
    assert before == table.scan(TableName="pql")["Items"]
