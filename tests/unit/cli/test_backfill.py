"""`pql backfill` gives a rule that is new the past that the archive holds, in the table of a stack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fakes.events import DAY, START, event
from fakes.introducing import spoil
from fakes.tables import make_table
from pql.adapters import stack_resources
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_archive import MemoryQuarantine
from pql.adapters.s3_archive import S3Archive
from pql.cli import backfill as command
from pql.cli.main import main
from pql.core.envelope import encode
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.backfill import Backfill
from pql.flows.count import Counter
from pql.flows.past import AHEAD, Backfilled
from pql.flows.process import Processor
from pql.rules.load import parse

DOCS = Path(__file__).parents[3] / "docs"
BEFORE = """
signals: {reports: {count: Report Created}}
rules:
  old: {when: {signal: reports, at_least: 1000}, title: t, reason: r}
tests:
  - {name: fires, rule: old, timeline: ["0d Report Created x1000"], expect: fires at 0d}
  - {name: silent, rule: old, timeline: ["0d Report Created"], expect: silent}
"""
AFTER = """
signals: {reports: {count: Report Created}, exports: {count: Export Created}}
rules:
  old: {when: {signal: reports, at_least: 1000}, title: t, reason: r}
  keen: {when: {signal: exports, at_least: 3}, title: t, reason: r}
tests:
  - {name: fires, rule: old, timeline: ["0d Report Created x1000"], expect: fires at 0d}
  - {name: silent, rule: old, timeline: ["0d Report Created"], expect: silent}
  - {name: keen, rule: keen, timeline: ["0d Export Created x3"], expect: fires at 0d}
  - {name: not keen, rule: keen, timeline: ["0d Export Created"], expect: silent}
"""
NOW = START + 5 * DAY


class Stack:
    """A table and an archive that events are counted into."""

    def __init__(self, rules: Path) -> None:
        self.dynamodb, self.s3, self.rules, self.batch = (
            boto3.client("dynamodb"),
            boto3.client("s3"),
            rules,
            0,
        )

    def count(self, text: str, *events: Event) -> None:
        """Count events by rules, as process does."""
        self.batch += 1
        store = DynamoStore(self.dynamodb, "pql", lambda _: None)
        Processor(
            store,
            Counter(store, Plan(parse({"rules.yaml": text})), 45, lambda _: None),
            S3Archive(self.s3, "archive"),
            MemoryQuarantine(),
            horizon=7 * DAY,
            pause=lambda _: None,
        ).process([("m", encode(events))], f"{NOW + self.batch:013}-b", NOW, lambda: 60.0)

    def exports(self, account: str) -> Any:
        """Return how many exports an account has created."""
        plan = Plan(parse({"rules.yaml": AFTER}))
        row = DynamoStore(self.dynamodb, "pql", lambda _: None).rows([f"a:{account}"])[f"a:{account}"]
        return unpack(plan, row.subject, row.state).values[plan.scopes["rules.yaml"].signals["exports"].place]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Return a stack with a past of three accounts, in which a rule is new."""
    (tmp_path / "rules.yaml").write_text(AFTER)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(command.time, "time_ns", lambda: NOW * 1_000_000)
    monkeypatch.setattr(stack_resources, "resources", lambda *_: {"Table": "pql", "Archive": "archive"})
    monkeypatch.setattr(stack_resources, "parameters", lambda *_: {"LatenessDays": "7"})
    with mock_aws():
        found = Stack(tmp_path)
        make_table(found.dynamodb)
        found.s3.create_bucket(Bucket="archive")
        for place, (account, exports) in enumerate([("acme", 5), ("globex", 3), ("initech", 1)]):
            for one in range(exports):
                found.count(BEFORE, event((account, one), "Export Created", at=place * DAY, account=account))
        found.count(AFTER, event("new", "Export Created", at=4 * DAY, account="initech"))
        yield found


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run `pql backfill` and return what it prints."""
    assert 0 == main(["backfill", *words])
    return capsys.readouterr().out


def test_a_new_rule_gets_its_past_and_nobody_is_told(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page shows what it prints; a second run finds nothing to do."""
    rules = ["--rule", "keen", "--rules", str(stack.rules)]
    looked = said(capsys, *rules, "--dry-run")
    assert (0, 1) == (stack.exports("acme"), stack.exports("initech"))
    done = said(capsys, *rules)
    again = said(capsys, *rules)

    assert (5, 3, 2) == tuple(map(stack.exports, ("acme", "globex", "initech")))
    assert [] == [*DynamoLeads(stack.dynamodb, "pql").newest()]
    assert "0 rows written, 3 held it all" in again
    page = (DOCS / "backfill.md").read_text()
    for name, printed in (("look", looked), ("done", done)):
        shown = re.search(rf"<!-- {name}: .*?-->\n```text\n(.*?)```", page, re.DOTALL)
        assert shown is not None
        assert shown[1] == printed


