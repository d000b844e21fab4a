"""`pql lead` shows leads and changes them, and says who was first."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fakes.leads import CREATED, northwind
from fakes.tables import make_table
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.lead_items import lead_put
from pql.adapters.origin_items import origin_update
from pql.cli import lead as command
from pql.cli import lead_missing
from pql.cli.main import main
from pql.core.lead_state import Life
from pql.core.plain_words import epoch
from pql.core.window import DAY

NOW = CREATED + 3 * DAY
ACME = northwind(account_id="acme", created=CREATED + DAY, title="Acme \x1b[31mis\nready", tier="warm")
LEADS = [
    ACME,
    northwind(account_id="acme", rule="broad", created=CREATED - 90 * DAY),
    northwind(account_id="ada", subject="user", subject_key="u:ada", created=CREATED + 2 * DAY),
    northwind(account_id="globex", status="shadow"),
]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Return a client of a DynamoDB with the leads in a table, which the environment names."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "eu-west-1",
            "AWS_CONFIG_FILE": os.devnull,
            "PQL_TABLE": "pql",
        }.items():
            patch.setenv(name, value)
        patch.delenv("AWS_DEFAULT_REGION", raising=False)
        patch.setattr(command, "now_ms", lambda: NOW)
        client = boto3.client("dynamodb", region_name="eu-west-1")
        make_table(client)
        fill(client)
        yield client


def fill(client: Any) -> None:
    """Put the leads into the table."""
    for lead in LEADS:
        client.put_item(TableName="pql", **lead_put(lead))
    client.update_item(TableName="pql", **origin_update("a:initech", "u:ada"))


def rows(client: Any) -> list[dict[str, Any]]:
    """Return what is in the table."""
    found: list[dict[str, Any]] = client.scan(TableName="pql")["Items"]
    return found


@pytest.fixture
def table(client: Any) -> Iterator[DynamoLeads]:
    """Return the leads, for a test that changes them; afterwards they are what they were."""
    yield DynamoLeads(client, "pql")
    for row in rows(client):
        client.delete_item(TableName="pql", Key={"pk": row["pk"], "sk": row["sk"]})
    fill(client)


@pytest.fixture
def run(client: Any, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `pql lead` and returns its code and what it wrote."""
    assert client

    def told(*words: str) -> tuple[int, str, str]:
        code = main(["lead", *words])
        return code, *capsys.readouterr()

    return told


@pytest.fixture
def unchanged(client: Any) -> Iterator[None]:
    """Fail a test that has changed something."""
    before = rows(client)
    yield
    assert before == rows(client)


def test_fault_104_list_shows_what_is_not_closed_the_newest_first(run: Run, table: DynamoLeads) -> None:
    """A line each, to be read and to be typed; nothing of a sender's gets at the terminal."""
    assert table
    run("claim", "acme/classic#1", "--by", "kim")
    _, out, _ = run("list")

    assert [
        "STATE          TIER  MADE        WHO  LEAD              TITLE",
        "open           hot   1 day ago        u:ada/classic#1   Northwind is ready for a conversation",
        "claimed        warm  2 days ago  kim  acme/classic#1    Acme [31mis ready",
        "open (shadow)  hot   3 days ago       globex/classic#1  Northwind is ready for a conversation",
    ] == out.splitlines()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--account", "acme"], ["acme/classic#1"]),
        (["--account", "initech"], ["u:ada/classic#1"]),  # who became a lead before the account was known
        (["--account", "acme", "--state", "all"], ["acme/classic#1", "acme/broad#1"]),
        (["--user", "ada"], ["u:ada/classic#1"]),
        (["--user", "nobody"], []),
        (["--state", "expired"], ["acme/broad#1"]),
        (["--state", "claimed"], []),
        (["--rule", "broad", "--state", "all"], ["acme/broad#1"]),
        (["--since", "36h"], ["u:ada/classic#1"]),
        (["--since", "2026-11-23T03:00:00Z"], ["u:ada/classic#1", "acme/classic#1"]),
        (["--account", "acme", "--rule", "broad"], []),
        (["--account", "acme", "--since", "7d", "--state", "all"], ["acme/classic#1"]),
    ],
    ids=str,
)
def test_list_is_narrowed(run: Run, options: list[str], expected: list[str]) -> None:
    """By account, rule, time and state, as they are now."""
    _, out, _ = run("list", "--json", *options)

    assert expected == [one["reference"] for one in json.loads(out)]


