"""`pql rules`: what a growth engineer types before deploying."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pql.cli.main import main
from pql.cli.rules.new import schema_for
from pql.cli.rules.places import SHIPPED

ACTIVATION = (SHIPPED / "activation.yaml").read_text(encoding="utf-8")
WAYS: dict[str, list[str]] = {"one": [], "two": ["--dir"], "three": ["--rules"]}
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a directory with one good file."""
    (tmp_path / "activation.yaml").write_text(ACTIVATION, encoding="utf-8")
    return tmp_path


def change(rules: Path, old: str, new: str) -> None:
    """Change the file in the directory."""
    path = rules / "activation.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def printed(capsys: Captured) -> Any:
    """Return the JSON that was printed."""
    return json.loads(capsys.readouterr().out)


def test_the_shipped_rules_are_good(capsys: Captured) -> None:
    """They load without a fault."""
    assert 0 == main(["rules", "check"])
    assert capsys.readouterr().out.endswith("all good\n")


def test_the_shipped_rules_pass_their_own_tests(capsys: Captured) -> None:
    """Every timeline ends as its file says."""
    code = main(["rules", "test", str(SHIPPED)])
    lines = capsys.readouterr().out.splitlines()

    assert (0, True) == (code, all(line.startswith("ok") for line in lines[:-1]))
    assert lines[-1].endswith("passed, 0 failed")


def test_the_shipped_rules_can_all_be_meant(capsys: Captured) -> None:
    """Nothing is to be said against what newcomers copy."""
    assert 0 == main(["rules", "lint", "--strict"])
    assert capsys.readouterr().out.endswith("nothing to say\n")


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


LATE = """\
FAIL activation.yaml: the order of the steps does not matter: activated was expected to fire at 5d, \
but it fired at 6d
     0d  Report Created x3 by ada
            ✓ reports created in the last 30 days: 0 → 3 (at least 3)
            ✗ score activation: 0 → 20 (at least 50)
     4d  Invite Sent x2 by ada: {invitee_email: person{n}@northwind.test}
            ✓ teammates invited: 0 → 2 (at least 1)
            ✗ score activation: 20 → 35 (at least 50)
     5d  expected to fire here, but this did not hold
            ✗ integrations connected: 0 (at least 1)
            ✗ score activation: 35 (at least 50)
     6d  Integration Set Up by bob
            ✓ integrations connected: 0 → 1 (at least 1)
            ✓ score activation: 35 → 60 (at least 50)
            → fired, which was not expected
"""
TWICE = """\
FAIL activation.yaml: nobody is announced twice within the cooldown: activated was expected to fire at \
2d, 9d, but it fired at 2d
     0d  Integration Connected by ada
            ✓ integrations connected: 0 → 1 (at least 1)
            ✗ score activation: 0 → 25 (at least 50)
     1d  Invite Sent by ada: {invitee_email: bob@northwind.test}
            ✓ teammates invited: 0 → 1 (at least 1)
            ✗ score activation: 25 → 40 (at least 50)
     2d  Report Created x3 by bob
            ✓ reports created in the last 30 days: 0 → 3 (at least 3)
            ✓ score activation: 40 → 60 (at least 50)
            → fired
     5d  Report Created x9 by bob
            ✓ reports created in the last 30 days: 3 → 12 (at least 3)
     9d  expected to fire here; it held, and was kept back (a test begins on 1 Jan 2025)
            no other lead in its cooldown, which is over in 23 days, on 2 Feb 2025, 00:00 UTC
            another lead is possible once it has ceased to hold
"""


@pytest.mark.parametrize(
    ("old", "new", "story"),
    [("fires at 6d", "fires at 5d", LATE), ("fires at 2d", "fires at 2d, 9d", TWICE)],
    ids=["too late", "not again"],
)
def test_a_test_that_fails_tells_its_story(
    rules: Path, capsys: Captured, old: str, new: str, story: str
) -> None:
    """Line by line what the rule looked at, where it changed; what was missing where it was to fire."""
    change(rules, old, new)

    assert 1 == main(["rules", "test", str(rules)])
    told = capsys.readouterr().out
    assert story in told
    assert told.endswith("10 passed, 1 failed\n")


def test_a_story_can_be_read_by_programs(rules: Path, capsys: Captured) -> None:
    """One document with every test; a story where one failed."""
    change(rules, "fires at 6d", "fires at 5d")
    code = main(["rules", "test", str(rules), "--json"])
    tests = printed(capsys)
    failed = [one for one in tests if not one["passed"]]

    assert (1, 11, 1) == (code, len(tests), len(failed))
    assert (["5d"], ["6d"]) == (failed[0]["expected"], failed[0]["fired"])
    assert ["0d", "4d", "5d", "6d"] == [one["offset"] for one in failed[0]["story"]]
    assert {
        "words": "integrations connected",
        "before": "0",
        "after": "1",
        "test": "at least 1",
        "met": True,
    } in failed[0]["story"][3]["changes"]
    assert [[]] * 10 == [one["story"] for one in tests if one["passed"]]


