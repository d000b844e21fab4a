"""`pql diff` says what a change of rules does, to a person and to a program."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from fakes.comparing import START, TOLD, Run
from fakes.courses import course
from pql.backtest.changes.change import Change, Entries, Entry, RuleChange, Side
from pql.backtest.figures.figures import figures
from pql.backtest.figures.wilson import share
from pql.cli.diff import words
from pql.core.window import DAY

ACCOUNTS = ("acme", "globex", "idle", "other")


def test_a_person_is_told_what_is_announced_what_has_changed_and_who_is_moved(run: Run) -> None:
    """With the reason why the other version thinks otherwise; what is as before takes one line."""
    assert (0, TOLD, "") == run("old", "new", "events.jsonl")


def test_several_processes_tell_the_same(run: Run) -> None:
    """Whoever is counted where."""
    assert (0, TOLD, "") == run("old", "new", "events.jsonl", "--jobs", "2")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_lines_that_are_no_events_are_told(run: Run, place: Path, jobs: str) -> None:
    """Beside the change, which is that of all the others."""
    with (place / "events.jsonl").open("a") as opened:
        opened.write("\nno event\n")
    code, out, errors = run("old", "new", "events.jsonl", "--jobs", jobs)

    assert (0, TOLD) == (code, out)
    assert errors.startswith("pql diff: 1 line could not be read")
    assert "events.jsonl:9: " in errors


def test_without_an_event_nothing_is_compared(run: Run, place: Path) -> None:
    """A pull request that is held against nothing does not pass."""
    (place / "empty.jsonl").write_text("")

    assert (1, "", "pql diff: no event came that counts: empty.jsonl\n") == run("old", "new", "empty.jsonl")


def test_events_from_a_pipe_tell_the_same_but_for_why(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can be read once."""
    with (place / "events.jsonl").open("rb") as opened:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(opened))
        code, out, errors = run("old", "new", "-")

    assert (0, re.sub("; before it needs .*", "", TOLD), "") == (code, out, errors)


def test_the_same_rules_change_nothing(run: Run) -> None:
    """Whoever only moved files is told so."""
    _, out, _ = run("old", "old", "events.jsonl")

    assert out.endswith("2 rules as before\n")
    assert "gained 0, lost 0" in out


def test_json_has_every_account_with_its_times(run: Run) -> None:
    """For programs: nothing is cut, and times are ISO 8601."""
    _, out, _ = run("old", "new", "events.jsonl", "--json", "-", "--examples", "0")
    told = json.loads(out)

    assert ["busy", "keen"] == [one["rule"] for one in told["rules"]]
    assert [
        {
            "account": "globex",
            "subject_key": "a:globex",
            "before": None,
            "after": "2025-01-05T00:00:00.000Z",
            "converted": "2025-01-21T00:00:00.000Z",
            "won": True,
        }
    ] == told["rules"][0]["gained"]
    assert 0.5 == told["rules"][0]["after"]["precision"]["rate"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--most-gained", "1"], (0, "")),
        (["--most-gained", "0"], (1, "pql diff: busy has 1 account gained, and may have 0\n")),
        (["--most-lost", "0"], (0, "")),
    ],
    ids=str,
)
def test_a_change_that_moves_too_many_fails_if_it_is_to(
    run: Run, options: list[str], expected: tuple[int, str]
) -> None:
    """All is told all the same."""
    code, out, errors = run("old", "new", "events.jsonl", *options)

    assert (*expected, TOLD) == (code, errors, out)


def test_a_change_that_loses_too_many_fails_if_it_is_to(run: Run) -> None:
    """What the one version gains the other loses."""
    for most, expected in (("1", (0, "")), ("0", (1, "pql diff: busy has 1 account lost, and may have 0\n"))):
        code, _, errors = run("new", "old", "events.jsonl", "--most-lost", most)

        assert expected == (code, errors)


def test_rules_without_a_conversion_ask_for_one(run: Run, place: Path) -> None:
    """Precision would be nothing."""
    for name in ("old", "new"):
        path = place / name / "busy.yaml"
        path.write_text(path.read_text().replace("conversions: [Subscription Started]\n", ""))
    code, _, errors = run("old", "new", "events.jsonl")
    given, _, _ = run("old", "new", "events.jsonl", "--conversions", "Subscription Started")

    assert (1, 0) == (code, given)
    assert "--conversions" in errors


def test_a_window_longer_than_the_data_is_said(run: Run) -> None:
    """Nothing is decided, in no rule: the reader should know why."""
    _, out, _ = run("old", "new", "events.jsonl", "--within", "400d")

    told = "no window of 400 days is over, the data last 28 days: type --within 28d or shorter"
    assert f"4 accounts, no base rate: {told}\n" in out


@pytest.mark.parametrize("options", [(), ("--within", "5d"), ("--within", "400d")], ids=str)
def test_where_everybody_had_converted_that_is_why_there_is_no_base_rate(
    run: Run, place: Path, options: tuple[str, ...]
) -> None:
    """Whatever the window, for no other one would help."""
    (place / "won.csv").write_text(
        "account_id,converted_at\n" + "".join(f"{one},2024-12-01\n" for one in ACCOUNTS)
    )
    _, out, _ = run("old", "new", "events.jsonl", "--conversions", "won.csv", *options)

    assert "; 4 accounts, no base rate: all had converted by the first event\n" in out


def test_what_is_missing_is_named_before_anything_else_is_asked(run: Run, place: Path) -> None:
    """Neither a conversion nor a list of them, nor a second time."""
    for side in ("old", "new"):
        rules = place / side / "busy.yaml"
        rules.write_text(rules.read_text().replace("conversions: [Subscription Started]\n", ""))
    for more in ((), ("--conversions", "gone.csv"), ("--jobs", "2")):
        assert (2, "", "pql diff: there is no none.jsonl\n") == run("old", "new", "none.jsonl", *more)


def test_those_who_converted_are_named_first() -> None:
    """It is them that a change wins or loses; what came too early or too late for the lead is told, too."""
    lost = [
        Entry("a:old", START, None, START + 9 * DAY, 10 * DAY),
        Entry("a:early", START + DAY, None, START, 10 * DAY),
        Entry("a:late", START + 2 * DAY, None, START + 20 * DAY, 10 * DAY),
        Entry("a:new", START + 3 * DAY, None, START + 4 * DAY, 10 * DAY),
    ]
    one = RuleChange("busy", "same", ("live", "live"), Entries(lost=lost))
    shown, more = words.examples(one, "lost", 3)

    assert (["a:new", "a:old", "a:late"], 1) == ([entry.subject for entry in shown], more)
    assert "4 (2 converted)" == words.won(lost)
    assert [
        "1 Jan 2025, converted 10 Jan 2025",
        "2 Jan 2025, had converted 1 Jan 2025",
        "3 Jan 2025, converted 21 Jan 2025, after the window",
        "4 Jan 2025, converted 5 Jan 2025",
    ] == [words.when(entry) for entry in lost]


def test_people_are_called_people() -> None:
    """As in every other figure, whether they are users or devices."""
    found = figures(course({"p:ada": (0, None), "p:ben": (0, 9)}, {}))
    nothing = Side(0, 0, None, share(0, 0))
    told = words.scene(
        Change([], [], Entries(), nothing, nothing, found.bases, first=found.first, last=found.last)
    )

    assert "; 2 people, of which 50.0 %" in told