def test_a_damaged_lead_hides_no_other(run: Run, client: Any, table: DynamoLeads) -> None:
    """Somebody wrote into the table by hand; it is named as it would have been."""
    assert table
    shown = run("list", "--state", "all")[1].splitlines()
    damaged = lead_put(LEADS[0])["Item"] | {"lead": {"B": b"{"}}
    client.put_item(TableName="pql", Item=damaged)
    code, told, said = run("list", "--state", "all")

    assert (0, len(shown) - 1) == (code, len(told.splitlines()))
    assert "pql lead list: acme/classic#1 left out: nobody can read what is stored\n" == said


def test_a_long_list_is_cut_and_says_so(run: Run) -> None:
    """The newest are shown, and how to see more."""
    _, out, errors = run("list", "--json", "--limit", "2")

    assert ["u:ada/classic#1", "acme/classic#1"] == [one["reference"] for one in json.loads(out)]
    assert "pql lead: these are the newest 2; --limit shows more\n" == errors
    assert 3 == len(json.loads(run("list", "--json", "--limit", "9" * 30)[1]))
    assert "" == run("list", "--limit", "3")[2]


@pytest.mark.parametrize("options", [["--limit", "0"], ["--since", "soon"]], ids=str)
def test_a_list_of_no_sense_is_refused(run: Run, options: list[str]) -> None:
    """Before the table is read."""
    with pytest.raises(SystemExit):
        run("list", *options)


def test_list_of_nothing_says_so(run: Run) -> None:
    """An empty screen could be anything."""
    assert (0, "no such leads\n", "") == run("list", "--account", "nobody")


def test_show_has_the_card_and_the_life(run: Run, table: DynamoLeads) -> None:
    """What was said of the lead, and what became of it."""
    converted = Life(
        "converted", "kim", changed=NOW, converted_at=CREATED + 5 * DAY // 2, conversion_event="e1"
    )
    table.change(ACME.key, Life(), converted)
    _, out, _ = run("show", ACME.id)

    assert out.startswith("╭")
    assert [
        "acme/classic#1 is converted after 1.5 days by event e1, kim had it",
        "made 23 Nov 2026, 03:00 UTC, not announced yet",
    ] == out.splitlines()[-2:]


def test_json_tells_the_whole_life(run: Run, table: DynamoLeads) -> None:
    """With times as ISO 8601, and none where there is none."""
    assert table
    run("snooze", "acme/classic#1", "--by", "kim", "--for", "12h")
    _, out, _ = run("show", "acme/classic#1", "--json")
    told = json.loads(out)

    assert ("snoozed", "kim", "acme", ACME.id, None) == (
        told["state"],
        told["by"],
        told["account_id"],
        told["lead_id"],
        told["converted_at"],
    )
    assert 12 * 3_600_000 == epoch(told["until"]) - epoch(told["changed_at"])


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        (["claim"], Life("claimed", "kim", changed=NOW, answered=NOW)),
        (["snooze"], Life("snoozed", "kim", until=NOW + 7 * DAY, changed=NOW, answered=NOW)),
        (["snooze", "--for", "1d"], Life("snoozed", "kim", NOW + DAY, None, NOW, answered=NOW)),
        (["dismiss"], Life("dismissed", "kim", changed=NOW, answered=NOW)),
        (
            ["dismiss", "--reason", "too small"],
            Life("dismissed", "kim", None, "too small", NOW, answered=NOW),
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["acme/classic#1", ACME.id], ids=["reference", "id"])
def test_a_change_is_made_and_a_repeat_changes_nothing(
    run: Run, table: DynamoLeads, words: list[str], standing: Life, name: str
) -> None:
    """By id or by name; both times all is well."""
    first = run(*words, name, "--by", "kim")
    again = run(*words, name, "--by", "kim")
    record = table.lead(ACME.key)

    assert (0, 0, f"nothing new: {first[1]}") == (first[0], again[0], again[1])
    assert record is not None
    assert standing == record.standing


