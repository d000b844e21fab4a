"""No fault hides another: whoever mends all that is told is done."""

from __future__ import annotations

import itertools

import pytest

from pql.rules.faults import RulesRejected
from pql.rules.load import parse

FILE = """\
signals:
  integrations: {count: Integration Connected}
  invited: {distinct: invitee_email, of: Invite Sent, within: 14d, keep: 8}
  days: {active_days: any, within: 7d}
  trial: {days_since: Trial Started}
scores:
  setup:
    - {points: 25, when: {signal: integrations, at_least: 1}}
    - {points: 15, when: {signal: invited, at_least: 2}}
  use:
    - {points: 5, when: {signal: days, at_least: 2}}
rules:
  ready:
    when: {all: [{score: setup, at_least: 40}, {not: {trait: plan, is: paid}}]}
    title: "{account} is ready"
    reason: "{invited} people invited on {traits.plan}"
  late:
    when: {all: [{signal: trial, at_least: 9}, {score: use, at_least: 5}]}
    unless: {rule: ready, fired_within: 9d}
    title: "{account} is late"
    reason: "{days} days"
tests:
  - name: fires
    rule: ready
    timeline: [0d Integration Connected, 1d Invite Sent x2]
    expect: fires at 1d
  - name: silent
    rule: ready
    timeline: [0d Signed Up]
    expect: silent
  - name: fires late
    rule: late
    timeline: [0d Trial Started, 8d In, 9d In]
    expect: fires at 9d
  - name: silent late
    rule: late
    timeline: [0d Trial Started]
    expect: silent
"""
# Of grammar, in some part of each section.
UNGRAMMATICAL = {
    "a signal": ("keep: 8", "keep: many"),
    "a key of a rule": ('title: "{account} is late"', 'titel: "{account} is late"'),
    "a rule's condition": ("unless: {rule: ready, fired_within: 9d}", "unless: {rule: ready, fired: 9d}"),
    "a test": ("name: silent late", "nam: silent late"),
    "another section": ("scores:", "traits: plan\nscores:"),
}
# Of what a file must make sense of beyond that.
OTHERS = {
    "a signal's name": ("  days: {active", "  score: {active"),
    "an unknown signal": ("signal: invited,", "signal: invitd,"),
    "an unknown rule": ("{trait: plan, is: paid}", "{rule: plan}"),
    "a placeholder": ("{invited} people", "{invitd} people"),
    "out of reach": ("score: setup, at_least: 40", "score: setup, at_least: 50"),
    "unfit": ("{signal: trial, at_least: 9}", "{signal: trial, is: 9}"),
    "a line": ("0d Signed Up", "Signed Up"),
    "another line of its test": ("[0d Integration Connected, 1d Invite", "[0d Integration Connected, Invite"),
    "what a test expects": ("expect: fires at 9d", "expect: fires on 9d"),
    "the rule of a test": (
        "rule: late\n    timeline: [0d Trial Started, 8d",
        "rule: lat\n    timeline: [0d Trial Started, 8d",
    ),
}


def faults_of(*mistakes: tuple[str, str]) -> set[str]:
    """Return what is wrong with the file that has these mistakes in it, without the lines."""
    text = FILE
    for old, new in mistakes:
        assert 1 == text.count(old), old
        text = text.replace(old, new)
    try:
        parse({"r.yaml": text})
    except RulesRejected as rejected:
        return {fault.message for fault in rejected.faults}
    return set()


def test_the_file_is_good_as_it_is() -> None:
    """What every case is a broken copy of loads."""
    assert set() == faults_of()


@pytest.mark.parametrize("tests", ["later", "{a: b}", "null", "[later]"])
def test_no_rule_lacks_a_test_while_some_test_cannot_be_read(tests: str) -> None:
    """It may be the one; whoever mends it is told then."""
    rest = FILE[FILE.index("  - name: fires\n") :]

    assert 1 == len(faults_of((f"tests:\n{rest}", f"tests: {tests}\n")))


@pytest.mark.parametrize("section", ["signals", "scores"])
def test_no_name_is_unknown_of_a_section_that_cannot_be_read(section: str) -> None:
    """Where the names should stand there is something else: what they are is known to whoever mends it."""
    start, end = FILE.index(f"{section}:"), FILE.index({"signals": "scores:", "scores": "rules:"}[section])

    assert {"expected names with something behind each, such as `name: {...}`"} == faults_of(
        (FILE[start:end], f"{section}: 3\n")
    )


@pytest.mark.parametrize("one", UNGRAMMATICAL)
@pytest.mark.parametrize("other", [*UNGRAMMATICAL, *OTHERS])
def test_what_is_no_grammar_hides_no_other_fault(one: str, other: str) -> None:
    """Both are told in one round, as they are told alone."""
    if one == other:
        return
    first, second = UNGRAMMATICAL[one], {**UNGRAMMATICAL, **OTHERS}[other]

    assert faults_of(first) | faults_of(second) == faults_of(first, second)


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(OTHERS, 2)])
def test_no_fault_of_sense_hides_another(one: str, other: str) -> None:
    """Nor do two lines of a test, or what it expects and what it is of."""
    assert faults_of(OTHERS[one]) | faults_of(OTHERS[other]) == faults_of(OTHERS[one], OTHERS[other])
