"""`pql rules test`: a test that fails tells its story."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.rule_directory import Captured, change, printed
from pql.cli.main import main
from pql.cli.rules.places import SHIPPED


def test_the_shipped_rules_pass_their_own_tests(capsys: Captured) -> None:
    """Every timeline ends as its file says."""
    code = main(["rules", "test", str(SHIPPED)])
    lines = capsys.readouterr().out.splitlines()

    assert (0, True) == (code, all(line.startswith("ok") for line in lines[:-1]))
    assert lines[-1].endswith("passed, 0 failed")


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
            no other lead in its cooldown, which is over in 23 days and 1 hour, on 2 Feb 2025, 00:01 UTC
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


FADING = """\
signals: {ever: {count: Made}, lately: {count: Made, within: 1d}}
scores:
  keen: [{points: 5, when: {signal: ever, at_least: 1}}, {points: 5, when: {signal: lately, at_least: 1}}]
rules:
  keen: {when: {all: [{score: keen, at_least: 5}, {signal: ever, at_least: 3}]}, title: t, reason: r}
tests:
  - {name: a, timeline: [0d Made x2], expect: fires at 2d}
  - {name: b, timeline: [0d Made x3], expect: fires at 0d}
  - {name: c, timeline: [0d Made], expect: silent}
"""


def test_what_went_and_was_not_needed_is_not_to_blame(tmp_path: Path, capsys: Captured) -> None:
    """A part of a score that is high enough without it, where it is said what did not hold."""
    (tmp_path / "keen.yaml").write_text(FADING, encoding="utf-8")
    main(["rules", "test", str(tmp_path)])
    told = capsys.readouterr().out
    _, _, last = told.partition("but this did not hold\n")

    assert ["✓ score keen: 10 → 5 (at least 5)", "✗ Made: 2 (at least 3)"] == [
        line.strip() for line in last.splitlines()[:2]
    ]


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
