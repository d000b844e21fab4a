"""When a rule fires again: after its exit, by the clock or by new evidence; and what holds it back."""

from __future__ import annotations

from fakes.events import DAY, START, event, group
from fakes.firings import RULE, days, fires
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step, wake
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

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
