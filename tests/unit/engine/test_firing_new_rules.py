"""When a rule fires that is new: not for who matched already, unless it has no baseline."""

from __future__ import annotations

import msgspec

from fakes.events import DAY, HOUR, START, event
from fakes.firings import days, fires
from fakes.plans import plan_of
from pql.engine.state import editions_of, pack, unpack
from pql.engine.step import step

NEWCOMER = """
signals: {ever: {count: Report Created}}
rules: {new: {when: {signal: ever, at_least: 2}, cooldown: 1h, title: t, reason: r}}
"""


def stored(text: str, reports: int) -> bytes:
    """Return the state of an account with so many reports, packed by these rules."""
    plan = plan_of(text)
    account = plan.account("a:acme")
    for one in days(*range(reports)):
        step(plan, account, one)
    return pack(plan, account)


def after(text: str, state: bytes) -> list[int]:
    """Return the cycles that two more reports fire, at days 10 and 11, under these rules."""
    plan = plan_of(text)
    account = unpack(plan, "a:acme", state)
    more = [event(f"n{i}", at=i * DAY) for i in (10, 11)]
    return [fired.cycle for one in more for fired in step(plan, account, one)]


def test_a_new_rule_does_not_announce_who_matched_already() -> None:
    """An account that qualified before the rule was there makes no lead; one that comes to, does."""
    other = NEWCOMER.replace("new:", "old:").replace("at_least: 2", "at_least: 99")

    assert [[1], [1], [], []] == [after(NEWCOMER, stored(other, reports)) for reports in (0, 1, 2, 5)]


def test_an_event_from_before_its_clock_does_not_put_an_account_back_that_meets_new_rules() -> None:
    """It is brought to the present, which is not when that event was received."""
    plan, other = plan_of(NEWCOMER), NEWCOMER.replace("new:", "old:")
    account = unpack(plan, "a:acme", stored(other, 3))
    step(plan, account, event("on its way", at=DAY, received=DAY))

    assert START + 2 * DAY == account.clock


def test_a_rule_without_a_baseline_announces_who_matched_already() -> None:
    """With the next event of theirs."""
    other = NEWCOMER.replace("new:", "old:").replace("at_least: 2", "at_least: 99")
    eager = NEWCOMER.replace("cooldown: 1h", "cooldown: 1h, baseline: none")

    assert [[1], [1]] == [after(eager, stored(other, reports)) for reports in (1, 5)]


def test_a_loosened_rule_is_new_to_who_did_not_match_before() -> None:
    """Whoever matches only by the new bound is not announced for what they did long ago."""
    strict = NEWCOMER.replace("at_least: 2", "at_least: 4")

    assert [[1], [], []] == [after(NEWCOMER, stored(strict, reports)) for reports in (1, 3, 6)]


def test_an_account_that_was_passed_over_is_a_lead_when_it_qualifies_anew() -> None:
    """Its first, and not held up by a cooldown since no lead was made."""
    text = NEWCOMER.replace("Report Created", "Report Created, within: 3d").replace("1h", "30d")
    other = text.replace("new:", "old:").replace("at_least: 2", "at_least: 99")

    assert [1] == after(text, stored(other, 5))


def test_what_an_account_says_of_its_rules_takes_five_bytes() -> None:
    """However many rules there are, and however often the account is written."""
    state = stored(NEWCOMER, 3)
    again = pack(plan_of(NEWCOMER), unpack(plan_of(NEWCOMER), "a:acme", state))

    assert (state, 5) == (again, len(msgspec.msgpack.encode(editions_of(state)[0])))


def test_what_holds_of_somebody_who_has_done_nothing_fires_by_their_first_event() -> None:
    """Whatever that is, and whatever other rules there are; not again by the next one."""
    never = "  never: {when: {signal: exports, less_than: 1}, title: t, reason: r}\n"
    silent = "  silent: {when: {signal: quiet, at_least: 5}, title: t, reason: r}\n"
    head = "signals: {exports: {count: Exported}, quiet: {days_since: Report Created}}\nrules:\n"

    assert [[("never", 1, 0)]] * 2 == [
        fires(plan_of(head + one), days(3, 4)) for one in (never, never + silent)
    ]


def test_a_new_rule_without_a_baseline_is_asked_by_the_next_event() -> None:
    """Also by one that it does not listen to."""
    head = "signals: {ever: {count: Report Created}, orders: {count: Order Completed}}\nrules:\n"
    old = plan_of(head + "  old: {when: {signal: orders, at_least: 9}, title: t, reason: r}\n")
    rule = "  eager: {when: {signal: ever, at_least: 1}, baseline: none, title: t, reason: r}\n"
    account = old.account("a:acme")
    step(old, account, event(1))
    new = plan_of(head + rule)
    account = unpack(new, "a:acme", pack(old, account))
    fired = [one.rule.name for i in (2, 3) for one in step(new, account, event(i, "Other", at=i * DAY))]

    assert ["eager"] == fired


FIRST = """
signals:
  reports: {count: Report Created}
  orders: {count: Order Completed}
rules:
  cold: {when: {not: {signal: orders, at_least: 1}}, title: t, reason: r}
  busy:
    {when: {signal: reports, at_least: 1}, unless: {rule: cold, fired_within: 2d}, title: t, reason: r}
"""


def test_the_first_event_is_judged_by_all_rules_in_their_order() -> None:
    """What holds of somebody who has done nothing bars what their first event would make, too."""
    plan = plan_of(FIRST)

    assert [("cold", 1, 0)] == fires(plan, [event("r"), event("s", at=HOUR)])
    assert [("cold", 1, 0)] == fires(plan, [event("n", "Noise"), event("s", at=HOUR)])
