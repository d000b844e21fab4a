"""`pql rules`: how it is typed, and what `check` says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.rule_directory import ACTIVATION, Captured, change, printed
from pql.cli.main import main
from pql.cli.rules.places import SHIPPED

WAYS: dict[str, list[str]] = {"one": [], "two": ["--dir"], "three": ["--rules"]}


def test_the_shipped_rules_are_good(capsys: Captured) -> None:
    """They load without a fault."""
    assert 0 == main(["rules", "check"])
    assert capsys.readouterr().out.endswith("all good\n")


def test_broken_rules_are_told_with_their_place(rules: Path, capsys: Captured) -> None:
    """Faults go to standard error, one a line, whatever was to be done with the rules."""
    change(rules, "cooldown:", "cooldwn:")

    for verb in ("check", "test", "lint"):
        assert 1 == main(["rules", verb, str(rules)])
        assert (
            "activation.yaml:34:5: unknown key `cooldwn`; did you mean `cooldown`?\n"
            == capsys.readouterr().err
        )


def test_faults_can_be_read_by_programs(rules: Path, capsys: Captured) -> None:
    """A list of all of them; an empty one if there are none."""
    good = main(["rules", "check", str(rules), "--json"]), printed(capsys)
    change(rules, "cooldown:", "cooldwn:")
    change(rules, "within: 30d", "within: soon")
    broken = main(["rules", "check", str(rules), "--json"]), printed(capsys)

    assert (0, []) == good
    assert (1, [(14, 13), (34, 5)]) == (broken[0], [(one["line"], one["column"]) for one in broken[1]])
    assert {"file", "line", "column", "message"} == set(broken[1][0])


def test_what_is_passed_over_is_told(rules: Path, capsys: Captured) -> None:
    """Whoever put rules where nobody reads them hears of it, and of nothing else."""
    for name in (".yml", ".draft.yaml", ".activation.yaml.swp", "notes.txt", "sales/more.yml", ".git/x.yaml"):
        (rules / name).parent.mkdir(exist_ok=True)
        (rules / name).write_text("a: [", encoding="utf-8")

    assert 0 == main(["rules", "check", str(rules)])
    assert [
        "note: .draft.yaml is not read: its name begins with a dot",
        "note: .yml is not read: its name begins with a dot",
        "note: sales/ is not read: rule files stand beside each other, in one directory",
    ] == capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("verb", ["check", "test", "lint"])
def test_rules_are_named_in_any_way_and_in_any_place(verb: str, rules: Path, capsys: Captured) -> None:
    """As an argument before or behind options, behind `--rules`, and one file alone."""
    (rules / "other.yaml").write_text(ACTIVATION.replace("activat", "animat"), encoding="utf-8")
    both = [[str(rules), "--json"], ["--json", str(rules)], ["--rules", str(rules), "--json"]]
    alone = str(rules / "activation.yaml")
    told = [main(["rules", verb, *way]) or capsys.readouterr().out for way in both]
    of_one = [main(["rules", verb, *way]) or capsys.readouterr().out for way in ([alone], ["--rules", alone])]

    assert [told[0]] * 3 == told
    assert [of_one[0]] * 2 == of_one
    assert "other.yaml" not in of_one[0]


def test_what_stands_by_itself_may_stand_behind_options(rules: Path, capsys: Captured) -> None:
    """Python's own parser would take the directory as left out."""
    new = [main(["rules", "new", name, *way, str(rules)]) for name, way in WAYS.items()]

    assert 0 == main(["rules", "test", "--rule", "activated", "--json", str(rules)])
    assert [0, 0, 0] == new
    assert WAYS.keys() < {path.stem for path in rules.iterdir()}


TESTS = Path(__file__).parents[3]
WON = f"{TESTS}/data/purchases/conversions.csv"
BACKTEST = (
    f"backtest {TESTS}/bench/purchase_days.yaml {TESTS}/data/purchases/events.jsonl --conversions {WON}"
)


@pytest.mark.parametrize(
    "words", [["rules", "schema"], [*BACKTEST.split(" "), "--json", "-"]], ids=["rules", "backtest"]
)
def test_nobody_is_told_that_a_reader_has_left(words: list[str]) -> None:
    """As behind `| head`: without a traceback, and with the code that shells give it."""
    assert (141, "") == unread(*words)


def test_nor_is_a_reader_who_left_told_of_faults(tmp_path: Path) -> None:
    """What is wrong with rules is printed by another way."""
    (tmp_path / "r.yaml").write_text("rules: {}", encoding="utf-8")

    assert (141, "") == unread("rules", "check", str(tmp_path), "--json")


@pytest.mark.parametrize(("rules", "code"), [("rules: {}", 1), (None, 0)])
def test_whoever_closes_the_output_gets_the_code_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: str | None, code: int
) -> None:
    """As behind `>&-`, where Python has no standard output at all."""
    if rules:
        (tmp_path / "r.yaml").write_text(rules, encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", None)

    assert code == main(["rules", "check", str(tmp_path if rules else SHIPPED)])


def unread(*words: str) -> tuple[int, str]:
    """Return the exit code and standard error of a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "pql.cli.main", *words]
    found = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own
    os.close(writer)
    return found.returncode, found.stderr


def test_rules_are_named_once(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither place is preferred in silence."""
    assert 2 == main(["rules", "check", str(rules), "--rules", str(SHIPPED)])
    assert "pql rules check: name the rules once, as DIR or behind --rules\n" == capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        (["queue"], "  status   show how full each queue is, and what waits for each channel"),
        (["rules"], "  lint       look for rules that cannot be meant"),
        ([], "  rules      write, check, test, look through and introduce rules"),
    ],
)
def test_whoever_leaves_the_verb_out_is_told_which_there_are(
    words: list[str], verb: str, capsys: Captured
) -> None:
    """Each with what it does."""
    with pytest.raises(SystemExit) as left:
        main(words)

    assert (2, True) == (left.value.code, verb in capsys.readouterr().err.splitlines())


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("acivation.yaml", "there is no {0}/acivation.yaml; did you mean {0}/activation.yaml?"),
        ("nothing", "there is no {0}/nothing"),
    ],
)
def test_a_place_that_is_not_there_is_told_with_the_nearest(
    place: str, told: str, rules: Path, capsys: Captured
) -> None:
    """Of the directories and rule files beside it."""
    with pytest.raises(SystemExit):
        main(["rules", "check", str(rules / place)])

    assert f"{told.format(rules)}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rules", "schema", "extra"], "pql rules schema: error: unrecognized arguments: extra"),
        (
            ["lead", "list", "--table", "t", "--until", "3d"],
            "pql lead list: error: unrecognized arguments: --until 3d",
        ),
        (["erase", "--table", "t", "--user", ""], "pql erase: error: argument --user: expected an id"),
    ],
)
def test_a_slip_is_told_with_the_usage_of_its_own_command(
    words: list[str], told: str, capsys: Captured
) -> None:
    """What belongs there stands above it."""
    with pytest.raises(SystemExit):
        main(words)

    assert told in capsys.readouterr().err
