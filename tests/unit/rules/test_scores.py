"""Scores: points once, for every time, by band, and from other scores."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.events import event, group
from fakes.plans import plan_of
from pql.engine.step import step
from pql.rules.faults import RulesRejected
from pql.rules.load import parse

TESTS = """
tests:
  - {name: a, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: b, timeline: [0d Signed Up], expect: silent}
"""
SIGNALS = """\
signals:
  reports: {count: Report Created}
  users: {distinct: users, of: any, keep: 8}
  silent: {days_since: any}
  quiet: {champion_quiet: any, within: 7d}
"""
RULE = "rules: {r: {when: {signal: reports, at_least: 3}, title: t, reason: r}}\n"


def points(parts: str, reports: int = 0, **traits: Any) -> float:
    """Return the score `s` of an account with so many reports and these traits."""
    plan = plan_of(f"{SIGNALS}scores: {{{parts}}}\n{RULE}")
    account = plan.account("a:acme")
    step(plan, account, group("g", **traits))
    for index in range(reports):
        step(plan, account, event(index))
    return account.score(next(slot.place for slot in plan.scores if slot.name == "s"))


@pytest.mark.parametrize(
    ("reports", "expected"), [(0, 0.0), (1, 5.0), (3, 15.0), (4, 20.0), (5, 20.0), (50, 20.0)]
)
def test_points_are_given_for_every_time_up_to_the_cap(reports: int, expected: float) -> None:
    """Five for each, twenty in all."""
    assert expected == points("s: [{points: 5, per: reports, up_to: 20}]", reports)


def test_points_taken_for_every_time_end_at_the_cap_too() -> None:
    """The cap of a part that takes points away is how much it takes."""
    assert [-5.0, -12.0] == [points("s: [{points: -5, per: reports, up_to: 12}]", n) for n in (1, 9)]


def test_points_are_exact_to_a_millionth() -> None:
    """What people add up in their heads is what a rule at the bound sees: 0.7 and 0.1 are 0.8."""
    once = "{{points: {}, when: {{signal: reports, at_least: 1}}}}".format
    tenths = f"s: [{once(0.7)}, {once(0.1)}, {{points: 0.2, when: {{signal: reports, at_least: 2}}}}]"
    weighted = f"s: [{{score: whole, weight: 0.29}}], whole: [{once(100)}]"
    bands = "s: [{bands: {1: 0.7}, signal: reports}, {bands: {1: 0.1}, signal: reports}]"

    assert [0.8, 1.0] == [points(tenths, n) for n in (1, 2)]
    assert 29.0 == points(weighted, 1)
    assert 0.8 == points(bands, 1)
    assert [0.3, 0.6] == [points("s: [{points: 0.1, per: reports, up_to: 0.9}]", n) for n in (3, 6)]


def test_a_score_reaches_what_its_points_add_up_to() -> None:
    """A bound at the most points there are is no fault."""
    rule = "rules: {r: {when: {score: s, at_least: 29}, title: t, reason: r}}\n"
    scores = "scores:\n  s: [{score: t, weight: 0.29}]\n  t: [{points: 100, when: {signal: reports, at_least: 1}}]\n"

    assert parse({"r": f"{SIGNALS}{scores}{rule}{TESTS}"})


def test_there_are_no_points_for_less_than_nothing() -> None:
    """A sum of refunds neither takes points away nor, where points are taken, gives any."""
    parts = "s: [{points: 5, per: spent, up_to: 20}], owed: [{points: -5, per: spent, up_to: 20}]"
    plan = plan_of(f"signals: {{spent: {{sum: amount, of: any}}}}\nscores: {{{parts}}}\n{ASKED}")
    account = plan.account("a:acme")
    step(plan, account, event("refund", properties={"amount": -3}))

    assert [0.0, 0.0] == [account.score(slot.place) for slot in plan.scores]


ASKED = "rules: {r: {when: {signal: spent, at_least: 3}, title: t, reason: r}}\n"


@pytest.mark.parametrize(
    ("employees", "expected"),
    [(None, 0), (49, 0), (50, 5), (199.5, 5), (200, 15), (1000, 25), (10**9, 25), ("200", 0), (True, 0)],
)
def test_the_highest_band_reached_counts(employees: Any, expected: float) -> None:
    """Below the first band, and for anything but a number, there are no points."""
    bands = "s: [{bands: {50: 5, 200: 15, 1000: 25}, trait: employees}]"

    assert expected == points(bands, **({} if employees is None else {"employees": employees}))


def test_bands_are_read_by_their_bounds_and_not_in_their_order() -> None:
    """A higher band may give less, and bands may be written in any order."""
    assert [0, 7, 2, 2] == [points("s: [{bands: {3: 2, 1: 7}, signal: reports}]", n) for n in (0, 1, 3, 4)]


def test_a_score_builds_on_others_in_whatever_order_they_are_written() -> None:
    """Half of one and all of another, both defined below."""
    parts = (
        "s: [{score: usage, weight: 0.5}, {score: fit}], "
        "usage: [{points: 5, per: reports, up_to: 20}], "
        "fit: [{points: 10, when: {trait: plan, is: trial}}, {points: 2, when: {score: usage, at_least: 15}}]"
    )

    assert [(0.0, 10.0), (2.5, 12.5), (9.5, 19.5)] == [
        (points(parts, n), points(parts, n, plan="trial")) for n in (0, 1, 3)
    ]


def test_a_score_may_look_at_a_rule() -> None:
    """That another rule holds is worth points like anything else."""
    parts = "s: [{points: 3, when: {rule: r}}]"

    assert [0.0, 3.0] == [points(parts, n) for n in (2, 3)]


def faults_of(scores: str, rule: str = RULE) -> list[str]:
    """Return what is wrong with a file of these scores, without its name."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"r": f"{SIGNALS}scores:\n{scores}{rule}{TESTS}"})
    return [f"{fault.line}:{fault.column}: {fault.message}" for fault in rejected.value.faults]


