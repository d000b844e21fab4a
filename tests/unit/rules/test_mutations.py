"""Mutations: whatever is changed in what a rule file says, a timeline in it goes red."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from fakes.mutants import mutants
from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

SHIPPED = Path(__file__).parents[3] / "functions" / "rules"
# Each form of condition, score and firing, with tests that hold it at its bounds.
FORMS = """\
signals:
  reports: {count: Report Created}
  pdfs: {count: Report Created, where: {format: {starts_with: pd}, pages: {more_than: 3}}}
  storage: {latest: gigabytes, of: Storage Reported}
  invites: {count: Invite Sent}
scores:
  usage: [{points: 5, per: reports, up_to: 20}, {points: 7, when: {signal: pdfs, at_least: 1}}]
  fit: [{bands: {50: 5, 200: 15}, trait: employees}, {score: usage, weight: 0.5}]
rules:
  used: {when: {score: usage, at_least: 20}, title: t, reason: r}
  fits: {when: {score: fit, more_than: 10}, title: t, reason: r}
  printed: {when: {signal: pdfs, at_least: 2}, title: t, reason: r}
  full:
    when: {signal: storage, at_least: 90}
    until: {signal: storage, at_most: 50}
    unless: {trait: plan, in: [paid, enterprise]}
    cooldown: 1h
    title: t
    reason: r
  grown: {when: {signal: reports, at_least: 2}, cooldown: 1h, requalify: {signal: reports, more: 2}, title: t, reason: r}
  again: {when: {signal: reports, at_least: 2}, cooldown: 1h, requalify: {after: 20d}, title: t, reason: r}
  both: {when: {all: [{rule: full}, {signal: invites, at_least: 1}]}, cooldown: 1h, title: t, reason: r}
  lately: {when: {all: [{rule: full, fired_within: 5d}, {signal: invites, at_least: 1}]}, cooldown: 1h, title: t, reason: r}
  either:
    when: {any: [{trait: region, contains: eu}, {not: {trait: level, less_than: 3}}]}
    unless: {trait: level, exists: false}
    title: t
    reason: r
suppress: [{trait: domain, is: rival.test}]
tests:
  - {name: four reports, rule: used, timeline: [0d Report Created x3, 1d Report Created], expect: fires at 1d}
  - {name: three reports, rule: used, timeline: [0d Report Created x3], expect: silent}
  - name: a report as a PDF is worth more
    rule: used
    timeline: [0d Report Created x2, 1d Report Created: {format: pdf, pages: 4}]
    expect: fires at 1d
  - name: but not worth two more
    rule: used
    timeline: [0d Report Created, 1d Report Created: {format: pdf, pages: 4}]
    expect: silent
  - name: a rival is none
    rule: used
    timeline: [0d traits: {domain: rival.test}, 1d Report Created x9]
    expect: silent
  - {name: large, rule: fits, timeline: [0d traits: {employees: 200}], expect: fires at 0d}
  - {name: middling, rule: fits, timeline: [0d traits: {employees: 199}, 1d Report Created x2], expect: silent}
  - name: middling and busy
    rule: fits
    timeline: [0d traits: {employees: 50}, 1d Report Created x2, 2d Report Created]
    expect: fires at 2d
  - name: middling and one report as a PDF
    rule: fits
    timeline: [0d traits: {employees: 50}, 1d Report Created: {format: pdf, pages: 4}]
    expect: fires at 1d
  - {name: small and busy, rule: fits, timeline: [0d traits: {employees: 49}, 2d Report Created x9], expect: silent}
  - name: two of them
    rule: printed
    timeline: [0d Report Created x2: {format: pdf, pages: 4}]
    expect: fires at 0d
  - name: short or of another kind
    rule: printed
    timeline:
      - 0d Report Created: {format: pdf, pages: 4}
      - 1d Report Created: {format: pdf, pages: 3}
      - 2d Report Created: {format: csv, pages: 4}
    expect: silent
  - name: full, emptied and full again
    rule: full
    timeline:
      - 1d Storage Reported: {gigabytes: 90}
      - 2d Storage Reported: {gigabytes: 51}
      - 3d Storage Reported: {gigabytes: 90}
      - 4d Storage Reported: {gigabytes: 50}
      - 5d Storage Reported: {gigabytes: 90}
    expect: fires at 1d, 5d
  - {name: nearly, rule: full, timeline: [1d Storage Reported: {gigabytes: 89}], expect: silent}
  - name: a customer
    rule: full
    timeline: [0d traits: {plan: paid}, 1d Storage Reported: {gigabytes: 95}]
    expect: silent
  - name: no longer a customer
    rule: full
    timeline:
      - 0d traits: {plan: enterprise}
      - 1d Storage Reported: {gigabytes: 95}
      - 2d traits: {plan: free}
    expect: fires at 2d
  - {name: two more, rule: grown, timeline: [0d Report Created x2, 1d Report Created, 2d Report Created], expect: "fires at 0d, 2d"}
  - {name: one, rule: grown, timeline: [0d Report Created], expect: silent}
  - {name: after twenty days, rule: again, timeline: [0d Report Created x2, 20d nothing], expect: "fires at 0d, 20d"}
  - {name: before that, rule: again, timeline: [0d Report Created x2, 19d nothing], expect: fires at 0d}
  - {name: never, rule: again, timeline: [0d Report Created, 20d nothing], expect: silent}
  - name: full and invites
    rule: both
    timeline: [0d Storage Reported: {gigabytes: 90}, 1d Invite Sent]
    expect: fires at 1d
  - name: nearly full and invites
    rule: both
    timeline: [0d Storage Reported: {gigabytes: 89}, 1d Invite Sent]
    expect: silent
  - name: invites soon after
    rule: lately
    timeline: [0d Storage Reported: {gigabytes: 90}, 4d Invite Sent]
    expect: fires at 4d
  - name: invites long after
    rule: lately
    timeline: [0d Storage Reported: {gigabytes: 90}, 5d Invite Sent]
    expect: silent
  - {name: in Europe, rule: either, timeline: [0d traits: {region: eu-west, level: 1}], expect: fires at 0d}
  - {name: high, rule: either, timeline: [0d traits: {level: 3}], expect: fires at 0d}
  - {name: low, rule: either, timeline: [0d traits: {level: 2, region: us}], expect: silent}
  - {name: of no level, rule: either, timeline: [0d traits: {region: eu-west}], expect: silent}
