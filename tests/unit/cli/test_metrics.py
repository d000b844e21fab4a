"""`pql metrics` says what leads were worth, from the table, from events, and from both."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from fakes.leads import CREATED, northwind
from fakes.tables import named_table
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.lead_items import lead_put
from pql.backtest.figures.say import UNKNOWN
from pql.cli import metrics as command
from pql.cli import past, sources
from pql.cli.main import main
from pql.cli.metrics.text import text
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life
from pql.core.plain_words import iso
from pql.core.window import DAY, HOUR
from pql.flows.metrics import metrics

NOW = CREATED + 40 * DAY
RULES = """\
conversions: [Subscription Started]
signals:
  reports: {count: Report Created, within: 30d}
rules:
  busy: {when: {signal: reports, at_least: 2}, title: "{account}", reason: "{reports}"}
tests:
  - {name: two, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: none, timeline: [0d Other], expect: silent}
"""
LEADS = {
    "acme": Life("converted", "kim", changed=NOW, converted_at=CREATED + 5 * DAY, conversion_event="0f"),
    "globex": Life("dismissed", "kim", reason="too\x1b small", changed=CREATED + 2 * DAY),
    "initech": Life(),
}
WINDOW = ("--within", "36h")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with rules, and events of ten accounts of which two convert."""
    monkeypatch.chdir(tmp_path)
    for name in ("PQL_TABLE", "PQL_ENDPOINT_URL", "PQL_STACK"):
        monkeypatch.delenv(name, raising=False)
    for clock in (command, past, sources):
        monkeypatch.setattr(clock, "now_ms", lambda: NOW)
    (tmp_path / "rules.yaml").write_text(RULES)
    sent = [(day, f"a{account}", "Report Created") for account in range(10) for day in range(account % 3)]
    sent += [(0, f"a{account}", "Page Seen") for account in range(10)]
    sent += [(5, "a1", "Subscription Started"), (5, "a2", "Subscription Started")]
    lines = [
        json.dumps(
            {
                "type": "track",
                "event": name,
                "messageId": f"{account}-{name}-{day}",
                "userId": account,
                "receivedAt": iso(CREATED + day * DAY),
                "context": {"groupId": account},
            }
        )
        for day, account, name in sorted(sent)
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(lines))
    return tmp_path


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `pql metrics` and returns its code and what it wrote."""
    assert place

    def told(*words: str) -> tuple[int, str, str]:
        code = main(["metrics", *words])
        return code, *capsys.readouterr()

    return told


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, place: Path) -> Iterator[DynamoLeads]:
    """Return the leads of a table, which the environment names."""
    assert place
    with named_table(monkeypatch) as client:
        leads = DynamoLeads(client, "pql")
        for account, standing in LEADS.items():
            lead = northwind(account_id=account, rule="busy")
            client.put_item(TableName="pql", **lead_put(lead))
            leads.change(lead.key, Life(), standing)
        yield leads


PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
TOLD = PAGE.read_text(encoding="utf-8").split("$ pql metrics\n")[1].split("```\n")[0]


def test_a_table_tells_conversions_growth_answers_and_whose_leads_they_are(
    run: Run, table: DynamoLeads
) -> None:
    """Nothing of a sender's gets at the terminal."""
    assert table
    assert (0, TOLD, "") == run()


def test_a_damaged_lead_is_left_out_and_told(run: Run, table: DynamoLeads) -> None:
    """Somebody wrote into the table by hand."""
    assert table
    put = lead_put(northwind(account_id="initech", rule="busy"))
    put["Item"]["lead"] = {"B": b"{"}
    boto3.client("dynamodb", region_name="eu-west-1").put_item(TableName="pql", Item=put["Item"])
    code, told, said = run("--json")

    assert (0, "pql metrics: 1 lead left out: nobody can read what is stored\n") == (code, said)
    assert 2 == json.loads(told)["rules"][0]["leads"]["made"]


