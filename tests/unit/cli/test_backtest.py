"""`pql backtest` runs rules over files of events, and says how right they would have been."""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest

from fakes.pipes import piped
from pql.cli.main import main

ROOT = Path(__file__).parents[3]
RULES = ROOT / "tests" / "bench" / "purchase_days.yaml"
PURCHASES = ROOT / "tests" / "data" / "purchases"
DATASETS = Path(os.environ.get("PQL_DATASETS", "/nowhere"))


def run(*arguments: object, events: Path = PURCHASES / "events.jsonl") -> int:
    """Run the command over the purchases."""
    won = ("--conversions", PURCHASES / "conversions.csv")
    return main(["backtest", str(RULES), str(events), *map(str, won), *map(str, arguments)])


def oracle() -> dict[str, tuple[int, int, float | None]]:
    """Return by rule who fired, who was caught, and the median lead time in days, counted by hand."""
    days: dict[str, list[datetime]] = defaultdict(list)
    for line in (PURCHASES / "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        days[event["userId"]].append(datetime.fromisoformat(event["timestamp"]))
    with (PURCHASES / "conversions.csv").open() as lines:
        won = {
            row["account_id"]: datetime.fromisoformat(row["converted_at"]) for row in csv.DictReader(lines)
        }
    found = {}
    for k in range(1, 5):
        fired = {who: at[k - 1] for who, at in days.items() if len(at) >= k}
        ahead = [won[who] - at for who, at in fired.items() if who in won and at < won[who]]
        found[f"k{k}"] = (len(fired), len(ahead), median(map(_days, ahead)) if ahead else None)
    return found


def _days(ahead: object) -> float:
    return ahead.total_seconds() / 86_400  # type: ignore[attr-defined, no-any-return]


def test_the_figures_are_those_counted_by_hand(tmp_path: Path) -> None:
    """Every purchase is one of a customer with an id and no account; the fourth day is the conversion."""
    code = run("--json", tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())

    assert 0 == code
    assert oracle() == {
        one["name"]: (one["accounts"], one["caught"], one["lead_time"]["median"]) for one in found["rules"]
    }
    assert {one["name"]: one["accounts"] for one in found["rules"]} == {
        one["name"]: one["precision"]["of"] for one in found["rules"]
    }


@pytest.mark.skipif(not (DATASETS / "cdnow-repeat").is_dir(), reason="PQL_DATASETS names no data sets")
def test_the_published_purchases_come_out_as_published(tmp_path: Path) -> None:
    """What fires at the conversion catches nobody: who looks ahead shows 100 % in the last line."""
    data = DATASETS / "cdnow-repeat"
    told = tmp_path / "found.json"
    arguments = (RULES, data / "events.jsonl.gz", "--conversions", data / "conversions.csv", "--json", told)
    main(["backtest", *map(str, arguments)])
    found = json.loads(told.read_text())

    assert [
        (23_570, 5_271, 22.36, 100.0, 198.0, 216.03),
        (11_516, 5_271, 45.77, 100.0, 119.0, 146.8),
        # Published as 75.08; the days of the 5,271 add up to 395,668, however they are counted.
        (7_476, 5_271, 70.51, 100.0, 44.0, 75.07),
        (5_271, 0, 0.0, 0.0, None, None),
    ] == [
        (
            one["accounts"],
            one["caught"],
            *(round(100 * one[rate]["rate"], 2) for rate in ("precision", "recall")),
            *(value and round(value, 2) for value in (one["lead_time"]["median"], one["lead_time"]["mean"])),
        )
        for one in found["rules"]
    ]


def test_one_rule_and_some_days_can_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was received before `--from` or after `--to` is not counted."""
    run("--rule", "k1", "--from", "2026-01-07", "--to", "2026-01-08", "--json", tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())

    assert (["k1"], 2) == ([one["name"] for one in found["rules"]], found["counted"])
    assert "k2" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("days", "code", "told"),
    [
        (("--from", "2030-01-01"), 1, "nothing was received on the chosen days: there are "),
        (("--to", "2020-01-01"), 1, "nothing was received on the chosen days: there are "),
        (("--from", "2026-01-08", "--to", "2026-01-07"), 2, "--from 2026-01-08 is after --to 2026-01-07\n"),
    ],
)
def test_days_without_an_event_are_told_with_those_that_have_some(
    days: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was typed may be a slip, and the next thing to type are days there are."""
    assert code == run(*days)
    err = capsys.readouterr().err
    assert f"pql backtest: {told}" in err
    assert (code == 1) is (" events, received from 2026-01-05 to 2026-04-05" in err)


def test_what_came_instead_is_what_came_on_the_chosen_days(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is told to name an event of another month."""
    words = [str(RULES), str(PURCHASES / "events.jsonl"), "--conversions", "order complete"]

    assert 1 == main(["backtest", *words, "--from", "2026-01-07", "--to", "2026-01-08"])
    assert "the most frequent events are `Order Completed` (2)\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("days", "late"), [((), 0), (("--lateness-days", "9"), 0), (("--lateness-days", "10"), 1)]
)
def test_events_may_be_as_late_as_somebody_says(tmp_path: Path, days: tuple[str, ...], late: int) -> None:
    """Seven days unless said otherwise."""
    text = (PURCHASES / "events.jsonl").read_text()
    call = {"type": "track", "event": "Order Completed", "userId": "cust-01", "messageId": "late"}
    times = {"timestamp": "2026-01-10T00:00:00Z", "receivedAt": "2026-01-20T00:00:00Z"}
    (tmp_path / "events.jsonl").write_text(f"{text.strip()}\n{json.dumps(call | times)}\n")
    run("--json", tmp_path / "found.json", *days, events=tmp_path / "events.jsonl")

    assert len(text.splitlines()) + late == json.loads((tmp_path / "found.json").read_text())["counted"]


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    """Nothing of the report hangs on how the work was shared."""
    for jobs in (1, 2):
        run("--jobs", jobs, "--json", tmp_path / f"{jobs}.json", "--html", tmp_path / f"{jobs}.html")

    for kind in ("json", "html"):
        assert (tmp_path / f"1.{kind}").read_text() == (tmp_path / f"2.{kind}").read_text()


def test_events_from_a_pipe_are_read_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Several processes would each find a part of them, or nothing."""
    with piped("") as pipe:
        assert 1 == run("--jobs", 2, events=Path(pipe))

    assert "stdin and pipes can be read once: several jobs need files\n" in capsys.readouterr().err


def test_everything_is_written_where_it_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page, tables, and JSON alone on standard output when it goes there."""
    code = run("--html", tmp_path / "p.html", "--csv", tmp_path / "tables", "--json", "-")

    assert 0 == code
    assert 1 == json.loads(capsys.readouterr().out)["version"]
    assert "7 of 7 conversions" in (tmp_path / "p.html").read_text()
    assert 7 == len([*(tmp_path / "tables").glob("*.csv")])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([str(RULES)], 2, "are the rules: say behind it where the events are"),
        ([str(RULES), "/nowhere.jsonl", "--conversions", "Bought"], 2, "/nowhere.jsonl"),
        ([str(RULES), str(PURCHASES / "events.jsonl")], 1, "nothing says what a conversion is"),
        ([str(RULES), str(PURCHASES / "events.jsonl"), "--conversions", "no.csv"], 2, "no.csv"),
        ([str(RULES), str(PURCHASES / "events.jsonl"), "--conversions", "Bought", "--rule", "k9"], 1, "k9"),
        ([str(RULES), str(PURCHASES / "events.jsonl"), "--conversions", "B", "--html", "/no/p"], 1, "/no/p"),
    ],
)
def test_what_is_wrong_is_said_in_a_word(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the exit code tells what was mistyped from what rules or events say."""
    assert code == main(["backtest", *arguments])
    assert said in capsys.readouterr().err


def test_rules_that_do_not_load_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With every fault at its place."""
    (tmp_path / "bad.yaml").write_text("rules: {}\n")

    assert 1 == main(["backtest", str(tmp_path / "bad.yaml"), "events.jsonl"])
    assert "bad.yaml:1" in capsys.readouterr().err


@pytest.mark.parametrize("jobs", [1, 2])
def test_lines_that_are_no_events_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: int
) -> None:
    """Once, with the places of the first three; so are conversions of nobody known."""
    events = tmp_path / "events.jsonl"
    lines = (PURCHASES / "events.jsonl").read_text().splitlines()
    events.write_text("\n".join(["{", "7", "[]", *(line for line in lines if '"cust-09"' in line), "}"]))

    assert 0 == run("--jobs", jobs, events=events)
    out, errors = capsys.readouterr()
    assert (0, 1) == tuple(said.count("4 lines could not be read") for said in (out, errors))
    assert "pql backtest: 1 of 7 ids in " in errors
    assert [f"  {events}:{number}: is no JSON object" for number in (1, 2, 3)] == errors.splitlines()[1:4]
    assert "  and 1 more" in errors


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_event_that_never_came_is_no_conversion(capsys: pytest.CaptureFixture[str], jobs: int) -> None:
    """It is probably misspelt: nothing is told of rules, but what there is instead."""
    arguments = [str(RULES), str(PURCHASES / "events.jsonl"), "--conversions", "order complete"]

    assert 1 == main(["backtest", *arguments, "--jobs", str(jobs)])
    out, errors = capsys.readouterr()
    assert ("", "pql backtest: no event `order complete` came; did you mean `Order Completed`?\n") == (
        out,
        errors.splitlines(keepends=True)[0],
    )
    assert "the most frequent events are `Order Completed` (68)" in errors


def test_a_list_of_strangers_is_no_list_of_conversions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ids of both sides are told: one look says whether they are of the same kind."""
    strangers = tmp_path / "won.csv"
    strangers.write_text("account_id,converted_at\nacme,2026-02-01\n")
    arguments = [str(RULES), str(PURCHASES / "events.jsonl"), "--conversions", str(strangers)]

    assert 1 == main(["backtest", *arguments])
    out, errors = capsys.readouterr()
    assert "" == out
    assert f"0 of 1 id in {strangers} has events: it names acme; the events are of cust-01," in errors


def test_what_lies_beside_events_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table is no file of events, and one that is named as such is refused."""
    (tmp_path / "events.jsonl").write_text((PURCHASES / "events.jsonl").read_text())
    (tmp_path / "more.csv").write_text("a,b\n")

    assert 0 == run(events=tmp_path)
    assert f"pql backtest: {tmp_path}: 1 file not read: more.csv\n" == capsys.readouterr().err
    assert 2 == run(events=tmp_path / "more.csv")
    assert "more.csv holds no events" in capsys.readouterr().err
    assert 2 == run(events=RULES)
    assert "holds rules and no events: rules are one file, or all the files of one" in capsys.readouterr().err
    assert 2 == run(events=tmp_path / "event.jsonl")
    meant = f"there is no {tmp_path / 'event.jsonl'}; did you mean {tmp_path / 'events.jsonl'}?\n"
    assert f"pql backtest: {meant}" == capsys.readouterr().err


def test_a_page_of_the_rules_that_lie_here_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever types a dot means the directory."""
    (tmp_path / "trials").mkdir()
    (tmp_path / "trials" / "days.yaml").write_text(RULES.read_text())
    monkeypatch.chdir(tmp_path / "trials")
    events = (PURCHASES / "events.jsonl", "--conversions", PURCHASES / "conversions.csv")
    main(["backtest", ".", *map(str, events), "--html", str(tmp_path / "p.html")])

    assert "<title>Backtest of trials</title>" in (tmp_path / "p.html").read_text()


@pytest.mark.parametrize("option", ["--html", "--json", "--csv"])
def test_a_place_that_cannot_be_written_is_found_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """The events are not even looked for."""
    (tmp_path / "file").write_text("")

    assert 1 == run(option, tmp_path / "file" / "deep", events=tmp_path / "none.jsonl")
    assert "cannot be written" in capsys.readouterr().err
