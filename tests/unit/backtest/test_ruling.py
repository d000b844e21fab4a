"""What has been changed in a rule, as it would be found in its file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from pql.backtest.changes.ruling import WRITTEN, differences, rulings
from pql.rules.element import Element
from pql.rules.load import parse


def meaning(**keys: Any) -> dict[str, Any]:
    """Return the meaning of a rule with these keys of its own, over one signal and one score."""
    rule = {"when": {"signal": "reports", "at_least": 3.0}, "cooldown": "30d", **keys}
    return {"rule": rule, "signals": {"reports": {"count": ["Report Created"], "within": "30d", "where": {}}}}


ONE, TWO, THREE = ({"signal": name, "at_least": 1.0} for name in ("one", "two", "three"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {"when": {"signal": "reports", "at_least": 2.5}}, ["when.at_least: 3 → 2.5"]),
        ({}, {"unless": ONE}, ['+ unless: {"signal": "one", "at_least": 1}']),
        ({"until": ONE}, {}, ['- until: {"signal": "one", "at_least": 1}']),
        (
            {"when": {"all": [ONE, TWO]}},
            {"when": {"all": [ONE, THREE, TWO]}},
            ['+ when.all: {"signal": "three", "at_least": 1}'],
        ),
        (
            {"when": {"all": [ONE, TWO]}},
            {"when": {"all": [ONE, {**TWO, "at_least": 4.0}]}},
            ["when.all[1].at_least: 1 → 4"],
        ),
        (
            {"when": ONE},
            {"when": {"all": [ONE]}},
            [
                'when: {"signal": "one", "at_least": 1} → {"all": [{"signal": "one", "at_least": 1}]}',
            ],
        ),
        ({"in": ["1"]}, {"in": [1]}, ['in[0]: "1" → 1']),
        ({"in": ["a", "b"]}, {"in": ["b"]}, ['- in: "a"']),
    ],
    ids=[
        "a bound",
        "a bar more",
        "an exit less",
        "a part more",
        "a part changed",
        "another condition",
        "a text for a number",
        "a text less",
    ],
)
def test_each_key_that_differs_has_a_line(
    old: dict[str, Any], new: dict[str, Any], expected: list[str]
) -> None:
    """With both values, or the one there is."""
    assert expected == differences(meaning(**old), meaning(**new))


def test_what_a_rule_looks_at_belongs_to_it() -> None:
    """A window of a signal is told by the signal's own place."""
    old, new = meaning(), meaning()
    new["signals"]["reports"]["within"] = "7d"

    assert ["signals.reports.within: 30d → 7d"] == differences(old, new)


CHANGED = """\
signals:
  equals: {{changes: plan, type: group, {change}}}
  made: {{count: Made, where: {{inner: {{{filter}}}}}}}
rules:
  up:
    when:
      all:
        - {{not: {{trait: plan, {compare}}}}}
        - {{any: [{{signal: equals, at_least: 1}}, {{signal: made, at_least: 1}}]}}
    title: t
    reason: r
tests:
  - {{name: a, timeline: ["0d group": {{plan: a}}, "0d group": {{plan: b}}], expect: silent}}
  - {{name: b, timeline: ["0d group": {{plan: a}}, "0d group": {{plan: b}}], expect: fires at 0d}}
"""


def test_keys_are_told_as_files_write_them() -> None:
    """Those that are words of Python, too; names that somebody chose are as they are."""
    old, new = (
        rulings(parse({"r.yaml": CHANGED.format(change=change, compare=compare, filter=inner)}))["up"].means
        for change, compare, inner in (("from: a", "is: c", "is: x"), ("from: d", "in: [c, d]", "in: [x, y]"))
    )

    assert [
        "- when.all[0].not.is: c",
        '+ when.all[0].not.in: ["c", "d"]',
        "signals.equals.from[0]: a → d",
        'signals.made.where.inner: {"is": "x"} → {"in": ["x", "y"]}',
    ] == differences(old, new)


def test_every_key_with_another_name_inside_has_its_own_one_outside() -> None:
    """Whatever element it stands in."""
    elements = [Element]
    for one in elements:
        elements += one.__subclasses__()

    assert WRITTEN == {
        name: field.alias for one in elements for name, field in one.model_fields.items() if field.alias
    }


PLAIN = st.recursive(
    st.integers(2, 4) | st.sampled_from(["a", "2"]) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=examples(66))
@given(st.dictionaries(st.sampled_from("klm"), PLAIN), st.dictionaries(st.sampled_from("klm"), PLAIN))
def test_nothing_is_told_of_what_is_the_same_and_something_of_what_is_not(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    """No change of a meaning goes without a line."""
    assert (old == new) is (differences({"rule": old}, {"rule": new}) == [])
