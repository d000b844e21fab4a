"""The change of a file: it loads, whatever the fit was rounded to."""

from __future__ import annotations

import msgspec
import pytest

from fakes.courses import course
from pql.backtest.calibrate.aim import Aim
from pql.backtest.calibrate.calibration import Calibration, Weight
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.proposal import propose
from pql.core.window import DAY
from pql.rules.load import parse

RULES = """\
signals: {reports: {count: Report Created}, invites: {count: Invite Sent}, seats: {count: Seat Added}}
scores:
  activation:
    - {points: 11, when: {signal: invites, at_least: 1}}
    - {points: 37, when: {signal: reports, at_least: 1}}
    - {points: 29, when: {signal: seats, at_least: 1}}
rules:
  top: {when: {score: activation, BOUND}, title: t, reason: r}
tests:
  - {name: all, timeline: [0d Report Created, 0d Invite Sent, 0d Seat Added], expect: fires at 0d}
  - {name: none, timeline: [0d Other], expect: silent}
"""
WEIGHT = Weight("item", 0, 0, 0, 99, 60, 9, known=True)


@pytest.mark.parametrize(("bound", "before", "after"), [("at_least", 77, 76), ("more_than", 76, 75)])
def test_a_bound_that_asks_for_every_point_goes_on_asking_for_every_point(
    bound: str, before: float, after: float
) -> None:
    """54.4, 2.4 and 20.2 are rounded to one point less: nobody came so far, and nobody could any more."""
    texts = {"r.yaml": RULES.replace("BOUND", f"{bound}: {before}")}
    was = course({"a:x": (0, None)}, {"top": []}, peaks={"a:x": (48, 3)})
    now = course({"a:x": (0, None)}, {"top": [("a:x", 5)]}, peaks={"a:x": (56, 3)})
    weights = [msgspec.structs.replace(WEIGHT, fitted=one) for one in (54.4, 2.4, 20.2)]
    found = Calibration("better", DAY, DAY, 500, 60, 0, 0, 0, since=DAY, weights=weights)
    made = propose(texts, Items(parse(texts), "activation"), found, was, lambda _pack: now, Aim())

    assert ("threshold of top", before, after) == msgspec.structs.astuple(made.changes[-1])
    assert [54, 2, 20] == [one.points for one in Items(parse({"r.yaml": made.after}), "activation").items]
