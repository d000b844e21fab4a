"""`pql account show` tells all that the table keeps of an account or a user, and changes none of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.events import DAY, HOUR, START, event, group
from fakes.tables import named_table
from pql.adapters import dynamo_account
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.seen_items import seen_update
from pql.cli import account as command
from pql.cli.main import main
from pql.cli.rules.places import DOCS
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.plain_words import iso
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.process import Processor
from pql.rules.load import load

RULES = """\
signals:
  reports: {count: Report Created, within: 30d, label: reports created}
  recent: {count: Report Created, within: 2d, label: reports created}
  people: {distinct: users, of: any, within: 14d, label: active users}
  exports: {count: Export Made, label: exports made}
scores:
  use: [{points: 10, per: reports, up_to: 30}]
rules:
  lively: {when: {signal: reports, at_least: 2}, title: t, reason: r, cooldown: 30d}
  exporting: {when: {signal: exports, at_least: 1}, title: t, reason: r}
tests:
  - {name: lively, rule: lively, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: calm, rule: lively, timeline: [0d Report Created], expect: silent}
  - {name: exporting, rule: exporting, timeline: [0d Export Made], expect: fires at 0d}
  - {name: not exporting, rule: exporting, timeline: [0d nothing], expect: silent}
"""
PEOPLE = """\
subject: user
signals: {mine: {count: Report Created, label: reports of theirs}}
rules:
  keen: {when: {signal: mine, at_least: 2}, title: t, reason: r}
tests:
  - {name: keen, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: not keen, timeline: [0d Report Created], expect: silent}
"""
HISTORY = [
    event("visit", "Page Viewed", at=0, account=None, user="ava"),
    group("joins", at=HOUR, plan="trial", name="Acme"),
    event("one", at=2 * HOUR),
    event("two", at=3 * HOUR, user="bob"),
    event("three", at=3 * DAY),
]
NOW = START + 4 * DAY
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a directory of rules, about accounts and about people."""
    (tmp_path / "use.yaml").write_text(RULES)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    return tmp_path