CASES = {
    "another key": (
        "  s: [{points: 5, when: {signal: reports, at_least: 1}, upto: 3}]\n",
        "7:57: unknown key `upto`; expected one of points, when",
    ),
    "no part": (
        "  s: [{point: 5}]\n",
        "7:7: expected one of bands, per, when, score",
    ),
    "two parts": (
        "  s: [{points: 5, per: reports, up_to: 5, when: {signal: reports, at_least: 1}}]\n",
        "7:7: expected one of bands, per, when, score, found per and when together",
    ),
    "unknown signal": (
        "  s: [{points: 5, per: report, up_to: 9}]\n",
        "7:24: unknown signal `report`; did you mean `reports`?",
    ),
    "unknown score": ("  s: [{score: fit}]\n", "7:15: unknown score `fit`; there is s"),
    "no room": (
        "  s: [{points: 5, per: reports, up_to: 4}]\n",
        "7:7: `up_to` leaves no room for one; it is the most points in all",
    ),
    "no cap": ("  s: [{points: 5, per: reports}]\n", "7:7: `up_to` is missing here"),
    "bands of nothing": (
        "  s: [{bands: {5: 1}}]\n",
        "7:7: expected exactly one of signal, trait beside `bands`",
    ),
    "bands of words": (
        "  s: [{bands: {many: 1}, trait: employees}]\n",
        "7:16: expected numbers and their points, such as {50: 5, 200: 15}",
    ),
    "two bands at one number": (
        "  s: [{bands: {50: 5, 50.0: 9}, trait: employees}]\n",
        "7:15: `50` and `50.0` are one number, with one band",
    ),
    "a list of bands": (
        "  s: [{bands: [5], trait: employees}]\n",
        "7:15: expected names with something behind each, such as `name: {...}`",
    ),
    "points per what flows": (
        "  s: [{points: -1, per: silent, up_to: 9}]\n",
        "7:25: signal `silent` changes all the time; give its points by `when` or `bands`",
    ),
    "a band beyond the window": (
        "  s: [{bands: {5: 1, 7: 2}, signal: quiet}]\n",
        "7:15: signal `quiet` can reach 6 at most, never the band at 7",
    ),
    "a band out of reach": (
        "  s: [{bands: {8: 1, 9: 2}, signal: users}]\n",
        "7:15: signal `users` can reach 8 at most, never the band at 9",
    ),
    "a band below nothing": (
        "  s: [{bands: {-5: 1, 2: 2}, signal: users}]\n",
        "7:15: signal `users` is 0 at least, so that -5 says nothing; raise it",
    ),
    "too many": (
        "  s: [{points: 1, when: {signal: reports, at_least: 1}}]\n"
        + "".join(f"  s{i}: [{{score: s{i - 1 if i else ''}}}]\n" for i in range(100)),
        "7:3: expected at most 100 scores, found 101",
    ),
    "itself": ("  s: [{score: s}]\n", "7:15: a score cannot look at itself: s → s"),
    "a circle": (
        "  s: [{points: 1, when: {score: t, at_least: 0}}]\n  t: [{score: u}]\n  u: [{score: s}]\n",
        "9:15: a score cannot look at itself: s → t → u → s",
    ),
}


