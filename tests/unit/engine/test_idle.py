"""A silent test in which nothing is about its rule could never fail, and is told."""

from __future__ import annotations

import pytest

from pql.engine.idle import idle_tests
from pql.rules.load import parse
from pql.rules.source import Source

FILE = """\
{subject}
signals:
  exports: {{count: Report Exported, where: {{format: pdf}}}}
  looks: {{count: Pricing, type: page}}
  renewals: {{count: Renewed, since: renewed_at, within: 30d}}
  plans: {{changes: plan, type: {calls}}}
scores:
  size: [{{points: 5, when: {{signal: exports, at_least: 1}}}}]
  all: [{{score: size, weight: 2}}, {{trait: employees, bands: {{50: 5}}}}]
rules:
  keen: {{when: {when}, title: t, reason: r}}
  other: {{when: {{signal: looks, at_least: 2}}, title: t, reason: r}}
tests:
  - {{name: a, rule: other, timeline: [0d page/Pricing x2], expect: fires at 0d}}
  - {{name: b, rule: other, timeline: [0d page/Pricing], expect: silent}}
  - {{name: c, rule: keen, timeline: [0d Started], expect: fires at 0d}}
  - {{name: d, rule: keen, timeline: [{lines}], expect: silent}}
"""
COUNTED = "{signal: exports, at_least: 1}"
BY_RULE = "{rule: other}"
WEIGHTED = "{score: all, at_least: 10}"
IDLE = "r.yaml:17:5: idle-test: nothing in this test is about `keen`, which stays silent whatever it says"


def told(when: str, lines: str, subject: str = "account") -> list[str]:
    """Return what is said of the last test, of which nothing else is to be said."""
    calls = "group" if subject == "account" else "identify"
    text = FILE.format(when=when, lines=lines, subject=f"subject: {subject}", calls=calls)
    return [str(one) for one in idle_tests(parse({"r.yaml": text}), {"r.yaml": Source("r.yaml", text)})]


@pytest.mark.parametrize(
    ("when", "lines", "listens"),
    [
        (COUNTED, "0d Signed Up, 9d nothing", ": it listens to `Report Exported`"),
        (COUNTED, "0d page/Report Exported", ": it listens to `Report Exported`"),
        (COUNTED, '"0d traits": {plan: paid}', ": it listens to `Report Exported`"),
        ("{any: [{rule: other, fired_within: 9d}]}", "0d Report Exported", ": it listens to `page/Pricing`"),
        ("{trait: plan, is: paid}", '"0d traits": {plna: paid}', ""),
        (WEIGHTED, "0d page/Pricing", ": it listens to `Report Exported`"),
    ],
)
def test_a_silent_test_that_could_never_fail_is_told(when: str, lines: str, listens: str) -> None:
    """Its event is misspelt, say, or is one that only other rules look at."""
    assert [IDLE + listens] == told(when, lines)


@pytest.mark.parametrize(
    ("when", "lines"),
    [
        (COUNTED, '"0d Report Exported": {format: csv}'),
        (COUNTED, "0d Signed Up, 1d report_exported"),
        (COUNTED, "30d nothing"),
        ("{signal: exports, less_than: 1}", "0d Signed Up"),
        ("{not: {trait: plan, is: paid}}", "0d Signed Up"),
        ("{trait: plan, is: paid}", '"0d traits": {Plan: trial}'),
        (BY_RULE, "0d page/Pricing"),
        ("{any: [{rule: other, fired_within: 9d}]}", "0d page/Pricing"),
        (WEIGHTED, "0d Report Exported"),
        (WEIGHTED, '"0d traits": {employees: 40}'),
        ("{signal: renewals, at_least: 1}", '"0d traits": {renewed_at: "2025-01-01"}'),
        ("{signal: plans, at_least: 1}", '"0d traits": {plan: trial}'),
    ],
)
def test_a_test_that_could_fail_is_let_be(when: str, lines: str) -> None:
    """The rule looks at something in it, through a filter, a score or a rule; or nothing happens at all."""
    assert [] == told(when, lines)


def test_what_others_do_is_not_about_a_person() -> None:
    """With `subject: user` a story is that of whoever stands in its first line."""
    lines = "0d Signed Up by ada, 0d Report Exported by ben"

    assert [] == told(COUNTED, lines)
    assert [f"{IDLE}: it listens to `Report Exported`"] == told(COUNTED, lines, "user")