def test_tests_can_be_chosen_by_rule_and_file(rules: Path, capsys: Captured) -> None:
    """Those of one rule, or of one file; a name that nothing has is told with the nearest there is."""
    main(["rules", "new", "heavy_export", "--dir", str(rules)])
    capsys.readouterr()
    chosen = {
        choice: (
            main(["rules", "test", str(rules), *choice.split()]),
            "".join(capsys.readouterr()).splitlines()[-1],
        )
        for choice in (
            *("--rule activated", "--file heavy_export.yaml", "--rule activatd"),
            *("--file heavy_exports.yaml", "--rule activated --file heavy_export.yaml"),
        )
    }

    assert {
        "--rule activated": (0, "11 passed, 0 failed"),
        "--file heavy_export.yaml": (0, "2 passed, 0 failed"),
        "--rule activatd": (1, "pql rules test: unknown rule `activatd`; did you mean `activated`?"),
        "--file heavy_exports.yaml": (
            1,
            "pql rules test: unknown file `heavy_exports.yaml`; did you mean `heavy_export.yaml`?",
        ),
        "--rule activated --file heavy_export.yaml": (1, "no test of that rule in that file"),
    } == chosen


def test_a_new_file_is_good_as_written(rules: Path, capsys: Captured) -> None:
    """It passes its check, its tests and the lint, and an editor finds the schema beside it."""
    assert 0 == main(["rules", "new", "heavy_export", "--dir", str(rules)])
    assert [0, 0, 0] == [main(["rules", verb, str(rules)]) for verb in ("check", "test", "lint")]
    assert capsys.readouterr().out.endswith("nothing to say\n")
    text = (rules / "heavy_export.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=rules.schema.json\n")
    assert "$defs" in json.loads((rules / "rules.schema.json").read_text(encoding="utf-8"))


def test_the_directory_of_a_new_file_is_made(tmp_path: Path, capsys: Captured) -> None:
    """Where nothing is yet a pack can begin; a file is none."""
    place = tmp_path / "our" / "rules"

    assert 0 == main(["rules", "new", "heavy_export", "--rules", str(place)])
    assert 0 == main(["rules", "check", str(place)])
    with pytest.raises(SystemExit):
        main(["rules", "new", "more", "--rules", str(place / "heavy_export.yaml")])
    assert "is a file; give the directory it is in" in capsys.readouterr().err


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


def test_a_new_file_inside_the_project_leads_to_its_one_schema() -> None:
    """Nothing is copied there."""
    assert "../../docs/rules.schema.json" == schema_for(SHIPPED)


def test_a_new_file_never_takes_the_place_of_another(rules: Path, capsys: Captured) -> None:
    """Neither of a file nor of a rule of that name in another."""
    named = main(["rules", "new", "activation", "--dir", str(rules)])
    told = capsys.readouterr().err
    taken = main(["rules", "new", "activated", "--dir", str(rules)])

    assert (1, 1) == (named, taken)
    assert told.endswith("activation.yaml is there already and stays as it is\n")
    assert "`activated` stands among the rules of activat" in capsys.readouterr().err
    assert ACTIVATION == (rules / "activation.yaml").read_text(encoding="utf-8")
    assert not (rules / "activated.yaml").exists()


def test_a_name_that_no_rule_can_have_is_refused(capsys: Captured) -> None:
    """Before anything is written."""
    with pytest.raises(SystemExit):
        main(["rules", "new", "Heavy Export"])
    assert "lower-case letters" in capsys.readouterr().err


@pytest.mark.parametrize(("verb", "file"), [("schema", "rules.schema.json"), ("docs", "rules-reference.md")])
def test_what_is_generated_is_printed_or_written(
    verb: str, file: str, tmp_path: Path, capsys: Captured
) -> None:
    """Both ways give the same text."""
    main(["rules", verb])
    shown = capsys.readouterr().out
    main(["rules", verb, "--out", str(tmp_path / file)])

    assert shown == (tmp_path / file).read_text(encoding="utf-8")


