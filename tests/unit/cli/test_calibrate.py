"""`pql calibrate`, from files of events to a changed rule file."""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fakes.calibrating import RULES, lines
from pql.adapters import shard_processes
from pql.backtest.course import Course
from pql.cli.main import main
from pql.rules.load import load


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a rule file whose points are a wrong guess."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return path


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return events that tell who converts."""
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    path.write_text("\n".join(lines(is_telling=True)))
    return path


@pytest.fixture(scope="module")
def put_right(events: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """Return the file of the wrong guess, the exit code and what is shown for it, by one process."""
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(RULES)
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        code = main(["calibrate", str(path), str(events), "--within", "60d"])
    return path, code, shown.getvalue()


def test_a_wrong_guess_is_put_right(put_right: tuple[Path, int, str]) -> None:
    """The diff gives invitations the points, on its lines and with its comments, and nothing is written."""
    rules, code, shown = put_right

    assert 0 == code
    assert "-    - {points: 20, when: {signal: invites, at_least: 1}}\n" in shown
    assert "+    - {points: 55, when: {signal: invites, at_least: 1}}\n" in shown
    assert "+    - {points: 5, when: {signal: reports, at_least: 1}}   # surely this\n" in shown
    assert "rules.yaml: an invitation: ready was expected to stay silent, but it fired at 0d" in shown
    assert RULES == rules.read_text()


def test_what_is_applied_is_what_was_measured(
    rules: Path,
    events: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file loads, and the effect is of accounts that nothing was learned from, by the same events."""
    out, bounds = tmp_path / "out.json", []
    sharded = shard_processes.sharded

    def bounded(*given: Any, until: int, **more: Any) -> Course:
        bounds.append(until)
        return sharded(*given, until=until, **more)

    monkeypatch.setattr(shard_processes, "sharded", bounded)
    told = ["--within", "60d", "--leads-per-week", "2.5", "--apply", "--json", str(out)]
    main(["calibrate", str(rules), str(events), *told])
    found = json.loads(out.read_text())
    lengths = {name: value for name, value in found["calibration"].items() if name.endswith("_days")}
    assert {"age_days": 14, "within_days": 60, "lasts_days": 711} == lengths
    assert "2025-01-21T22:13:20.000Z" == found["calibration"]["since"]
    (effect,) = found["proposal"]["effects"]
    changes = [(one["what"], one["before"], one["after"]) for one in found["proposal"]["changes"]]

    monkeypatch.undo()
    main(["backtest", str(rules), str(events), "--within", "60d", "--json", str(out)])
    (rule,) = json.loads(out.read_text())["rules"]

    assert rule["per_week"] == effect["weekly_after"] <= 2.5
    assert len(bounds) > 1 == len({*bounds})
    assert found["proposal"]["after"] == rules.read_text()
    assert [("invites ≥ 1", 20, 55), ("reports ≥ 1", 40, 5)] == changes[:2]
    assert ["threshold of ready"] == [what for what, *_ in changes[2:]]
    assert ["rules.yaml"] == list(load(rules).files)
    assert effect["before"]["precision"]["rate"] < 0.3 < effect["after"]["precision"]["rate"]
    assert effect["after"]["precision"]["of"] <= found["proposal"]["accounts"] < 350
    assert ("2025-01-12T22:13:20.000Z", None) == (effect["before"]["first"], effect["before"]["cooled"])
    assert f"wrote {rules}" in capsys.readouterr().out