@pytest.fixture
def table(rules: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a table with what the history made, which the environment names."""
    monkeypatch.setattr(command, "now_ms", lambda: NOW)
    with named_table(monkeypatch) as client:
        count(client, rules, HISTORY)
        yield client


def count(client: Any, rules: Path, events: list[Event]) -> None:
    """Count events, each as it is received, as the deployment does."""
    store = DynamoStore(client, "pql", lambda _: None)
    counter = Counter(store, Plan(load(rules)), 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=7 * DAY, pause=lambda _: None
    )
    for one in events:
        assert not processor.process([("m", encode([one]))], "b", one.received, lambda: 60.0).failed


@pytest.fixture
def run(table: Any, rules: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command and returns its code and what it wrote."""
    assert table

    def told(*words: str) -> tuple[int, str, str]:
        code = main(["account", "show", *words, "--rules", str(rules)])
        return code, *capsys.readouterr()

    return told


PAGE = (DOCS / "explain.md").read_text(encoding="utf-8").split("<!-- account", 1)[1]


def test_the_documented_account_is_what_is_printed(run: Run) -> None:
    """The page shows it."""
    shown = PAGE.split("```text\n", 1)[1].split("```\n", 1)[0]

    assert (0, shown, "") == run("acme")


def test_json_has_all_that_the_row_holds(run: Run, table: Any) -> None:
    """Values as conditions compare them now, memories as they are packed, ids, standings and editions."""
    (told,) = json.loads(run("acme", "--json")[1])
    contents, at = told["contents"], iso(START + 3 * DAY)
    row = table.get_item(TableName="pql", Key={"pk": {"S": "a:acme"}, "sk": {"S": "state"}})["Item"]
    lively, exporting = contents["rules"]

    assert (int(row["v"]["N"]), {"use": 30.0}, at) == (told["version"], told["scores"], told["touched"])
    assert [
        ("reports", "30d", 3, at, [0, 1, 3, 2]),
        ("recent", "2d", 1, at, [0, 1]),
        ("exports", None, 0, None, None),
    ] == [
        (one["name"], one["window"], one["value"], one["at"], one["memory"])
        for one in contents["signals"]
        if one["name"] != "people"
    ]
    assert {"plan": "trial", "name": "Acme"} == {one["name"]: one["value"] for one in contents["traits"]}
    assert {"ada": 2, "bob": 1} == {one["id"]: one["events"] for one in contents["people"]}
    assert (1, iso(START + 3 * HOUR), False, True) == (
        lively["leads"],
        lively["fired"],
        lively["armed"],
        lively["holds"],
    )
    assert (0, None, True, False) == (
        exporting["leads"],
        exporting["fired"],
        exporting["armed"],
        exporting["holds"],
    )
    assert [one.id[:16] for one in HISTORY[1:]] == [one["id"] for one in told["ids"]["pending"]]
    assert ([contents["own"]], ["acme/lively#1"]) == (contents["editions"], told["leads"])


def test_nothing_of_a_senders_gets_at_the_terminal(table: Any, rules: Path, run: Run) -> None:
    """Ids and traits are whatever somebody sent."""
    odd = "x\x1b[31m\u202ey\n"
    count(
        table,
        rules,
        [group("odd", account=odd, user=odd, at=HOUR, plan=odd), event("odder", account=odd, user=odd)],
    )
    _, out, _ = run(odd)

    assert "x [31my" in out
    assert not {*"\x1b\u202e"} & {*out}


def test_nothing_is_written(run: Run, table: Any) -> None:
    """Not even what time alone has made true."""
    before = table.scan(TableName="pql")["Items"]
    run("acme")

    assert before == table.scan(TableName="pql")["Items"]


def test_a_user_is_shown_in_an_accounts_place_and_as_a_person(run: Run) -> None:
    """With where they belong, and what became of what was counted before."""
    _, out, _ = run("ada", "--as", "user")
    place, person = json.loads(run("ada", "--as", "user", "--json")[1])

    assert ("u:ada", "a:acme", "acme") == (place["subject_key"], place["moved"], place["member"]["account"])
    assert ("p:ada", ["p:ada/keen#1"]) == (person["subject_key"], person["leads"])
    assert {"mine": 2} == {one["name"]: one["value"] for one in person["contents"]["signals"]}
    assert "  it became part of acme: what is left are the ids of events" in out.splitlines()


def test_who_is_not_known_is_told(run: Run) -> None:
    """With who else has the id, or where there are ids; not as an account of which nothing was counted."""
    shown = "`pql lead list` and `pql archive get DAY` show ids there are"
    assert (1, "", f"pql account: nothing is kept of account nobody; {shown}\n") == run("nobody")
    ada = "nothing is kept of account ada; there is a user of that id: pql account show ada --as user"
    assert (1, "", f"pql account: {ada}\n") == run("ada")
    acme = "nothing is kept of user acme; there is an account of that id: pql account show acme"
    assert (1, "", f"pql account: {acme}\n") == run("acme", "--as", "user")


def test_filed_ids_are_counted_and_no_more_buckets_are_read_than_somebody_waits_for(
    table: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hot account has more of them than anybody needs to see."""
    for bucket, ids in {"0.1.": {b"a" * 8}, "0.2.": {b"b" * 8, b"c" * 8}}.items():
        table.update_item(TableName="pql", **seen_update("a:other", bucket, ids, 9))
    (told,) = json.loads(run("other", "--json")[1])
    monkeypatch.setattr(dynamo_account, "MOST_BUCKETS", 1)
    (cut,) = json.loads(run("other", "--json")[1])

    assert ({"0.1.": 1, "0.2.": 2}, False) == (told["buckets"], told["more_buckets"])
    assert ({"0.1.": 1}, True) == (cut["buckets"], cut["more_buckets"])


def test_what_rules_remember_that_are_not_asked_is_told_to_be_there(run: Run, rules: Path) -> None:
    """The deployed rules may be others than those that somebody has at hand."""
    (rules / "use.yaml").write_text(RULES.replace("30d, label", "20d, label").replace("lively", "livelier"))
    _, out, _ = run("acme")
    (told,) = json.loads(run("acme", "--json")[1])

    assert "  carried for other rules than these: 1 signal, 1 rule" in out.splitlines()
    assert [[0, 1, 3, 2]] == [one["memory"] for one in told["contents"]["carried_signals"]]
    assert [1] == [one["leads"] for one in told["contents"]["carried_standings"]]


@pytest.mark.parametrize("damaged", ["state", "ledger"])
def test_a_damaged_row_is_told_with_what_can_be_read(table: Any, damaged: str, run: Run) -> None:
    """A person must look at it: so they see that, and what stands beside it."""
    key = {"pk": {"S": "a:acme"}, "sk": {"S": "state"}}
    before = table.get_item(TableName="pql", Key=key)["Item"]
    table.put_item(TableName="pql", Item={**before, damaged: {"B": b"\xc1"}})
    code, out, _ = run("acme", "--json")
    (told,) = json.loads(out)

    assert (2, None) == (code, told["contents"])
    assert told["unreadable"]
    assert ["acme/lively#1"] == told["leads"]


def test_one_damaged_row_of_two_is_said_by_the_code(table: Any, run: Run) -> None:
    """Somebody is shown in an account's place and as a person: either may need a look."""
    key = {"pk": {"S": "p:ada"}, "sk": {"S": "state"}}
    before = table.get_item(TableName="pql", Key=key)["Item"]
    table.put_item(TableName="pql", Item={**before, "state": {"B": b"\xc1"}})
    code, out, _ = run("ada", "--as", "user", "--json")

    assert (2, [False, True]) == (code, [bool(one["unreadable"]) for one in json.loads(out)])


def test_the_size_is_what_dynamodb_charges_for() -> None:
    """Names and values; numbers by two digits a byte, without zeros at their ends; three bytes a map."""
    item = {
        "pk": {"S": "a:ü"},  # 2 + 4
        "v": {"N": "1200"},  # 1 + 2
        "touched": {"N": "-123"},  # 7 + 4
        "state": {"B": b"12345"},  # 5 + 5
        "scores": {"M": {"use": {"N": "1.5"}}},  # 6 + 3 + 1 + 3 + 2
    }

    assert 6 + 3 + 11 + 10 + 15 == dynamo_account.size(item)


def test_more_people_than_are_followed_are_told_to_be(table: Any, rules: Path, run: Run) -> None:
    """The ones that are shown are then a choice."""
    count(table, rules, [event(n, "Other", account="many", user=f"u{n}") for n in range(17)])

    assert "  people, the ones who are followed" in run("many")[1].splitlines()