def test_findings_are_warnings_unless_strict(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """Told either way; `--strict` makes them a failure, `--json` a document."""
    events = tmp_path / "events.txt"
    events.write_text("Integration Connected\nInvite Sent\nReport Creatd\nSubscription Started\n")
    lint = ["rules", "lint", str(rules), "--events", str(events)]

    assert (0, 1) == (main(lint), main([*lint, "--strict"]))
    capsys.readouterr()
    assert 0 == main([*lint, "--json"])
    assert {
        "file": "activation.yaml",
        "line": 13,
        "column": 12,
        "code": "unknown-event",
        "message": "nobody sends `Report Created`; did you mean `Report Creatd`?",
    } in printed(capsys)


@pytest.mark.parametrize("packed", [False, True])
def test_a_sample_of_events_knows_what_there_is(
    rules: Path, tmp_path: Path, capsys: Captured, *, packed: bool
) -> None:
    """Events as an SDK sends them, one a line, gzipped or not."""
    sample = tmp_path / "events.jsonl"
    names = (
        "Integration Connected",
        "Integration Set Up",
        "Invite Sent",
        "Report Created",
        "Order Completed",
    )
    events = "".join(f'{{"type": "track", "event": "{name}", "userId": "ada"}}\n' for name in names)
    sample.write_bytes(gzip.compress(events.encode()) if packed else events.encode())

    assert 0 == main(["rules", "lint", str(rules), "--sample", str(sample)])
    assert [
        "activation.yaml:10:23: unknown-event: nobody sends `Teammate Invited`",
        "activation.yaml:17:13: unknown-event: nobody sends `Subscription Started`",
        "activation.yaml:42:15: unknown-event: nobody sends `Subscription Started`",
    ] == capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--events", "Report Created"),
        ("--sample", '{"type": "track", "event": "Report Created", "userId": "a"}'),
    ],
)
def test_events_may_come_from_a_pipe(
    option: str, line: str, rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """As a shell's `<(…)` is one."""
    pipe = tmp_path / "63"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(line,))
    writer.start()
    code = main(["rules", "lint", str(rules), option, str(pipe)])
    writer.join()
    found = capsys.readouterr().out

    assert 0 == code
    assert "nobody sends `Invite Sent`" in found
    assert "nobody sends `Report Created`" not in found


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


@pytest.mark.parametrize("verb", ["docs", "schema"])
def test_a_place_that_cannot_be_written_is_told(verb: str, tmp_path: Path, capsys: Captured) -> None:
    """In one line."""
    assert 1 == main(["rules", verb, "--out", str(tmp_path / "no" / "x")])
    assert capsys.readouterr().err.endswith("x cannot be written: No such file or directory\n")


def test_a_new_file_is_written_beside_one_that_cannot_be_read(rules: Path) -> None:
    """That one is a matter for the check."""
    (rules / "old.yaml").write_bytes(b"caf\xe9: 1")

    assert 0 == main(["rules", "new", "heavy_export", str(rules)])


@pytest.mark.parametrize("sample", [b"", b"\xff\xfe\n{}\n", b"[" * 5_000 + b"\n", b'{"type": "group"}\n'])
def test_a_sample_without_an_event_is_no_all_clear(
    sample: bytes, rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """There was nothing to compare the rules with."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(sample)

    assert 1 == main(["rules", "lint", str(rules), "--sample", str(path)])
    assert "has no event with a name in it" in capsys.readouterr().err


def test_lines_of_a_sample_that_are_no_events_are_counted(
    rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """On standard error, beside the findings."""
    path = tmp_path / "events.jsonl"
    path.write_text('nonsense\n{"type": "track", "event": "Report Created", "userId": "ada"}\n', "utf-8")

    assert 0 == main(["rules", "lint", str(rules), "--sample", str(path)])
    assert "passed over 1 line without an event" in capsys.readouterr().err


@pytest.mark.parametrize("names", [b"# none\n", b"caf\xe9\n"])
def test_a_list_of_events_without_a_name_is_no_all_clear(
    names: bytes, rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """Nor is one that cannot be read."""
    path = tmp_path / "events.txt"
    path.write_bytes(names)

    assert 1 == main(["rules", "lint", str(rules), "--events", str(path)])
    assert capsys.readouterr().err.startswith(f"pql rules lint: {path} ")


TESTS = Path(__file__).parents[2]
WON = f"{TESTS}/data/purchases/conversions.csv"
BACKTEST = (
    f"backtest {TESTS}/bench/purchase_days.yaml {TESTS}/data/purchases/events.jsonl --conversions {WON}"
)


@pytest.mark.parametrize(
    "words", [["rules", "schema"], [*BACKTEST.split(" "), "--json", "-"]], ids=["rules", "backtest"]
)
def test_nobody_is_told_that_a_reader_has_left(words: list[str]) -> None:
    """As behind `| head`: without a traceback, and with the code that shells give it."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "pql.cli.main", *words]
    found = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own
    os.close(writer)

    assert (141, "") == (found.returncode, found.stderr)


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