def test_events_tell_the_base_rate_of_a_table(run: Run, table: DynamoLeads) -> None:
    """One of three leads converted, and two of ten accounts."""
    assert table
    code, out, _ = run("events.jsonl", "--rules", "rules.yaml")

    assert 0 == code
    assert "base rate: 20.0 % (5.7 to 51.0 %) of 10 accounts" in out
    assert "1 of 3: 33.3 % (6.1 to 79.2 %)  1.7x" in out


def test_without_a_table_the_rules_make_the_leads(run: Run) -> None:
    """Those of the past, of which nobody has made anything."""
    code, out, _ = run("events.jsonl", "--rules", "rules.yaml", "--json")
    told = json.loads(out)

    assert 0 == code
    assert [("busy", 3, 1, 3)] == [
        (one["rule"], one["leads"]["made"], one["leads"]["rate"]["hits"], one["leads"]["rate"]["of"])
        for one in told["rules"]
        if one["rule"] != "all rules"
    ]
    assert 0.2 == told["bases"]["accounts"]["rate"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--from", "2026-11-23"], "no leads\n"),
        (["--to", "2026-11-21"], "no leads\n"),
    ],
    ids=str,
)
def test_days_narrow_it(run: Run, table: DynamoLeads, options: list[str], expected: str) -> None:
    """Those of the leads."""
    assert table
    assert (0, expected, "") == run(*options)


def test_days_in_the_wrong_order_are_refused(run: Run) -> None:
    """Nothing is asked of anybody before."""
    told = "pql metrics: --from 2026-11-23 is after --to 2026-11-22\n"

    assert (2, "", told) == run("--from", "2026-11-23", "--to", "2026-11-22")


def test_programs_are_told_the_window_in_days(run: Run) -> None:
    """A bare number would be of milliseconds, or of anything."""
    told = [
        json.loads(run("events.jsonl", "--rules", "rules.yaml", "--json", *more)[1]) for more in ((), WINDOW)
    ]

    assert [None, 1.5] == [one["within_days"] for one in told]
    assert [] == [one for one in told if "within" in one]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--to", "2026-11-22"], (1, 3, ["2026-11"], "2026-11-22T23:59:59.999Z")),
        (["--to", "2026-11-30"], (1, 3, ["2026-11"], "2026-11-30T23:59:59.999Z")),
        (["--to", "2027-01-31"], (1, 3, ["2026-11", "2026-12", "2027-01"], None)),
    ],
    ids=str,
)
@pytest.mark.parametrize("within", [[], ["--within", "10d"]], ids=str)
def test_what_became_of_leads_is_known_to_the_end(
    run: Run, table: DynamoLeads, words: list[str], within: list[str], expected: object
) -> None:
    """The days of the leads are narrowed, not what came after them: it was on the fifth."""
    assert table
    told = json.loads(run(*words, *within, "--json")[1])
    rate = told["rules"][0]["leads"]["rate"]
    months = [one["month"] for one in told["months"] if one["rule"] == "busy"]

    assert expected == (rate["hits"], rate["of"], months, told["last"])


def test_the_last_day_is_said_and_rehearsed_leads_are_known_to_the_end(run: Run) -> None:
    """Three leads by the day after the first, of which one converts on the fifth."""
    lines = run("events.jsonl", "--rules", "rules.yaml", "--to", "2026-11-23")[1].splitlines()

    assert "leads from 23 Nov 2026 to 23 Nov 2026, conversions to the end of the data" == lines[0]
    assert any("busy      3  1 of 3: " in line for line in lines)


@pytest.mark.parametrize("options", [["--from", "soon"], ["--to", "2026-11-22T03:00:00Z"]], ids=str)
def test_what_is_no_day_is_refused(run: Run, options: list[str]) -> None:
    """Before anything is read."""
    with pytest.raises(SystemExit):
        run(*options)


def test_what_stands_behind_json_are_events(run: Run) -> None:
    """They are read, and never written over."""
    asked = ["events.jsonl", "--rules", "rules.yaml"]
    _, out, _ = run(*asked, "--json")

    assert 3 == json.loads(out)["rules"][0]["leads"]["made"]
    assert out == run(*asked[1:], "--json", "events.jsonl")[1]