def test_rules_that_were_never_deployed_are_refused(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is read of the archive, and nothing written; who only looks is told so, and shown."""
    (stack.rules / "rules.yaml").write_text(AFTER.replace("at_least: 3", "at_least: 2"))
    before = stack.dynamodb.scan(TableName="pql")["Items"]
    words = ["backfill", "--rule", "keen", "--rules", str(stack.rules)]
    refused = main(words), *capsys.readouterr()
    looked = main([*words, "--dry-run"]), *capsys.readouterr()

    assert (1, "") == refused[:2]
    assert "no function has ever judged by the rules in" in refused[2]
    assert before == stack.dynamodb.scan(TableName="pql")["Items"]
    assert (0, "10 events") == (looked[0], looked[1][:9])
    assert "no function has ever judged" in looked[2]


def test_leads_are_made_of_the_best_if_wanted(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """By introducing the rule, which sees the past now."""
    said(capsys, "--rule", "keen", "--rules", str(stack.rules))
    arguments = [
        "keen",
        "--table",
        "pql",
        "--rules",
        str(stack.rules),
        "--announce",
        "--top",
        "1",
        "--rate",
        "0",
    ]
    assert 0 == main(["rules", "introduce", *arguments])

    assert ["keen"] == [key.rule for key in DynamoLeads(stack.dynamodb, "pql").newest()]


def test_a_row_that_was_left_is_said_and_the_code_says_so(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts it from a script types it again; a signal may be named with its file."""
    monkeypatch.setattr(Backfill, "run", lambda _: Backfilled(left={"a:acme": "it changed again and again"}))

    assert 1 == main(["backfill", "--signal", "rules:exports", "--rules", str(stack.rules)])
    assert "left: a:acme: it changed again and again" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(("why", "named"), [(f"2 events {AHEAD}", 1), ("others wrote it", 0)])
def test_an_erasure_is_named_where_it_may_be_why(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, why: str, named: int
) -> None:
    """It takes lines out of the archive, and leaves what was counted of them."""
    monkeypatch.setattr(Backfill, "run", lambda _: Backfilled(left={"a:acme": why}))
    main(["backfill", "--rule", "keen", "--rules", str(stack.rules)])

    assert named == capsys.readouterr().out.count("an erasure takes events out of the archive")


@pytest.mark.parametrize("attribute", ["state", "ledger"])
def test_a_row_that_nobody_can_read_is_said_and_the_others_are_done(
    stack: Stack, capsys: pytest.CaptureFixture[str], attribute: str
) -> None:
    """Whether it is damaged or a newer deployment's; it may be read again, and then it is done."""
    spoil(stack.dynamodb, "a:globex", attribute)

    assert 1 == main(["backfill", "--rule", "keen", "--rules", str(stack.rules)])
    shown = capsys.readouterr().out.splitlines()
    assert ["left: a:globex"] == [one[: len("left: a:globex")] for one in shown if one.startswith("left: ")]
    assert "2 rows written, 0 held it all" in shown
    assert "cannot be read is left each time: use the pql of the version that is deployed" in shown[-1]
    assert (5, 2) == tuple(map(stack.exports, ("acme", "initech")))


def test_a_table_of_a_newer_deployment_is_refused(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """It says which command to use, and nothing is written."""
    for account in ("acme", "globex", "initech"):
        spoil(stack.dynamodb, f"a:{account}", "ledger")
    before = stack.dynamodb.scan(TableName="pql")["Items"]

    assert 1 == main(["backfill", "--rule", "keen", "--rules", str(stack.rules)])
    assert "use the pql of the version that is deployed" in capsys.readouterr().err
    assert before == stack.dynamodb.scan(TableName="pql")["Items"]


def test_programs_are_told_the_same(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON."""
    told = json.loads(said(capsys, "--signal", "exports", "--rules", str(stack.rules), "--json"))

    assert (True, 10, 3, {"keen": 2}, {}) == tuple(
        told[name] for name in ("written", "events", "rows", "silent", "left")
    )


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [([], 2, "name what is new"), (["--rule", "kene"], 1, "keen"), (["--signal", "export"], 1, "exports")],
)
def test_names_are_asked_for(
    words: list[str], code: int, expected: str, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what is misspelt gets the nearest name."""
    assert code == main(["backfill", *words, "--rules", str(stack.rules)])
    assert expected in capsys.readouterr().err
