"""When a rule fires: on entering, once a cycle."""

from __future__ import annotations

import msgspec

from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import editions_of, pack, unpack
from pql.engine.step import step, wake
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

RULE = """
signals:
  reports: {count: Report Created, within: 2d}
  ever: {count: Report Created}
rules:
  busy: {when: {signal: reports, at_least: 2}, cooldown: 5d, title: t, reason: r}
"""


def fires(plan: Plan, events: list[Event], subject: str = "a:acme") -> list[tuple[str, int, int]]:
    """Return (rule, cycle, index of the event) for every firing."""
    account = plan.account(subject)
    return [(f.rule.name, f.cycle, i) for i, one in enumerate(events) for f in step(plan, account, one)]


def days(*offsets: float) -> list[Event]:
    """Return a report at each offset in days."""
    return [event(i, at=int(offset * DAY)) for i, offset in enumerate(offsets)]


def test_a_rule_fires_when_its_condition_becomes_true_and_not_again_while_it_stays_true() -> None:
    """Entering is what fires."""
    assert [("busy", 1, 1)] == fires(plan_of(RULE), days(0, 0.1, 0.2, 0.3, 1))


def test_a_rule_fires_again_after_its_condition_fell_and_the_cooldown_passed() -> None:
    """Falling arms the rule; the next entering after the cooldown is the next cycle."""
    assert [("busy", 1, 1), ("busy", 2, 3)] == fires(plan_of(RULE), days(0, 0.1, 9, 9.1))


def test_entering_within_the_cooldown_is_held_until_the_cooldown_is_over() -> None:
    """A condition that fell and holds again fires with the first event after the cooldown."""
    assert [("busy", 1, 1), ("busy", 2, 5)] == fires(plan_of(RULE), days(0, 0.1, 4, 4.1, 4.2, 5.2))


def test_a_condition_that_never_fell_does_not_fire_again_by_the_clock() -> None:
    """A lifetime count qualifies once, however long the cooldown is over."""
    plan = plan_of(RULE.replace("signal: reports", "signal: ever"))

    assert [("busy", 1, 1)] == fires(plan, days(0, 0.1, 20, 40, 60))


def test_one_event_that_crosses_the_bound_from_an_emptied_window_fires() -> None:
    """The fall is seen at the next event even if that very event makes the condition true again."""
    plan = plan_of(
        """
signals: {spent: {sum: amount, of: Order Completed, within: 2d}}
rules: {big: {when: {signal: spent, at_least: 100}, cooldown: 1d, title: t, reason: r}}
"""
    )
    orders = [event(i, "Order Completed", at=i * 10 * DAY, properties={"amount": "100.00"}) for i in range(2)]

    assert [("big", 1, 0), ("big", 2, 1)] == fires(plan, orders)


def test_a_bucket_has_left_its_window_at_the_moment_at_which_it_leaves() -> None:
    """Neither a millisecond sooner nor later."""
    plan = plan_of(RULE)
    account = plan.account("a:acme")
    counts = []
    for at in (0, 2 * DAY - 1, 2 * DAY):
        step(plan, account, event(at, "Report Created" if not at else "Other", at=at))
        counts.append(account.values[0])

    assert [1, 1, 0] == counts


def test_a_trait_alone_can_make_a_rule_fire() -> None:
    """A group call that tells the plan is judged like any event."""
    plan = plan_of("rules: {trial: {when: {trait: Plan Name, is: trial}, title: t, reason: r}}")

    assert [("trial", 1, 1)] == fires(plan, [event(0), group(1, planName="trial", at=HOUR)])


def test_a_trait_of_another_type_is_another_trait() -> None:
    """True equals 1 in Python, and not in a rule."""
    plan = plan_of("rules: {single: {when: {trait: sso, is: true}, title: t, reason: r}}")
    calls = [group(1, sso=1), group(2, at=1, sso=True), group(3, at=2, sso=1), group(4, at=3, sso=True)]
    account = plan.account("a:acme")
    values = []
    for call in calls:
        step(plan, account, call)
        values.append(account.values[plan.traits["sso"]])

    assert "[1, True, 1, True]" == str(values)
    assert [("single", 1, 1)] == fires(plan, calls)


