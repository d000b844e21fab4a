"""What a command writes is never what it reads, nor another file that is no report."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pql.cli.main import main

ROOT = Path(__file__).parents[3]
RULES = ROOT / "tests/bench/purchase_days.yaml"
PURCHASES = ROOT / "tests/data/purchases"
WON = ("--conversions", "won.json")
# What is typed for each command over the same events.
TYPED = {
    "backtest": ("one.yaml", "ev.json", *WON),
    "calibrate": ("one.yaml", "ev.json", *WON),
    "diff": ("one.yaml", "two.yaml", "ev.json", *WON),
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory in which a command runs, with rules, events and conversions."""
    monkeypatch.chdir(tmp_path)
    for name in ("PQL_TABLE", "PQL_ENDPOINT_URL", "PQL_STACK"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "days").mkdir()
    (tmp_path / "rules").mkdir()
    for source, names in (
        (RULES, ("one.yaml", "two.yaml", "rules/one.yaml")),
        (PURCHASES / "events.jsonl", ("ev.json", "old.jsonl", "days/ev.json")),
    ):
        for name in names:
            (tmp_path / name).write_bytes(source.read_bytes())
    (tmp_path / "won.json").write_text('{"account_id": "cust-01", "converted_at": "2026-03-01"}\n')
    return tmp_path


def held(here: Path) -> dict[str, bytes]:
    """Return what is in every file, by its path."""
    return {str(one.relative_to(here)): one.read_bytes() for one in here.rglob("*") if one.is_file()}


@pytest.mark.parametrize(
    ("command", "option", "file", "said"),
    [
        ("backtest", "--json", "one.yaml", "is a rule file; --json takes the file to write, or - to print"),
        ("backtest", "--html", "one.yaml", "is a rule file; --html takes the file to write"),
        ("backtest", "--json", "ev.json", "is read as EVENTS; --json takes another file, or - to print"),
        ("backtest", "--html", "days/../ev.json", "is read as EVENTS; --html takes another file"),
        (
            "backtest",
            "--json",
            "won.json",
            "is read as --conversions; --json takes another file, or - to print",
        ),
        ("calibrate", "--json", "one.yaml", "is a rule file; --json takes the file to write, or - to print"),
        ("calibrate", "--json", "ev.json", "is read as EVENTS; --json takes another file, or - to print"),
        (
            "calibrate",
            "--json",
            "won.json",
            "is read as --conversions; --json takes another file, or - to print",
        ),
        (
            "diff",
            "--markdown",
            "two.yaml",
            "is a rule file; --markdown takes the file to write, or - to print",
        ),
        ("diff", "--json", "ev.json", "is read as EVENTS; --json takes another file, or - to print"),
        ("diff", "--json", "won.json", "is read as --conversions; --json takes another file, or - to print"),
    ],
)
def test_what_is_read_is_not_written(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, option: str, file: str, said: str
) -> None:
    """The file, the option and what to type are named; every file is as it was."""
    before = held(here)
    code = main([command, *TYPED[command], option, file])

    assert (2, f"pql {command}: {file} {said}\n") == (code, capsys.readouterr().err)
    assert before == held(here)


@pytest.mark.parametrize("link", [os.link, os.symlink])
@pytest.mark.parametrize("name", ["ev.json", "days/ev.json"])
def test_by_another_name_it_is_the_same_file(
    here: Path, capsys: pytest.CaptureFixture[str], link: Callable[[Path, Path], None], name: str
) -> None:
    """A link of either kind, to a file that is named or to one of a directory."""
    link(here / name, here / "report")
    before = held(here)

    assert 2 == main(["backtest", "one.yaml", name.partition("/")[0], *WON, "--json", "report"])
    assert "report is read as EVENTS; --json takes another file" in capsys.readouterr().err
    assert before == held(here)


@pytest.mark.parametrize(("side", "typed"), [("OLD", ("rules", "one.yaml")), ("NEW", ("one.yaml", "rules"))])
def test_neither_side_of_a_comparison_is_written(
    capsys: pytest.CaptureFixture[str], side: str, typed: tuple[str, ...]
) -> None:
    """Under whatever name: here one that no rule file has."""
    os.link("rules/one.yaml", "found")

    assert 2 == main(["diff", *typed, "ev.json", *WON, "--markdown", "found"])
    assert f"pql diff: found is read as {side}; --markdown takes another" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "file", "said"),
    [
        (("one.yaml", "days"), "days/ev.json", "is read as EVENTS"),
        (("one.yaml", "days"), "days/new.json", "would be read as EVENTS"),
        (("rules", "ev.json"), "rules/new.yml", "would be read as RULES"),
        (("ev.json", "--rules", "rules"), "rules/new.yml", "would be read as RULES"),
    ],
)
def test_nothing_is_written_that_a_directory_would_give_to_read(
    here: Path, capsys: pytest.CaptureFixture[str], typed: tuple[str, ...], file: str, said: str
) -> None:
    """Neither over what is there, nor so that the next command takes a report for events or rules."""
    before = held(here)

    assert 2 == main(["backtest", *typed, *WON, "--json", file])
    assert f"pql backtest: {file} {said}; --json takes another file" in capsys.readouterr().err
    assert before == held(here)