def test_events_that_hold_none_are_refused(run: Run, place: Path) -> None:
    """An empty answer with the code of success would be taken for no leads."""
    (place / "empty.jsonl").write_text("")
    code, out, err = run("empty.jsonl", "--rules", "rules.yaml", "--json")

    assert (1, "") == (code, out)
    assert err.startswith("pql metrics: ")


def test_rules_that_do_not_hold_are_told_in_the_form_that_is_asked_for(run: Run, place: Path) -> None:
    """Another program reads them as it reads the figures."""
    (place / "rules.yaml").write_text("rules: 3")
    code, out, err = run("events.jsonl", "--rules", "rules.yaml", "--json")

    assert (1, "") == (code, err)
    assert "rules.yaml" == Path(json.loads(out)[0]["file"]).name


def test_each_kind_of_month_is_said_to_be_what_it_is() -> None:
    """Open is what will be decided; a lead at or after the conversion is late, and never will be."""
    late = Life("converted", changed=NOW, converted_at=NOW - 45 * DAY)
    made = [
        LeadRecord(northwind(account_id=f"a{day}", rule="busy", created=NOW - day * DAY), standing=standing)
        for day, standing in ((0, Life()), (45, late), (100, Life()))
    ]
    rows = [re.split(" {2,}", line.strip()) for line in text(metrics(made, NOW, within=30 * DAY))]

    assert [
        ("2026-09 (part)", "0 of 1: 0 % (0 to 79.3 %)"),
        ("2026-10", UNKNOWN),
        ("2026-11", "late"),
        ("2026-12", UNKNOWN),
        ("2027-01 (part)", "open"),
    ] == [(row[1], row[4]) for row in rows if row[1:] and row[1].startswith("20")]


def test_a_window_longer_than_the_leads_are_old_is_said() -> None:
    """With the longest by which one of them is decided."""
    made = [LeadRecord(northwind(rule="busy", created=NOW - hours * HOUR)) for hours in (60, 24)]
    lines = [*text(metrics(made, NOW, within=90 * DAY))]

    told = "no lead is decided: the first was made 2.5 days before the end, type --within 2d or shorter"
    assert told in lines
    assert "busy      2       open" in "\n".join(lines)
    assert not any("no lead is decided" in one for one in text(metrics(made, NOW, within=2 * DAY)))


def test_a_window_longer_than_the_events_leaves_no_base_rate_and_says_what_to_type(run: Run) -> None:
    """They last from the first of the story to the fifth day."""
    _, out, _ = run("events.jsonl", "--rules", "rules.yaml", "--within", "90d")

    told = "no window of 90 days is over, the data last 5 days: type --within 5d or shorter"
    assert f"no base rate of accounts: {told}\n" in out


def test_leads_that_were_all_introduced_have_no_months() -> None:
    """A heading with nothing below looks as if something were lost."""
    lines = [*text(metrics([LeadRecord(northwind(rule="busy", introduced=True))], NOW))]

    assert not any("MONTH" in one for one in lines)


def test_an_option_is_not_abbreviated(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--rule` is no short form of `--rules`, which would be other leads."""
    with pytest.raises(SystemExit):
        run("events.jsonl", "--rule", "rules.yaml")

    assert "unrecognized arguments: --rule" in capsys.readouterr().err


def test_years_are_told_by_their_last_months() -> None:
    """Those of whose leads something is decided, and those after, which are said to be open."""
    made = [
        LeadRecord(northwind(account_id=f"a{day}", rule="busy", created=NOW - day * DAY))
        for day in range(0, 1_500, 20)
    ]
    lines = [*text(metrics(made, NOW, within=365 * DAY))]
    months = [line for line in lines if re.search(r" 20\d\d-\d\d ", line)]

    assert (26, 13) == (len(months), sum("open" in one for one in months))
    assert all(" of " in one for one in months[:13])
    assert "24 earlier months left out: --from and --to choose others, --json has all" in lines