def test_who_comes_second_is_told_who_won(run: Run, table: DynamoLeads) -> None:
    """On standard error, and the exit code says so."""
    assert table
    run("claim", "acme/classic#1", "--by", "lee")

    assert (
        1,
        "",
        "pql lead: nothing changed: acme/classic#1 is claimed by lee, 25 Nov 2026, 03:00 UTC\n",
    ) == run("dismiss", "acme/classic#1", "--by", "kim")


def test_a_reason_may_be_given_afterwards_and_the_first_one_stays(run: Run, table: DynamoLeads) -> None:
    """Another one is refused, with the one that stands; none is lost without a word."""
    assert table
    dismiss = ("dismiss", "acme/classic#1", "--by", "kim")
    stands = "acme/classic#1 is dismissed by kim, 25 Nov 2026, 03:00 UTC"

    assert [
        (0, f"{stands}: without a reason\n", ""),
        (0, f"{stands}: too small\n", ""),
        (0, f"nothing new: {stands}: too small\n", ""),
        (1, "", f"pql lead: nothing changed: {stands}: too small\n"),
    ] == [run(*dismiss, *words) for words in ((), ("--reason", "too small"), (), ("--reason", "too big"))]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f", ""),
        ("acme/classic#7", "; did you mean acme/classic#1?"),
        ("acme/clasic#1", "; did you mean acme/classic#1?"),
        ("globexx/classic#1", "; did you mean globex/classic#1?"),
        ("umbrella/visitors#1", ""),
    ],
)
@pytest.mark.parametrize("words", [["show"], ["claim", "--by", "kim"]], ids=" ".join)
@pytest.mark.usefixtures("unchanged")
def test_a_lead_that_is_not_there_is_named(run: Run, words: list[str], name: str, meant: str) -> None:
    """With what may have been meant: one of its account, else of the newest. Nothing is made up."""
    assert (1, "", f"pql lead: there is no lead {name}{meant}\n") == run(*words, name)


def test_a_lead_of_the_account_is_meant_however_old_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the leads of others so many are looked through, the newest; of its own all."""
    monkeypatch.setattr(lead_missing, "LOOKED_THROUGH", 0)

    assert run("show", "acme/brod#1")[2].endswith("; did you mean acme/broad#1?\n")
    assert run("show", "globexx/classic#1")[2].endswith("there is no lead globexx/classic#1\n")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("clasic", (1, "", "pql lead: unknown rule `clasic`; did you mean `classic`?\n")),  # of a lead
        ("activatd", (1, "", "pql lead: unknown rule `activatd`; did you mean `activated`?\n")),  # of a file
        ("activated", (0, "no such leads\n", "")),
        ("broad", (0, "no such leads\n", "")),  # its only lead has expired
    ],
)
def test_a_rule_that_nobody_knows_is_told_with_the_nearest(
    run: Run, rule: str, told: tuple[int, str, str]
) -> None:
    """One that a file has, or a lead is of, is well known and has no such leads."""
    assert told == run("list", "--rule", rule)


def test_a_table_that_is_not_there_is_told(run: Run) -> None:
    """In one line and no traceback."""
    code, _, err = run("list", "--table", "elsewhere")

    told = "elsewhere in eu-west-1; name yours with --stack, or with --table or PQL_TABLE"
    assert (1, True) == (code, err.startswith(f"pql lead: DynamoDB: there is no such table: {told}"))


def test_a_region_that_nobody_names_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the AWS CLI would."""
    monkeypatch.delenv("AWS_REGION")

    told = (
        "pql lead: DynamoDB: nobody says in which region; "
        "export AWS_REGION, such as AWS_REGION=eu-central-1, or what `pql dev` prints\n"
    )
    assert (1, "", told) == run("list")


@pytest.mark.parametrize(
    "words",
    [
        ["claim", "acme", "--by", "kim"],
        ["claim", "acme/classic#1"],
        ["claim", "acme/classic#1", "--by", " "],
        ["snooze", "acme/classic#1", "--by", "kim", "--for", "soon"],
        ["list", "--state", "lost"],
        ["list", "--endpoint-url", "localhost:8001"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("unchanged")
def test_what_could_never_work_is_refused(run: Run, words: list[str]) -> None:
    """As a usage error, before anything is read."""
    with pytest.raises(SystemExit) as left:
        run(*words)

    assert 2 == left.value.code