def test_what_machines_have_found_is_not_written_over(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It may have taken an hour."""
    (here / "course.json").write_text("{}")
    code = main(["backtest", "one.yaml", "--course", "course.json", "--json", "course.json"])
    said = "pql backtest: course.json is read as --course; --json takes another file, or - to print\n"

    assert (2, said, "{}") == (code, capsys.readouterr().err, (here / "course.json").read_text())


def test_no_table_is_written_over_conversions(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list of them may lie in the directory, but under a name of its own."""
    assert 0 == main(["backtest", *TYPED["backtest"], "--csv", "tables"])
    before = held(here)
    capsys.readouterr()
    assert 7 == len([*Path("tables").iterdir()])
    for one in Path("tables").iterdir():
        code = main(["backtest", "one.yaml", "ev.json", "--conversions", str(one), "--csv", "tables"])
        said = f"pql backtest: {one} is read as --conversions; --csv takes another directory\n"

        assert (2, said) == (code, capsys.readouterr().err)
    assert before == held(here)


def test_a_report_may_lie_beside_what_is_read(here: Path) -> None:
    """Whoever works where rules and events lie writes it there, and again; a device takes everything."""
    (here / "two.yaml").unlink()
    for _ in ("new", "again"):
        assert 0 == main(["backtest", ".", "ev.json", *WON, "--html", "page.html", "--json", "found.json"])
        assert 0 == main(["backtest", "one.yaml", "days", *WON, "--html", "days/page.html"])
        assert 0 == main(["backtest", "one.yaml", "ev.json", *WON, "--csv", ".", "--json", os.devnull])


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("mine.yaml", "a rule file"),
        ("mine.YML", "a rule file"),
        ("mine.csv", "a table"),
        ("mine.jsonl", "a file of events"),
        ("mine.ndjson", "a file of events"),
        ("mine.jsonl.gz", "a file of events"),
        ("mine.parquet", "a file of events"),
    ],
)
def test_a_file_that_is_no_report_is_not_made_one(
    here: Path, capsys: pytest.CaptureFixture[str], file: str, what: str
) -> None:
    """It was meant for something else, and the option has swallowed it; a new one may be called so."""
    words = ["backtest", *TYPED["backtest"], "--json", file]

    assert 0 == main(words)
    (here / file).write_text("mine")
    capsys.readouterr()
    assert 2 == main(words)
    assert f"pql backtest: {file} is {what}; --json takes the file to write, or - " in capsys.readouterr().err
    assert "mine" == (here / file).read_text()


def test_rules_that_an_option_has_swallowed_are_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    """That nothing is left to be events is only what follows from it."""
    assert 2 == main(["backtest", "one.yaml", "--json", "old.jsonl"])
    assert "old.jsonl is a file of events; --json takes the file to write" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "option"),
    [("backtest", "--json"), ("calibrate", "--json"), ("diff", "--json"), ("diff", "--markdown")],
)
def test_an_option_without_a_file_says_how_to_print(
    capsys: pytest.CaptureFixture[str], command: str, option: str
) -> None:
    """As typed before a pipe."""
    assert 2 == main([command, *TYPED[command], option])
    said = f"pql {command}: {option} takes the file to write, or - to print\n"
    assert ("", said) == capsys.readouterr()


def test_what_holds_neither_rules_nor_events_is_said_to(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may have been meant as either."""
    (here / "empty").mkdir()
    for more in ((), ("ev.json",)):
        assert 2 == main(["backtest", "empty", *more, *WON])
        assert "pql backtest: empty holds neither rules nor events: " in capsys.readouterr().err


@pytest.mark.parametrize("typed", [("backtest", "one.yaml"), ("diff", "one.yaml", "two.yaml")], ids=str)
def test_a_directory_without_events_is_told_before_a_conversion_is_asked_for(
    here: Path, capsys: pytest.CaptureFixture[str], typed: tuple[str, ...]
) -> None:
    """Whatever is answered to that would not help."""
    (here / "empty").mkdir()

    assert 1 == main([*typed, "empty"])
    assert "empty holds no events: " in capsys.readouterr().err
