"""Mutations: whatever is turned round in a condition or a score, a test in the file goes red."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

SHIPPED = Path(__file__).parents[3] / "functions" / "rules"
FLIPPED = {"at_least": "less_than", "less_than": "at_least", "more_than": "at_most", "at_most": "more_than"}
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
  grown: {when: {signal: reports, at_least: 1}, cooldown: 1h, requalify: {signal: reports, more: 2}, title: t, reason: r}
  again: {when: {signal: reports, at_least: 1}, cooldown: 1h, requalify: {after: 20d}, title: t, reason: r}
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
  - {name: two more, rule: grown, timeline: [0d Report Created, 1d Report Created, 2d Report Created], expect: "fires at 0d, 2d"}
  - {name: nothing, rule: grown, timeline: [0d Signed Up], expect: silent}
  - {name: after twenty days, rule: again, timeline: [0d Report Created, 20d nothing], expect: "fires at 0d, 20d"}
  - {name: before that, rule: again, timeline: [0d Report Created, 19d nothing], expect: fires at 0d}
  - {name: never, rule: again, timeline: [0d Signed Up], expect: silent}
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


def mutants(here: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (what was changed, the whole file so changed), one change at a time."""
    for path in places(here, ()):
        for told, changed in changes(at(here, path[:-1]), path[-1]):
            whole = copy.deepcopy(here)
            holder = at(whole, path[:-1])
            del holder[path[-1]]
            holder.update(changed)
            yield f"{'.'.join(map(str, path))}: {told}", whole


def places(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every key in signals, scores, rules and suppressions."""
    if isinstance(node, dict):
        for key, value in node.items():
            if path or key not in ("tests", "traits"):
                yield (*path, key)
                yield from places(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from places(value, (*path, index))


def changes(holder: Any, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what becomes of a key that compares or weighs something."""
    value = holder[key]
    if key in FLIPPED and isinstance(value, str):
        yield "a minute", {key: "1m"}
    elif key in FLIPPED:
        yield FLIPPED[key], {FLIPPED[key]: value}
    elif key in ("is", "starts_with", "contains"):
        yield "another word", {key: "mutant"}
    elif key == "in":
        yield "other words", {"in": ["mutant"]}
    elif key == "exists":
        yield "the opposite", {"exists": not value}
    elif key == "bands":
        yield "later", {"bands": {str(float(bound) + 1): points for bound, points in value.items()}}
        yield "worth nothing", {"bands": dict.fromkeys(value, 0)}
    elif key == "up_to":
        yield "no cap", {"up_to": 1_000_000}
    elif key == "points":
        yield "worth nothing", {"points": 0}
    elif key == "more":
        yield "halved", {"more": value / 2}
    elif key == "weight":
        yield "whole", {"weight": 1}
    elif key in ("after", "fired_within"):
        yield "a year", {key: "400d"}
    elif key in ("until", "unless", "requalify", "not") and isinstance(value, dict):
        yield "left out", {} if key != "not" else value


def at(node: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at `path`."""
    for step in path:
        node = node[step]
    return node


def survives(name: str, data: dict[str, Any]) -> bool:
    """Return whether every test of a file passes, as if nothing had been changed.

    Beside it stand the files that its rules may look at.
    """
    beside = {} if name == "forms" else SHIPPED_FILES
    file = RuleFile.model_validate(data)
    plan = Plan(Pack({**beside, name: file}).rehearsed())
    return all(verdict.passed for verdict in rehearse(plan, Pack({name: file})))


SHIPPED_DATA = {
    path.name: Source(path.name, path.read_text("utf-8")).data for path in sorted(SHIPPED.glob("*.yaml"))
}
SHIPPED_FILES = {name: RuleFile.model_validate(data) for name, data in SHIPPED_DATA.items()}
FILES = {"forms": Source("forms", FORMS).data, **SHIPPED_DATA}


@pytest.mark.parametrize("name", FILES)
def test_every_comparison_that_is_turned_round_makes_a_test_fail(name: str) -> None:
    """Of the file that holds every form, and of every file that is shipped."""
    data = FILES[name]
    told = [what for what, changed in mutants(data) if survives(name, changed)]

    assert survives(name, data)
    assert [] == told
