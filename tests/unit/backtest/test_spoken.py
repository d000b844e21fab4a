"""What a rule asks, in plain words."""

from __future__ import annotations

from pathlib import Path

from pql.backtest.page.spoken import spoken
from pql.cli.rules.places import SHIPPED
from pql.rules.load import load, parse

FILE = """\
signals:
  exports: {count: Report Exported, within: 30d}
  seats: {latest: seats, of: Seats Counted, label: seats}
scores:
  fit:
    - {points: 30, when: {any: [{trait: industry, in: [Retail]}, {signal: exports, at_least: 2}]}}
    - {points: -5, when: {not: {trait: plan, exists: true}}}
    - {score: use, weight: 0.5}
  use:
    - {points: 2, per: exports, up_to: 20}
    - {bands: {50: 5, 2000: 15}, trait: employees}
    - {bands: {3: 10}, signal: seats}
rules:
  keen:
    when:
      any:
        - {score: fit, at_least: 20}
        - all: [{signal: exports, at_least: 5}, {ratio: seats, to_trait: limit, at_least: 0.8}]
        - not: {any: [{trait: plan, is: paid}, {trait: plan, is: pro}]}
    unless: {any: [{signal: exports, at_least: 50}, {rule: other}]}
    title: t
    reason: r
  other: {when: {signal: exports, at_least: 9}, unless: {trait: plan, is: pro}, title: t, reason: r}
tests:
  - {name: a, rule: keen, timeline: [0d Report Exported x5], expect: fires at 0d}
  - {name: b, rule: keen, timeline: [0d group: {plan: pro}], expect: silent}
  - {name: c, rule: other, timeline: [0d Report Exported x9], expect: fires at 0d}
  - {name: d, rule: other, timeline: [0d Other], expect: silent}
"""


def told(rule: str) -> list[str]:
    """Return the lines of a rule, as deep as they stand."""
    return ["  " * line.depth + line.words for line in spoken(parse({"f.yaml": FILE}))[rule].lines]


def test_groups_are_indented_and_scores_opened() -> None:
    """Negation goes inward, so that every line is a demand."""
    assert [
        "any of",
        "  score fit at least 20",
        "    +30 industry is one of Retail or Report Exported in the last 30 days at least 2",
        "    -5 plan is absent",
        "    0.5 times score use",
        "      +2 for each Report Exported in the last 30 days, up to 20 in all",
        "      employees: +5 from 50, +15 from 2,000",
        "      seats: +10 from 3",
        "  all of",
        "    Report Exported in the last 30 days at least 5",
        "    seats as a share of limit at least 80 %",
        "  all of",
        "    plan is not paid",
        "    plan is not pro",
        "unless any of",
        "  Report Exported in the last 30 days at least 50",
        "  rule other holds",
    ] == told("keen")


def test_a_plain_bar_stands_below_its_word() -> None:
    """One condition needs no group."""
    assert ["Report Exported in the last 30 days at least 9", "unless", "  plan is pro"] == told("other")


def test_the_thresholds_on_scores_are_known() -> None:
    """They are drawn where the score is."""
    assert {"fit": 20.0} == spoken(parse({"f.yaml": FILE}))["keen"].bounds


def test_every_shipped_rule_can_be_told() -> None:
    """Whatever the language has."""
    found = spoken(load(Path(SHIPPED)))

    assert {"activated", "power_user"} <= {*found}
    assert all(one.lines and all(line.words for line in one.lines) for one in found.values())
