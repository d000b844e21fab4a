"""The story of a rule test that failed names what was lacking, and nothing besides."""

from __future__ import annotations

import pytest

from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.engine.story import story
from pql.rules.load import parse

SCORED = """\
signals:
  seats: {{distinct: users, of: any}}
  exports: {{count: Exported}}
scores:
  size:
    - {{bands: {{1: 5, 3: 20}}, signal: seats}}
    - {{bands: {{0: 0, 50: 10}}, trait: employees}}
    - {{points: 5, when: {{any: [{{signal: exports, at_least: 1}}, {{trait: vip, is: true}}]}}}}
    - {{points: -10, when: {{trait: plan, is: paid}}}}
rules:
  big:
    when: {when}
    tier: {{score: size, hot: 35, warm: 30}}
    title: t
    reason: r
tests:
  - {{name: subject, rule: big, timeline: [{lines}], expect: fires at 3d}}
  - {{name: silent, rule: big, timeline: [0d nothing], expect: silent}}
  - name: fires
    rule: big
    timeline: ["0d traits": {{employees: 90}}, 0d Exported x9 by a, 0d In by b, 0d In by c]
    expect: fires at 0d
"""


EITHER = "{any: [{trait: employees, at_least: 90}, {signal: exports, at_least: 2}]}"


@pytest.mark.parametrize(
    ("when", "lines", "lacking"),
    [
        (
            "{all: [{score: size, at_least: 10}, {signal: exports, at_least: 3}]}",
            "0d Exported x2",
            ["Exported: 2 (at least 3)"],
        ),
        (
            f"{{all: [{EITHER}, {{signal: seats, at_least: 2}}]}}",
            "0d Exported x2 by a",
            ["people with any event: 1 (at least 2)"],
        ),
        ("{score: size, at_least: 25}", "0d Exported by a", ["score size: 10 (at least 25)"]),
        (
            "{score: size, at_least: 25}",
            '"0d traits": {plan: paid}, 0d In by a, 0d In by b, 0d In by c',
            [
                *("Exported: 0 (at least 1)", "vip: nothing (is true)"),
                *("plan: paid (is not paid)", "score size: 10 (at least 25)"),
            ],
        ),
    ],
    ids=["a score that is high enough", "one of two is enough", "nothing for nothing", "what takes away"],
)
def test_what_a_rule_could_do_without_is_not_lacking(when: str, lines: str, lacking: list[str]) -> None:
    """Neither a penalty, nor a tier, nor another way to what holds already, nor a band without points."""
    plan = Plan(pack := parse({"r.yaml": SCORED.format(when=when, lines=lines)}))
    *_, last = story(plan, next(rehearse(plan, pack)))

    assert lacking == list(last.lacking)


def test_another_band_is_a_change() -> None:
    """A value that has reached the next band is told, though it is held against another bound."""
    text = SCORED.format(when="{score: size, at_least: 25}", lines="0d In by a, 1d In by b, 2d In by c")
    plan = Plan(pack := parse({"r.yaml": text}))
    told = [one.changes for one in story(plan, next(rehearse(plan, pack)))]

    assert ("2", "3", "at least 3") == told[2][0][1:4]