def test_of_two_calls_at_one_moment_the_same_holds_whichever_came_first() -> None:
    """Their ids decide, for nothing else does."""
    plan = plan_of("rules: {trial: {when: {trait: plan, is: trial}, title: t, reason: r}}")
    calls = [group(1, plan="trial"), group(2, plan="paid")]
    ends = []
    for order in (calls, calls[::-1]):
        account = plan.account("a:acme")
        for call in order:
            step(plan, account, call)
        ends.append(account.traits)

    assert ends[0] == ends[1]


def test_traits_of_a_user_are_not_traits_of_their_account() -> None:
    """An identify call speaks of the account only where the user is the subject."""
    plan = plan_of("rules: {trial: {when: {trait: plan, is: trial}, title: t, reason: r}}")
    call = event(0, "", kind="identify", account=None, traits={"plan": "trial"})

    assert ([], [("trial", 1, 0)]) == (fires(plan, [call]), fires(plan, [call], "u:ada"))


def test_page_calls_are_counted_only_by_signals_of_pages() -> None:
    """A page called like an event is not that event."""
    plan = plan_of(
        """
signals: {views: {count: Pricing, type: page}}
rules: {keen: {when: {signal: views, at_least: 1}, title: t, reason: r}}
"""
    )

    assert [("keen", 1, 1)] == fires(plan, [event(0, "Pricing"), event(1, "pricing", kind="page")])


def test_a_signal_of_any_type_counts_events_pages_and_screens() -> None:
    """Of the names it listens to, or whatever they are called; what tells of traits is nothing done."""
    plan = plan_of(
        """
signals:
  looks: {count: Pricing, type: any}
  calls: {count: any, type: any}
rules:
  keen: {when: {signal: looks, at_least: 3}, title: t, reason: r}
  busy: {when: {signal: calls, at_least: 4}, title: t, reason: r}
"""
    )
    calls = [
        event(0, "Pricing"),
        event(1, "pricing", kind="page"),
        event(2, "Home", kind="page"),
        event(3, "", kind="group", traits={"plan": "trial"}),
        event(4, "", kind="alias"),
        event(5, "Pricing", kind="screen"),
    ]

    assert [("keen", 1, 5), ("busy", 1, 5)] == fires(plan, calls)


HYSTERESIS = """
signals: {level: {latest: gigabytes, of: Storage Reported}}
rules: {full: {when: {signal: level, at_least: 90}, until: {signal: level, at_most: 50}, cooldown: 1h, title: t, reason: r}}
"""


def levels(*gigabytes: float) -> list[Event]:
    """Return one report of storage a day."""
    return [
        event(i, "Storage Reported", at=i * DAY, properties={"gigabytes": value})
        for i, value in enumerate(gigabytes)
    ]


def test_a_rule_with_an_exit_fires_again_only_after_the_exit() -> None:
    """Hovering around the bound is one lead; falling below the exit and coming back is the next."""
    told = fires(plan_of(HYSTERESIS), levels(90, 80, 95, 51, 90, 50, 89, 90))

    assert [("full", 1, 0), ("full", 2, 7)] == told


def test_an_exit_that_holds_beside_the_condition_lets_nothing_fire() -> None:
    """It must be left, and the condition entered again."""
    plan = plan_of(HYSTERESIS.replace("at_most: 50", "at_least: 0"))

    assert [("full", 1, 0), ("full", 2, 3)] == fires(plan, levels(90, 91, 10, 92))


def test_an_account_that_still_qualifies_is_a_lead_again_by_the_clock() -> None:
    """Twenty days after the last lead, at that moment, without any event."""
    plan = plan_of(
        RULE.replace("signal: reports", "signal: ever").replace(
            "cooldown: 5d", "cooldown: 5d, requalify: {after: 20d}"
        )
    )
    account = plan.account("a:acme")
    for one in days(0, 0.5):
        step(plan, account, one)

    fired = wake(plan, account, account.clock + 50 * DAY)

    assert [(2, START + 20.5 * DAY), (3, START + 40.5 * DAY)] == [(one.cycle, one.at) for one in fired]