@pytest.mark.parametrize(("scores", "fault"), CASES.values(), ids=CASES)
def test_a_fault_in_a_score_names_its_place(scores: str, fault: str) -> None:
    """Each part says what belongs in it."""
    assert fault in faults_of(scores)


REACH = {
    "once": "[{points: 25, when: {signal: reports, at_least: 1}}, {points: -9, when: {signal: reports, at_least: 2}}]",
    "per": "[{points: 5, per: reports, up_to: 25}]",
    "per of what has an end": "[{points: 3.125, per: users, up_to: 100}]",
    "bands": "[{bands: {1: 25, 5: 20}, trait: employees}]",
    "weighted": "[{score: half, weight: 2}]",
    "negative weight": "[{score: minus, weight: -1}]",
}


@pytest.mark.parametrize("parts", REACH.values(), ids=REACH)
def test_a_threshold_that_no_score_can_reach_is_a_fault(parts: str) -> None:
    """Every part of this score gives 25 points at most: 25 is fine, 25.5 is not."""
    scores = (
        f"  s: {parts}\n  half: [{{points: 12.5, when: {{trait: plan, is: x}}}}]\n"
        "  minus: [{points: -25, when: {trait: plan, is: x}}]\n"
    )
    rule = (
        "rules: {r: {when: {any: [{signal: reports, at_least: 3}, {score: s, %s}]}, title: t, reason: r}}\n"
    )
    told = [
        fault for bound in ("at_least: 25.5", "more_than: 25") for fault in faults_of(scores, rule % bound)
    ]
    for bound in ("at_least: 25", "more_than: 24.5"):
        parse({"r": f"{SIGNALS}scores:\n{scores}{rule % bound}{TESTS}"})

    assert [
        f"score `s` can reach 25 at most, never {bound}; give more points or lower the bound"
        for bound in ("at least 25.5", "more than 25")
    ] == [one.partition(": ")[2] for one in told]


def test_a_threshold_below_all_that_a_score_can_be_is_a_fault() -> None:
    """A score of nothing but points given is never less than nothing."""
    rule = (
        "rules: {r: {when: {any: [{signal: reports, at_least: 3}, {score: s, %s}]}, title: t, reason: r}}\n"
    )
    scores = "  s: [{points: 5, per: reports, up_to: 25}]\n"
    told = [fault for bound in ("less_than: 0", "at_most: -1") for fault in faults_of(scores, rule % bound)]
    parse({"r": f"{SIGNALS}scores:\n{scores}{rule % 'at_most: 0'}{TESTS}"})

    assert [
        f"score `s` is 0 at least, never {bound}; raise the bound" for bound in ("less than 0", "at most -1")
    ] == [one.partition(": ")[2] for one in told]
