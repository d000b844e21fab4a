"""`pql rules introduce` shows who holds a new rule already, and makes leads of the best of them once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.events import DAY, START, event
from fakes.introducing import spoil
from fakes.tables import named_table
from pql.adapters import dynamo_accounts
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.cli.main import main
from pql.cli.rules import introduce as command
from pql.cli.rules.checkpoint import Checkpoint, begun
from pql.cli.rules.deployed import NotDeployed
from pql.core.envelope import encode
from pql.core.errors import PqlError, Unavailable
from pql.core.override import Override
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.editions import Editions
from pql.flows.overrides import FRESH, change
from pql.flows.ports import Page
from pql.flows.process import Processor
from pql.rules.load import load, parse

DOCS = Path(__file__).parents[3] / "docs"
BEFORE = """
signals:
  reports: {count: Report Created, label: reports created}
  recent: {count: Report Created, within: 2d, label: reports created}
rules:
  old: {when: {signal: reports, at_least: 1000}, title: t, reason: r}
tests:
  - {name: fires, rule: old, timeline: ["0d Report Created x1000"], expect: fires at 0d}
  - {name: silent, rule: old, timeline: ["0d Report Created"], expect: silent}
"""
AFTER = (
    BEFORE.replace(
        "rules:",
        """scores:
  usage: [{points: 10, per: reports, up_to: 200}]
rules:
  keen: {when: {score: usage, at_least: 20}, baseline: top 2, title: "{account} is keen", reason: r}
  quiet: {when: {all: [{signal: reports, at_least: 1}, {signal: recent, less_than: 1}]}, title: t, reason: r}
  later: {when: {signal: reports, at_least: 9}, status: draft, title: t, reason: r}""",
    )
    + """
  - {name: keen, rule: keen, timeline: ["0d Report Created x2"], expect: fires at 0d}
  - {name: not keen, rule: keen, timeline: ["0d Report Created"], expect: silent}
  - {name: quiet, rule: quiet, timeline: ["0d Report Created", "9d nothing"], expect: fires at 2d}
  - {name: not quiet, rule: quiet, timeline: ["0d nothing"], expect: silent}
  - {name: later, rule: later, timeline: ["0d Report Created x9"], expect: fires at 0d}
  - {name: not later, rule: later, timeline: ["0d nothing"], expect: silent}
"""
)
NOW = START + 5 * DAY
ACCOUNTS = {"northwind": (6, 4), "globex": (4, 4), "initech": (3, 0), "acme": (3, 1), "umbrella": (1, 4)}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a table with accounts that were counted before the rules were new."""
    monkeypatch.setattr(command, "now_ms", lambda: NOW)
    monkeypatch.setattr(dynamo_accounts, "PAGE", 4)
    with named_table(monkeypatch) as client:
        store = DynamoStore(client, "pql", lambda _: None)
        counter = Counter(store, Plan(parse({"rules.yaml": BEFORE})), 45, lambda _: None)
        processor = Processor(
            store, counter, MemoryArchive(), MemoryQuarantine(), horizon=90 * DAY, pause=lambda _: None
        )
        history = [
            event((account, one), account=account, at=day * DAY)
            for account, (many, day) in ACCOUNTS.items()
            for one in range(many)
        ]
        processor.process([("m", encode(history))], "batch", START, lambda: 60.0)
        yield client


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a directory with the rules, some of them new."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.yaml").write_text(AFTER)
    return tmp_path / "rules"


