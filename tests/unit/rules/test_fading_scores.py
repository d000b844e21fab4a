"""Scores that fade: points per a decayed signal, by band of one, or through another score."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, START, event
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step, wake, waking

# Four reports are 40 points; half of them are left after each midnight, and below 15 the rule is ready again.
FADING = """\
signals: {reports: {decayed: Report Created, half_life: 1d}}
scores: {%s}
rules:
  hot:
    when: {score: usage, at_least: 40}
    until: {score: usage, less_than: 15}
    cooldown: 1h
    title: t
    reason: r
"""
FORMS = {
    "per": "usage: [{points: 10, per: reports, up_to: 1000}]",
    "bands": "usage: [{bands: {2: 20, 4: 40}, signal: reports}]",
    "when": "usage: [{points: 25, when: {signal: reports, at_least: 4}}, "
    "{points: 15, when: {signal: reports, at_least: 1.5}}]",
    "weighted": "usage: [{score: all, weight: 0.5}], all: [{points: 20, per: reports, up_to: 1000}]",
}
every_form = pytest.mark.parametrize("scores", FORMS.values(), ids=FORMS)


def reports(times: int, at: int) -> list[Event]:
    """Return so many reports at one moment."""
    return [event((at, number), at=at) for number in range(times)]


def hot(plan: Plan) -> Account:
    """Return an account that four reports have made a lead, read from the table."""
    account = plan.account("a:acme")
    fired = [one for report in reports(4, HOUR) for one in step(plan, account, report)]
    assert [START + HOUR] == [one.at for one in fired]
    return unpack(plan, "a:acme", pack(plan, account))


@every_form
def test_time_alone_arms_a_rule_at_the_midnight_at_which_its_score_falls_below_the_exit(scores: str) -> None:
    """40 points, 20 on the next day, 10 on the day after; whoever looks a minute earlier finds it waiting."""
    plan = plan_of(FADING % scores)
    account = hot(plan)
    armed = []
    for moment in (2 * DAY - 1, 2 * DAY):
        wake(plan, account, START + moment)
        account = unpack(plan, "a:acme", pack(plan, account))
        armed.append(account.standings[0].armed)

    assert [False, True] == armed


@every_form
@pytest.mark.parametrize(("at", "again"), [(2 * DAY - HOUR, []), (2 * DAY + HOUR, [2 * DAY + HOUR])])
def test_nobody_has_to_look_while_a_score_fades(scores: str, at: int, again: list[int]) -> None:
    """New points make a lead again once the score was below the exit, though no event saw it there."""
    plan = plan_of(FADING % scores)
    account = hot(plan)
    fired = [one.at - START for report in reports(4, at) for one in step(plan, account, report)]

    assert again == fired


def test_a_rule_about_faded_points_fires_at_the_midnight_and_then_sleeps() -> None:
    """Whoever was hot and cools down is a lead by time alone, at most one waking a day."""
    plan = plan_of(
        """
signals: {reports: {decayed: Report Created, half_life: 2d}, ever: {count: Report Created}}
scores: {usage: [{points: 10, per: reports, up_to: 100}]}
rules:
  cooled: {when: {all: [{score: usage, at_most: 12}, {signal: ever, at_least: 3}]}, title: t, reason: r}
"""
    )
    account = plan.account("a:acme")
    for report in reports(4, HOUR):
        step(plan, account, report)
    moments, fired = [], []
    while (moment := waking(plan, account)) < START + 100 * DAY:
        moments.append(moment)
        fired += wake(plan, account, moment)

    assert [START + 4 * DAY] == [one.at for one in fired]
    assert [START + day * DAY for day in range(1, len(moments) + 1)] == moments
    assert len(moments) <= 20


def test_points_per_a_streak_or_a_quiet_champion_follow_the_days() -> None:
    """What changes by whole days gives other points at the midnight, and a rule on them fires there."""
    plan = plan_of(
        """
signals: {quiet: {champion_quiet: any, within: 60d}}
scores: {risk: [{points: 10, per: quiet, up_to: 100}]}
rules: {lost: {when: {score: risk, at_least: 70}, title: t, reason: r}}
"""
    )
    account = plan.account("a:acme")
    step(plan, account, event(1, at=5 * HOUR))

    assert [START + 7 * DAY] == [one.at for one in wake(plan, account, START + 9 * DAY)]


@pytest.mark.parametrize(
    ("condition", "moment"),
    [
        ("{signal: run, is: 0}", 2 * DAY),
        ("{signal: quiet, in: [4, 5]}", 4 * DAY),
        ("{ratio: momentum, to_trait: seats, less_than: 0.2}", 3 * DAY),
        ("{ratio: momentum, to_signal: quiet, at_most: 1}", DAY),
    ],
)
def test_whatever_compares_a_value_that_time_changes_is_woken_for_it(condition: str, moment: int) -> None:
    """Also what asks for one number, or divides."""
    plan = plan_of(
        f"""
signals:
  run: {{streak: any}}
  quiet: {{champion_quiet: any, within: 60d}}
  momentum: {{decayed: any, half_life: 1d}}
rules: {{r: {{when: {{all: [{condition}, {{signal: quiet, exists: true}}]}}, title: t, reason: r}}}}
"""
    )
    account = plan.account("a:acme")
    step(plan, account, event("g", "", kind="group", traits={"seats": 2}))
    for number in range(2):
        step(plan, account, event(number))

    assert [START + moment] == [one.at for one in wake(plan, account, START + 9 * DAY)]