def test_a_document_on_standard_output_is_alone_there(
    rules: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That the file was written is said beside it."""
    main(["calibrate", str(rules), str(events), "--within", "60d", "--apply", "--json", "-"])
    shown = capsys.readouterr()

    assert rules.read_text() == json.loads(shown.out)["proposal"]["after"]
    assert f"wrote {rules}; now: pql rules test {rules}" in shown.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--precision", "0.5", "--rule", "other"], "rule `other` holds the score against no bound"),
        (["--leads-per-week", "5"], "several rules hold the score against a bound: choose with --rule ready"),
        (["--apply"], "rules.yaml cannot be written: it is not yours to write"),
    ],
)
def test_what_cannot_be_done_is_said_before_an_event_is_read(
    rules: Path,
    events: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    told: str,
) -> None:
    """To read them may take an hour, and that several times."""
    more = ""
    tests = ""
    for name, what, event in (
        ("eager", "score: fit", "Invite Sent"),
        ("other", "signal: invites", "Invite Sent x20"),
    ):
        more += f"  {name}: {{when: {{{what}, at_least: 20}}, title: t, reason: r}}\n"
        for does, expect in ((event, "fires at 0d"), ("Other", "silent")):
            tests += f"  - {{name: {name} {does}, rule: {name}, timeline: [0d {does}], expect: {expect}}}\n"
    text = RULES.replace("conversions:", f"{more}conversions:").replace("timeline:", "rule: ready, timeline:")
    rules.write_text(text + tests)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    monkeypatch.setattr(shard_processes, "sharded", lambda *_given, **_more: pytest.fail("read"))

    assert 1 == main(["calibrate", str(rules), str(events), *options])
    assert told in capsys.readouterr().err


def test_age_rule_and_seed_are_those_that_were_chosen(rules: Path, events: Path, tmp_path: Path) -> None:
    """Of two rules on the score the named one is aimed at; another seed draws other intervals alone."""
    eager = "  eager: {when: {score: fit, at_least: 20}, title: t, reason: r}\nconversions:"
    text = RULES.replace("conversions:", eager).replace("timeline:", "rule: ready, timeline:")
    tests = "".join(
        f"  - {{name: {name}, rule: eager, timeline: [0d {name}], expect: {expect}}}\n"
        for name, expect in (("Invite Sent", "fires at 0d"), ("Other", "silent"))
    )
    rules.write_text(text + tests)
    chosen = ["--within", "60d", "--age", "10d", "--rule", "ready", "--leads-per-week", "2.5"]
    found = []
    for seed in ("7", "8"):
        main(["calibrate", str(rules), str(events), *chosen, "--seed", seed, "--json", str(tmp_path / seed)])
        found.append(json.loads((tmp_path / seed).read_text()))
    (one, other) = (each["calibration"]["weights"] for each in found)

    assert 10 == found[0]["calibration"]["age_days"]
    assert ("threshold of ready", 40, 55) in {
        (each["what"], each["before"], each["after"]) for each in found[0]["proposal"]["changes"]
    }
    assert [each["fitted"] for each in one] == [each["fitted"] for each in other]
    assert [each["low"] for each in one] != [each["low"] for each in other]


def test_without_a_signal_nothing_is_proposed(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so with the interval, with a code of its own, even where it was to be applied."""
    path = tmp_path / "noise.jsonl"
    path.write_text("\n".join(lines(is_telling=False)))
    code = main(["calibrate", str(rules), str(path), "--within", "60d", "--precision", "0.5", "--apply"])

    assert 3 == code
    assert "no signal: the interval" in capsys.readouterr().out
    assert RULES == rules.read_text()


# Who has not invited is no lead of it, whatever the score: other points find nobody else.
IDLE = RULES.replace(
    "{score: fit, at_least: 40}", "{all: [{score: fit, at_least: 20}, {signal: invites, at_least: 1}]}"
).replace("0d Report Created], expect: fires", "0d Invite Sent], expect: fires")
IDLE = IDLE.replace("0d Invite Sent], expect: silent", "0d Report Created], expect: silent")


def test_points_that_change_no_lead_are_not_proposed(
    rules: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However much better they rank: nobody would get to see of it, and a file is not changed for nothing."""
    rules.write_text(IDLE)
    out = tmp_path / "out.json"
    code = main(["calibrate", str(rules), str(events), "--within", "60d", "--apply", "--json", str(out)])
    first, second, *others = capsys.readouterr().out.splitlines()
    found = json.loads(out.read_text())

    assert 3 == code
    assert (
        "fit: nothing is proposed: other points would rank newer accounts better, and yet leave every lead "
        "as it is (AUC +0.153, 95 % interval +0.114 to +0.192)"
    ) == first
    assert "with another threshold they may not: --leads-per-week and --precision choose one" == second
    assert ("better", "", [], True) == (
        found["calibration"]["verdict"],
        *(found["proposal"][name] for name in ("diff", "changes", "idle")),
    )
    assert any(line.startswith("ready  now ") for line in others)
    assert not any(line.startswith("proposed ") for line in others)
    assert IDLE == rules.read_text()


def test_points_of_a_score_that_no_rule_asks_are_proposed(rules: Path, events: Path) -> None:
    """No lead can tell of them: that they rank better is all there is to know."""
    rules.write_text(
        IDLE.replace(
            "{all: [{score: fit, at_least: 20}, {signal: invites, at_least: 1}]}",
            "{signal: invites, at_least: 1}",
        )
    )

    assert 0 == main(["calibrate", str(rules), str(events), "--within", "60d"])


def test_a_threshold_that_changes_no_lead_is_not_proposed(
    rules: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Points that are right stay, and 42 asks for what 55 does."""
    right = RULES.replace("points: 20", "points: 55").replace("points: 40", "points: 5")
    right = right.replace("at_least: 40", "at_least: 42").replace("Report Created], expect: fires", "XX")
    right = right.replace("Invite Sent], expect: silent", "Invite Sent], expect: fires at 0d")
    right = right.replace("[0d XX at 0d", "[0d Report Created], expect: silent")
    rules.write_text(right)
    code = main(["calibrate", str(rules), str(events), "--within", "60d", "--precision", "0.5"])
    shown = capsys.readouterr().out

    assert 3 == code
    assert "\nthe threshold that does what was asked for would leave every lead as it is\n" in shown
    assert right == rules.read_text()


def test_points_that_are_right_are_left_with_the_code_of_no_proposal(
    rules: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A job that waits for a change sees by the code that there is none; the effect of today is told."""
    rules.write_text(RULES.replace("points: 20", "points: 55").replace("points: 40", "points: 5"))
    code = main(["calibrate", str(rules), str(events), "--within", "60d"])
    first, *others = capsys.readouterr().out.splitlines()

    assert 3 == code
    assert first.startswith("fit: nothing is proposed: what ")
    assert any(line.startswith("ready  now ") for line in others)


@pytest.mark.parametrize(
    ("within", "told"),
    [
        (
            "700d",
            (
                "no window of 700 days from the age of 14 days on is over, the data last 711 days: "
                "type --within 697d or shorter"
            ),
        ),
        (
            "690d",
            (
                "too few: 1 conversion of at least 30 in several stretches of time\n"
                "the data last 711 days: a shorter --within leaves out fewer than 690, "
                "a longer one counts more conversions"
            ),
        ),
    ],
)
def test_a_window_too_long_for_the_data_is_said_with_what_to_type(
    rules: Path, events: Path, capsys: pytest.CaptureFixture[str], within: str, told: str
) -> None:
    """Too few conversions is not the reason."""
    assert 3 == main(["calibrate", str(rules), str(events), "--within", within])
    assert capsys.readouterr().out.startswith(f"fit: nothing is proposed: {told}\n")


def test_a_precision_out_of_reach_is_said_to_be(
    rules: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the most that any threshold has."""
    main(["calibrate", str(rules), str(events), "--within", "60d", "--precision", "0.95"])

    assert "not reached: no threshold has a precision of 95 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [("0.3", "the highest threshold, 60, leaves 0.7"), ("20", "the lowest threshold, 5, brings 3.6")],
)
def test_leads_a_week_out_of_reach_are_said_to_be(
    rules: Path, events: Path, capsys: pytest.CaptureFixture[str], wanted: str, nearest: str
) -> None:
    """With the nearest there are."""
    main(["calibrate", str(rules), str(events), "--within", "60d", "--leads-per-week", wanted])

    assert f"\nnot reached: {wanted} leads a week; {nearest}\n" in capsys.readouterr().out


def test_the_diff_is_applied_where_it_was_asked_for(
    put_right: tuple[Path, int, str],
    events: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its paths are seen from there if the rules lie below; else there is the name of the file alone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "functions" / "rules").mkdir(parents=True)
    (tmp_path / "functions" / "rules" / "fit.yaml").write_text(RULES)
    main(["calibrate", "functions/rules", str(events), "--within", "60d"])

    assert "\n--- a/functions/rules/fit.yaml\n+++ b/functions/rules/fit.yaml\n" in capsys.readouterr().out
    assert "\n--- a/rules.yaml\n" in put_right[2]


@pytest.mark.parametrize(
    ("option", "typed", "meant"), [("--score", "fits", "fit"), ("--rule", "redy", "ready")]
)
def test_a_name_that_there_is_not_is_refused(
    rules: Path, events: Path, capsys: pytest.CaptureFixture[str], option: str, typed: str, meant: str
) -> None:
    """With the one it may be, whether or not a threshold is asked for."""
    assert 1 == main(["calibrate", str(rules), str(events), option, typed])
    assert f"did you mean `{meant}`" in capsys.readouterr().err


def test_the_number_of_processes_changes_nothing(
    put_right: tuple[Path, int, str], events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Snapshots travel between processes as they are."""
    rules, _, by_one = put_right
    main(["calibrate", str(rules), str(events), "--within", "60d", "--jobs", "2"])

    assert by_one == capsys.readouterr().out