@pytest.fixture
def run(table: Any, rules: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `pql rules introduce`, of deployed rules, and returns its code and what it wrote."""

    def told(*words: str, deployed: bool = True) -> tuple[int, str, str]:
        if deployed:
            Editions(DynamoStore(table, "pql", lambda _: None), Plan(load(rules))).declare()
        code = main(["rules", "introduce", *words, "--rules", str(rules), "--rate", "0"])
        return code, *capsys.readouterr()

    return told


def leads(table: Any) -> set[str]:
    """Return whose leads the table holds, and of which rule."""
    return {f"{key.subject}/{key.rule}" for key in DynamoLeads(table, "pql").newest()}


def test_rules_that_were_never_deployed_are_refused(run: Run, table: Any) -> None:
    """No function would read what they write; who only looks is told so, and shown."""
    before = table.scan(TableName="pql")["Items"]
    refused = [run("keen", "quiet", word, deployed=False) for word in ("--apply", "--announce")]
    code, looked, told = run("keen", "quiet", deployed=False)

    assert [(1, "")] * 2 == [one[:2] for one in refused]
    for _, _, said in refused:
        assert "no function has ever judged by the rules in" in said
        assert "by --rules DIR; or deploy these first" in said
    assert before == table.scan(TableName="pql")["Items"]
    assert (0, "keen: 4 of 5 accounts") == (code, looked[:21])
    assert "no function has ever judged" in told
    assert "rules_not_deployed" == NotDeployed.code


def test_it_is_said_which_rules_were_asked(run: Run, rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who forgets `--rules` sees that those that ship were."""
    assert f"asked were the rules in {rules}" in run("nobody")[2]
    assert 1 == main(["rules", "introduce", "nobody"])
    assert "asked were the rules that ship (" in capsys.readouterr().err


def test_a_signal_without_a_past_is_named(run: Run, tmp_path: Path) -> None:
    """What was never counted cannot hold: the command says so instead of showing an empty ranking alone."""
    rule = "{when: {all: [{score: usage, at_least: 9}, {signal: made, at_least: 1}]}, title: t, reason: r}"
    tests = """
  - {name: new, rule: new, timeline: ["0d Report Created", "0d Report Made"], expect: fires at 0d}
  - {name: not new, rule: new, timeline: ["0d nothing"], expect: silent}
"""
    text = AFTER.replace("rules:\n", f"rules:\n  new: {rule}\n")
    text = text.replace("signals:\n", "signals:\n  made: {count: Report Made}\n") + tests
    (tmp_path / "rules" / "rules.yaml").write_text(text)

    said = [one for one in run("new")[1].splitlines() if "is not counted" in one]

    assert ["`made` is not counted in any account yet: a signal counts from its deployment on"] == said


@pytest.mark.parametrize(
    ("attribute", "why"),
    [
        ("state", ""),
        ("ledger", "written by a newer deployment, or damaged: the ids of a:acme cannot be read"),
    ],
)
def test_an_account_that_is_damaged_is_named_and_the_code_says_so(
    run: Run, table: Any, attribute: str, why: str
) -> None:
    """The others are ranked as ever, for a reader and for a program."""
    spoil(table, "a:acme", attribute)
    code, said, _ = run("keen")
    told = json.loads(run("keen", "--json")[1])

    lines = [one for one in said.splitlines() if one.startswith(f"left: a:acme: {why}")]
    assert (1, 1) == (code, len(lines))
    assert ["a:acme"] == [*told["rules"][0]["left"]]
    assert ["northwind", "globex", "initech"] == [one["account_id"] for one in told["rules"][0]["ranked"]]


def test_the_documented_ranking_is_what_is_printed(run: Run, table: Any) -> None:
    """The page shows what the command says of these accounts; looking writes nothing."""
    run("keen")
    before = table.scan(TableName="pql")["Items"]
    code, out, errors = run("keen", "quiet")
    page = (DOCS / "introduce.md").read_text(encoding="utf-8")

    assert (0, "") == (code, errors)
    assert re.search(r"<!-- ranking.*?```text\n(.*?)```", page, re.DOTALL)[1] == out  # type: ignore[index]
    assert before == table.scan(TableName="pql")["Items"]


def test_a_rule_that_is_put_into_shadow_meanwhile_announces_nobody(
    run: Run, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read all accounts takes its time: which rules are in shadow is looked up again."""
    clock, page = [NOW], dynamo_accounts.DynamoAccounts.page

    def read(accounts: dynamo_accounts.DynamoAccounts, after: str | None) -> Page:
        if after:
            clock[0] += FRESH
            quiet = {"keen": Override(NOW, "ada", "not now")}
            item = DynamoOverrides(table, "pql", lambda _: None)
            change(item, lambda held: msgspec.structs.replace(held, rules=quiet))
        return page(accounts, after)

    monkeypatch.setattr(command, "now_ms", lambda: clock[0])
    monkeypatch.setattr(dynamo_accounts.DynamoAccounts, "page", read)
    code, *_ = run("keen", "--announce")

    records = DynamoLeads(table, "pql")
    assert (0, {"shadow"}) == (code, {records.lead(key).lead.status for key in records.newest()})  # type: ignore[union-attr]


def test_the_best_become_leads_and_once_is_enough(run: Run, table: Any) -> None:
    """Typed again it says what it did, and does nothing."""
    run("keen", "quiet", "--announce")
    made = leads(table)
    before = table.scan(TableName="pql")["Items"]
    _, out, _ = run("keen", "quiet", "--announce", "--json")
    keen, quiet = json.loads(out)["rules"]

    assert {"a:northwind/keen", "a:globex/keen"} == made
    assert (2, 2, 2) == (keen["leads"], keen["introduced"], keen["matches"])
    assert [("acme", "silent"), ("initech", "silent")] == [
        (one["account_id"], one["outcome"]) for one in keen["ranked"]
    ]
    assert (0, 2) == (quiet["leads"], quiet["matches"])
    assert before == table.scan(TableName="pql")["Items"]


def test_more_can_be_asked_for(run: Run, table: Any) -> None:
    """Beyond what the baseline says."""
    run("keen", "quiet", "--announce", "--top", "3")

    assert {"a:northwind", "a:globex", "a:acme"} == {
        one.removesuffix("/keen") for one in leads(table) if one.endswith("/keen")
    }


def test_a_rule_without_a_baseline_makes_leads_of_all(run: Run, table: Any, rules: Path) -> None:
    """Whoever holds it already is as good as whoever comes to hold it."""
    (rules / "rules.yaml").write_text(AFTER.replace("baseline: top 2", "baseline: none"))
    run("keen", "quiet", "--announce")

    assert {f"a:{one}/keen" for one in ("northwind", "globex", "initech", "acme")} == leads(table)


def test_a_rule_in_shadow_makes_its_leads_in_shadow_before_any_is_announced(
    run: Run, table: Any, rules: Path
) -> None:
    """Some are made as soon as an account is read."""
    (rules / "rules.yaml").write_text(AFTER.replace("baseline: top 2", "baseline: none"))
    item = DynamoOverrides(table, "pql", lambda _: None)
    change(item, lambda held: msgspec.structs.replace(held, rules={"keen": Override(NOW, "ada")}))
    run("keen", "quiet", "--apply")

    records = DynamoLeads(table, "pql")
    made = [records.lead(key) for key in records.newest()]
    assert ["shadow", "shadow"] == [one.lead.status for one in made if one is not None]


def test_a_new_rule_that_was_forgotten_makes_no_lead_of_the_past(run: Run, table: Any) -> None:
    """All rules that are new meet an account together."""
    _, out, _ = run("keen", "--announce")

    assert "of what is past" not in out
    assert {"keen"} == {one.rpartition("/")[2] for one in leads(table)}


def test_apply_makes_no_lead(run: Run, table: Any) -> None:
    """It only settles who is no news, and wakes who will be."""
    _, out, _ = run("keen", "quiet", "--apply")
    woken = table.scan(TableName="pql", IndexName="wake")["Items"]

    assert set() == leads(table)
    assert "2 accounts settled, 3 to be woken" in out
    assert {"a:northwind", "a:globex", "a:umbrella"} == {item["pk"]["S"] for item in woken}


def test_what_was_read_before_a_stop_is_not_read_again(
    run: Run, table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on where it was stopped, ends as if it had not been, and leaves no file behind."""
    _, whole, _ = run("keen", "quiet")
    file = tmp_path / "progress"
    page = dynamo_accounts.DynamoAccounts.page
    asked: list[str | None] = []

    def noted(self: Any, after: str | None) -> Any:
        asked.append(after)
        if len(asked) == 2:
            raise Unavailable("DynamoDB: away")
        return page(self, after)

    monkeypatch.setattr(dynamo_accounts.DynamoAccounts, "page", noted)
    stopped = run("keen", "quiet", "--resume", str(file))
    begun = file.exists()
    _, again, _ = run("keen", "quiet", "--resume", str(file))

    assert (1, "", "pql rules introduce: DynamoDB: away\n") == stopped
    assert (True, False, whole) == (begun, file.exists(), again)
    assert asked[1] == asked[2]
    assert 1 == asked.count(None)
    assert table


def test_a_ranking_is_as_long_as_somebody_wants(run: Run) -> None:
    """And says how many more there are."""
    _, out, _ = run("keen", "--show", "1")
    _, told, _ = run("keen", "--show", "1", "--json")
    (rule,) = json.loads(told)["rules"]

    assert "… and 3 more" in out.splitlines()
    assert ["northwind"] == [one["account_id"] for one in rule["ranked"]]


def test_the_table_is_read_no_faster_than_it_may_be(
    run: Run, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each page but the last it rests as long as its read units allow."""
    assert run
    slept: list[float] = []
    page = dynamo_accounts.DynamoAccounts.page
    monkeypatch.setattr(dynamo_accounts.DynamoAccounts, "page", lambda *of: page(*of)._replace(units=30.0))
    monkeypatch.setattr(command.time, "sleep", slept.append)
    main(["rules", "introduce", "keen", "--rules", str(rules), "--rate", "50"])

    assert slept
    assert {0.6} == {*slept}


def test_the_progress_of_something_else_is_not_taken_up(run: Run, tmp_path: Path) -> None:
    """Neither that of other rules, nor of a look that wrote nothing, nor what is no progress at all."""
    file = tmp_path / "progress"
    file.write_text("{}")
    broken = run("keen", "--resume", str(file))
    other = command_file(file)
    stale = run("keen", "--resume", str(other))

    begun(Checkpoint.of("pql", [], NOW, write=True), None).keep(file)
    with pytest.raises(PqlError, match="is of another introduction"):
        begun(Checkpoint.of("pql", [], NOW, write=False), file)

    assert (1, "") == broken[:2]
    assert "holds no introduction" in broken[2]
    assert (1, "") == stale[:2]
    assert "is of another introduction" in stale[2]


def command_file(file: Path) -> Path:
    """Return a file with the progress of another rule."""
    plain = {"table": "pql", "rules": {"old": "0"}, "write": False, "at": 0, "surveys": {}, "tally": {}}
    file.write_text(json.dumps(plain))
    return file


@pytest.mark.parametrize(
    ("rule", "words"), [("kean", "keen"), ("later", "later is a draft: only the tests in its file run it")]
)
def test_a_rule_that_makes_no_leads_is_refused(run: Run, rule: str, words: str) -> None:
    """One that is not there, with the nearest name, and a draft."""
    code, out, errors = run(rule)

    assert (1, "") == (code, out)
    assert words in errors
