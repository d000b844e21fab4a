"""`count` with `since`: what happened before a date that a trait holds does not count."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.explain import Explainer
from pql.engine.lead import lead_of
from pql.engine.plan import Plan
from pql.engine.step import step, waking
from pql.rules.faults import RulesRejected
from pql.rules.load import parse

FILE = """
signals: {used: {count: Report Created, since: began, within: 30d, label: reports}}
scores: {usage: [{points: 10, per: used, up_to: 100}]}
rules:
  r: {when: {signal: used, at_least: 2}, cooldown: 1h, title: t, reason: "{used} since {traits.began}"}
  s: {when: {score: usage, at_least: 30}, cooldown: 1h, title: t, reason: r}
"""

REFUSED = "2:48: expected the name of a trait that holds a date; a rolling window is `within: 30d`"


def began(day: object, at: int = 0) -> Event:
    """Return a call that tells when it began."""
    return group(f"began {day} {at}", at=at, began=day)


def fires(events: list[Event], plan: Plan | None = None) -> list[tuple[str, int]]:
    """Return (rule, index of the event) for every firing."""
    plan = plan or plan_of(FILE)
    account = plan.account("a:acme")
    return [(f.rule.name, index) for index, one in enumerate(events) for f in step(plan, account, one)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-01-01", [("r", 2)]),
        ("2025-01-02T23:59Z", [("r", 2)]),
        ("2025-01-03", []),
        (START + DAY, [("r", 2)]),
        ("soon", []),
        (True, []),
    ],
)
def test_what_happened_before_the_date_does_not_count(day: object, expected: list[tuple[str, int]]) -> None:
    """Days are whole: all of that on which the date falls is of it."""
    assert expected == fires([began(day), event(1, at=DAY), event(2, at=3 * DAY)])


def test_without_the_date_nothing_counts() -> None:
    """The account waits for the call that tells of it, and has by it what it did."""
    events = [event(1), event(2, at=HOUR), event(3, at=2 * HOUR)]

    assert [("r", 3), ("s", 3)] == fires([*events, began("2025-01-01", at=3 * HOUR)])


def test_a_date_that_moves_takes_what_was_before_it_along() -> None:
    """A second trial begins at nothing, and the rule is ready for it."""
    first = [began("2025-01-01"), event(1), event(2, at=HOUR)]
    second = [began("2025-01-05", at=4 * DAY), event(3, at=5 * DAY), event(4, at=5 * DAY)]

    assert [("r", 2), ("r", 5)] == fires([*first, *second])


def test_what_has_left_the_window_counts_for_no_date() -> None:
    """Thirty days are thirty days, however long ago it began."""
    assert [] == fires([began("2025-01-01"), event(1), event(2, at=30 * DAY)])


def test_the_date_of_a_person_is_in_their_own_traits() -> None:
    """In a file about users `identify` tells it, and what they did in any account counts."""
    text = FILE.replace("signals:", "subject: user\nsignals:")
    plan = plan_of(text).of("p:ada")
    person = plan.account("p:ada")
    told = identify("call", at=DAY, began="2025-01-01")

    assert ["r"] == [f.rule.name for one in (event(1), event(2), told) for f in step(plan, person, one)]


def test_nobody_is_woken_for_a_count() -> None:
    """Time can only take of it, and a date that comes brings nothing."""
    plan = plan_of(FILE)
    account = plan.account("a:acme")
    for one in [began("2025-01-20"), event(1), event(2, at=HOUR)]:
        step(plan, account, one)

    assert waking(plan, account) > START + 400 * DAY


def test_a_rule_on_too_little_is_woken_when_days_leave() -> None:
    """And no sooner than the count falls."""
    text = FILE.replace("at_least: 2", "less_than: 2")
    plan = plan_of(text)
    account = plan.account("a:acme")
    for one in [began("2025-01-01"), event(1), event(2, at=HOUR)]:
        step(plan, account, one)

    assert START + 30 * DAY == waking(plan, account)


def test_the_card_says_what_counted_and_since_when() -> None:
    """The number in the reason is that of the condition."""
    plan = plan_of(FILE)
    account = plan.account("a:acme")
    events = [event(0), began("2025-01-02", at=DAY), event(1, at=DAY), event(2, at=2 * DAY)]
    (fired,) = [one for each in events for one in step(plan, account, each)]
    made = lead_of(plan, account, fired)
    (told,) = made.evidence

    assert "2 since 2 Jan 2025" == made.reason
    assert ("reports since began in the last 30 days", 2) == (told.words, told.value)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2025-01-01", "1 more report in the next 30 days"),
        (None, "2 reports within 30 days, once began is a date (it is not known)"),
        ("soon", "2 reports within 30 days, once began is a date (it is soon)"),
        ("2025-01-09", "2 reports within 30 days, from 9 Jan 2025, 00:00 UTC on"),
    ],
)
def test_what_is_missing_says_from_when_on_it_counts(day: object, words: str) -> None:
    """To do it sooner would be of no use."""
    plan = plan_of(FILE)
    account = plan.account("a:acme")
    for one in [*([began(day)] if day else []), event(1)]:
        step(plan, account, one)
    told = {one.rule: one.wants for one in Explainer(plan).explain(account, account.clock).rules}

    assert [words] == [one.words for one in told["r"]]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("since: began", "2:17: `since` needs a window, such as `within: 30d`"),
        ("since: 14d, within: 30d", REFUSED),
        ("since: 2025-01-01, within: 30d", REFUSED),
    ],
)
def test_a_since_that_could_never_be_right_is_refused(more: str, fault: str) -> None:
    """Without a window there are no buckets to count from, and a date is a trait's."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": FILE.replace("since: began, within: 30d", more)})

    assert fault in str(rejected.value)
