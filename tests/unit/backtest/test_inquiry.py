"""Why somebody was no lead at a moment of the past."""

from __future__ import annotations

from fakes.events import DAY, START, event, group
from pql.backtest.changes.inquiry import Inquiry, Question
from pql.backtest.rerun.rerun import rerun
from pql.core.event import Event
from pql.rules.load import parse
from pql.rules.pack import Pack

PACK = """\
suppress: [{trait: plan, is: paid}]
signals:
  reports: {count: Report Created, within: 30d, label: reports created}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: t, reason: r}
tests:
  - {name: three, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: none, timeline: [0d Other], expect: silent}
"""
ACME = [event(("acme", day), at=day * DAY) for day in (0, 1, 5)]


def answered(events: list[Event], *asked: tuple[int, str], pack: Pack | None = None) -> list[str | None]:
    """Return why each subject was no lead of `busy` after so many days."""
    rules = pack or parse({"rules.yaml": PACK})
    course = rerun(rules, events, horizon=7 * DAY, conversions=())
    questions = [Question(START + day * DAY, subject, "busy") for day, subject in asked]
    inquiry = Inquiry(rules, questions, course, horizon=7 * DAY)
    for one in events:
        inquiry.take(one)
    found = inquiry.finish()
    return [found.get(one) for one in questions]


def test_an_answer_counts_what_had_come_by_then_and_nothing_later() -> None:
    """Asked of the moment of an event, it is among what is counted."""
    assert [
        "it needs 2 more reports created in the next 30 days",
        "it needs 1 more report created in the next 29 days",
        "it needs 1 more report created in the next 27 days",
    ] == answered(ACME, (0, "a:acme"), (1, "a:acme"), (3, "a:acme"))


def test_what_holds_a_lead_back_is_told_where_nothing_is_missing() -> None:
    """A bar, in the words of `pql explain`."""
    (why,) = answered([group("paid", plan="paid"), *ACME], (6, "a:acme"))

    assert why is not None
    assert "plan" in why


def test_an_account_that_was_still_its_user_then_is_found() -> None:
    """What is asked of the account is answered of whoever was folded into it."""
    alone = [event(("alone", day), account=None, at=day * DAY) for day in (0, 1)]
    joined = [*alone, group("joined", "acme", at=9 * DAY)]

    assert ["it needs 1 more report created in the next 29 days"] == answered(joined, (1, "a:acme"))


def test_of_whom_nothing_was_known_by_then_there_is_no_answer() -> None:
    """Nor of whom nothing ever was."""
    late = [event("late", account="late", at=5 * DAY), *ACME[2:]]

    assert [None, None] == answered(late, (1, "a:late"), (9, "a:nobody"))
