"""The tests of a file: each is told by its name."""

from __future__ import annotations

import pytest

from fakes.faulty_file import faults_of
from pql.rules.load import parse

GOOD = """\
signals:
  reports: {count: Report Created}
rules:
  ready:
    when: {signal: reports, at_least: 2}
    title: "{account} is ready"
    reason: "{reports} reports"
tests:
  - name: fires
    timeline: [0d Report Created x2]
    expect: fires at 0d
  - name: silent
    timeline: [0d Signed Up]
    expect: silent
"""


@pytest.mark.parametrize("rule", ["", "\n    rule: ready"], ids=["left out", "named"])
def test_two_tests_of_a_rule_have_two_names(rule: str) -> None:
    """A failing one is told by its name; tests of two rules may share theirs."""
    other = GOOD.partition("tests:\n")
    two = other[0] + other[0].partition("rules:\n")[2].replace("ready:", "other:") + other[1]
    tests = other[2].replace("  - name: ", "  - rule: ready\n    name: ")

    assert parse({"r.yaml": two + tests + tests.replace("rule: ready", "rule: other")})
    assert ["r.yaml:12:11: `fires` is the name of the test in line 9 already; choose another"] == faults_of(
        GOOD.replace("name: silent", f"name: fires{rule}")
    )


def test_tests_of_one_name_are_told_beside_what_is_no_grammar() -> None:
    """Whatever else is wrong with the file, and with one of the two."""
    broken = (
        GOOD.replace("name: silent", "name: fires").replace("title:", "titel:").replace("0d Signed", "0x S")
    )

    assert "r.yaml:12:11: `fires` is the name of the test in line 9 already; choose another" in faults_of(
        broken
    )