def test_an_account_that_still_qualifies_is_a_lead_again_by_new_evidence() -> None:
    """Three more than at the last lead are enough, once the cooldown is over."""
    plan = plan_of(
        RULE.replace("signal: reports", "signal: ever").replace(
            "cooldown: 5d", "cooldown: 5d, requalify: {signal: ever, more: 3}"
        )
    )

    assert [("busy", 1, 1), ("busy", 2, 4)] == fires(plan, days(0, 1, 20, 21, 22, 23))
    assert [("busy", 1, 1), ("busy", 2, 5)] == fires(plan, days(0, 1, 2, 3, 4, 6))


def test_what_new_evidence_is_held_against_is_stored_with_the_account() -> None:
    """Three more than at the last lead, however often it is read again."""
    plan = plan_of(
        RULE.replace("signal: reports", "signal: ever").replace(
            "cooldown: 5d", "cooldown: 5d, requalify: {signal: ever, more: 3}"
        )
    )
    account, fired = plan.account("a:acme"), []
    for index, one in enumerate(days(0, 1, 20, 21, 22, 23)):
        account = unpack(plan, "a:acme", pack(plan, account))
        fired += [index for _ in step(plan, account, one)]

    assert [1, 4] == fired


UNLESS = RULE.replace("cooldown: 5d", "cooldown: 5d, unless: {trait: plan, is: paid}").replace(
    "signal: reports", "signal: ever"
)


def test_new_evidence_of_exactly_so_much_more_is_enough() -> None:
    """Sums are exact to a millionth, and so is how much they have grown: from 3.2 to 8.2 it is 5."""
    plan = plan_of("""
signals: {hours: {sum: hours, of: any}}
rules:
  r: {when: {signal: hours, at_least: 3}, cooldown: 1d, requalify: {signal: hours, more: 5}, title: t, reason: r}
""")
    worked = [
        event(i, at=i * 2 * DAY, properties={"hours": hours}) for i, hours in enumerate((3.2, 4.9, 0.1))
    ]

    assert [("r", 1, 0), ("r", 2, 2)] == fires(plan, worked)


def test_a_suppressed_rule_does_not_fire_and_makes_up_for_it_afterwards() -> None:
    """What holds when the suppression ends is the first lead, not the second."""
    plan = plan_of(UNLESS)
    story = [group("g", plan="paid"), *days(0.1, 0.2, 0.3), group("h", at=DAY, plan="free")]

    assert [("busy", 1, 4)] == fires(plan, story)


def test_what_was_suppressed_is_counted_once_for_each_entering() -> None:
    """However many events come while the rule is held back, and however often the account is stored."""
    plan = plan_of(UNLESS)
    account = plan.account("a:acme")
    told = []
    for one in [group("g", plan="paid"), *days(0.1, 0.2, 0.3, 0.4)]:
        account = unpack(plan, "a:acme", pack(plan, account))
        step(plan, account, one)
        told.append(account.suppressed)

    assert [[], [], ["busy"], [], []] == told


def test_suppression_of_a_file_is_for_every_rule_of_the_pack() -> None:
    """A list of competitors stands in one place."""
    guard = "suppress: [{trait: domain, in: [rival.test]}]\nrules: {never: {when: {trait: x, is: x}, title: t, reason: r}}"
    files = {"a": RULE, "z": guard}
    plan = Plan(
        Pack({name: RuleFile.model_validate(Source(name, text).data) for name, text in files.items()})
    )

    assert [("busy", 1, 2)] == fires(plan, [group("g", domain="ours.test"), *days(0, 0.1)])
    assert [] == fires(plan, [group("g", domain="rival.test"), *days(0, 0.1)])


def test_a_lead_before_the_suppression_is_not_repeated_after_it() -> None:
    """Suppression neither arms a rule nor disarms it."""
    plan = plan_of(UNLESS)
    story = [*days(0, 0.1), group("g", at=DAY, plan="paid"), group("h", at=9 * DAY, plan="free")]

    assert [("busy", 1, 1)] == fires(plan, story)


def test_a_draft_is_not_judged() -> None:
    """Only in the tests of its file."""
    assert [] == fires(
        plan_of(RULE.replace("cooldown: 5d", "cooldown: 5d, status: draft")), days(0, 0.1, 0.2)
    )


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