"""


DATA: dict[str, Any] = {
    "forms": Source("forms", FORMS).data,
    **{path.name: Source(path.name, path.read_text("utf-8")).data for path in sorted(SHIPPED.glob("*.yaml"))},
}
FILES = {name: RuleFile.model_validate(data) for name, data in DATA.items()}


@cache
def beside(name: str) -> dict[str, RuleFile]:
    """Return the files that the rules of a file look at, without their tests."""
    looked_at = {
        one.name
        for _, condition in FILES[name].conditions()
        for leaf in condition.leaves()
        for one in leaf.named()
        if one.what in ("rule", "lead")
    }
    others = {other: file for other, file in FILES.items() if other != name and looked_at & file.rules.keys()}
    return {other: file.model_copy(update={"tests": ()}) for other, file in others.items()}


def noticed(name: str, file: RuleFile, first: str = "") -> str:
    """Return the name of a timeline of a file that goes red, nothing if none does; one is tried `first`."""
    rules = Pack({**beside(name), name: file}).rehearsed()
    told = rules.files[name]
    ordered = told.model_copy(update={"tests": sorted(told.tests, key=lambda one: one.name != first)})
    return next((one.name for one in rehearse(Plan(rules), Pack({name: ordered})) if not one.passed), "")


def only_told(file: RuleFile) -> tuple[str, ...]:
    """Return where the signals begin that nothing but the words of a rule look at: no timeline sees those."""
    looked_at = {
        one.name for _, condition in file.conditions() for leaf in condition.leaves() for one in leaf.named()
    }
    looked_at |= {one.name for parts in file.scores.values() for part in parts for one in part.named()}
    looked_at |= {one.name for rule in file.rules.values() for _, one in rule.named()}
    return tuple(f"signals.{name}:" for name in file.signals if name not in looked_at)


def survivors(name: str) -> Iterator[str]:
    """Yield what can be changed in a file without any of its timelines noticing."""
    tried, last = 0, ""
    for mutant in mutants(DATA[name], FILES[name]):
        try:
            changed = RuleFile.model_validate(mutant.data)
        except ValidationError:
            continue
        tried += 1
        if mutant.words.startswith(only_told(FILES[name])):
            continue
        # What noticed the change before stands near this one, and mostly notices it as well.
        last = noticed(name, changed, last)
        if not last:
            yield mutant.words
    assert tried > 8 * len(FILES[name].rules)


@pytest.mark.parametrize("name", FILES)
def test_whatever_changes_in_a_rule_a_timeline_notices(name: str) -> None:
    """Of the file that holds every form, and of every file that is shipped."""
    assert "" == noticed(name, FILES[name])
    assert [] == [*survivors(name)]
