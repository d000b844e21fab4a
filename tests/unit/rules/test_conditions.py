"""Conditions on other rules: that they hold, that they made a lead not long ago."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.step import step, wake
from pql.rules.faults import RulesRejected
from pql.rules.load import parse
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

OVER = """
signals: {reports: {count: Report Created, within: 2d}, invites: {count: Invite Sent}}
rules:
  over: {when: {all: [{rule: busy}, {signal: invites, at_least: 1}]}, cooldown: 1d, title: t, reason: r}
  busy: {when: {signal: reports, at_least: 2}, cooldown: 1d, title: t, reason: r}
"""
LATELY = """
signals: {reports: {count: Report Created, within: 2d}, invites: {count: Invite Sent, within: 1d}}
rules:
  again: {when: {all: [{rule: busy, fired_within: 10d}, {signal: invites, at_least: 1}]}, cooldown: 1h, title: t, reason: r}
  busy: {when: {signal: reports, at_least: 2}, cooldown: 1d, title: t, reason: r}
"""


def fires(plan: Plan, events: list[Event]) -> list[tuple[str, int]]:
    """Return (rule, index of the event) for every firing, in the order in which they fire."""
    account = plan.account("a:acme")
    return [(f.rule.name, index) for index, one in enumerate(events) for f in step(plan, account, one)]


def test_a_rule_can_ask_whether_another_one_holds() -> None:
    """Its condition counts, whether or not it has just made a lead."""
    events = [
        event(0, "Invite Sent"),
        event(1),
        event(2),
        event(3, at=9 * DAY),
        event(4, "Invite Sent", at=9 * DAY),
    ]

    assert [("over", 2), ("busy", 2)] == fires(plan_of(OVER), events)


def test_a_rule_of_another_file_is_asked_by_its_name() -> None:
    """Signals belong to their file, rules to all; the order of files does not matter."""
    under = "signals: {a: {count: Report Created}}\nrules: {under: {when: {signal: a, at_least: 2}, title: t, reason: r}}"
    over = "signals: {a: {count: Invite Sent}}\nrules: {over: {when: {all: [{rule: under}, {signal: a, at_least: 1}]}, title: t, reason: r}}"
    events = [event(0), event(1), event(2, "Invite Sent")]

    for files in ({"a": under, "b": over}, {"a": over, "b": under}):
        pack = Pack({name: RuleFile.model_validate(Source(name, text).data) for name, text in files.items()})

        assert [("under", 1), ("over", 2)] == fires(Plan(pack), events)


def test_a_lead_of_another_rule_counts_for_as_long_as_is_said() -> None:
    """Ten days after the lead the condition ends, to the millisecond."""
    plan = plan_of(LATELY)
    lead = [event(0), event(1)]

    for after, expected in ((10 * DAY - 1, [("busy", 1), ("again", 2)]), (10 * DAY, [("busy", 1)])):
        assert expected == fires(plan, [*lead, event(2, "Invite Sent", at=after)])


def test_a_lead_makes_rules_that_look_at_it_fire_by_the_same_event() -> None:
    """Whichever stands first in the file."""
    assert [("again", 2), ("busy", 2)] == fires(
        plan_of(LATELY), [event(0, "Invite Sent"), event(1), event(2)]
    )


def test_a_lead_keeps_rules_that_look_away_from_it_from_firing_by_the_same_event() -> None:
    """Whichever stands first in the file."""
    apart = "{rule: busy}, {not: {rule: busy, fired_within: 1d}}"
    text = LATELY.replace("{rule: busy, fired_within: 10d}", apart)

    assert [("busy", 2)] == fires(plan_of(text), [event(0, "Invite Sent"), event(1), event(2)])


def test_time_alone_ends_that_a_lead_was_not_long_ago() -> None:
    """What must not have fired lately holds once that is over, without any event."""
    plan = plan_of(LATELY.replace("{rule: busy, fired_within: 10d}", "{not: {rule: busy, fired_within: 5h}}"))
    account = plan.account("a:acme")
    for one in (event(0), event(1), event(2, "Invite Sent", at=HOUR)):
        step(plan, account, one)

    fired = wake(plan, account, account.clock + 5 * HOUR)

    assert [("again", START + 5 * HOUR)] == [(one.rule.name, one.at) for one in fired]


def test_suppression_reads_like_any_condition() -> None:
    """A suppressed lead is none that other rules could look at."""
    text = f"{LATELY}suppress: [{{trait: plan, is: paid}}]\n"
    events = [group("g", plan="paid"), event(0), event(1), event(2, "Invite Sent")]

    assert [] == fires(plan_of(text), events)


def faults_of(**files: str) -> list[str]:
    """Return what is wrong with these files."""
    with pytest.raises(RulesRejected) as rejected:
        parse({name: _tested(text) for name, text in files.items()})
    return [str(fault) for fault in rejected.value.faults if "has no test" not in fault.message]


def _tested(rules: str) -> str:
    return f"signals: {{s: {{count: X}}}}\nrules:\n{rules}"


def test_an_unknown_rule_is_a_fault_with_the_nearest_one_of_any_file() -> None:
    """The names of all files are legal."""
    told = faults_of(
        a="  one: {when: {signal: s, at_least: 1}, title: t, reason: r}\n",
        b="  two: {when: {any: [{rule: on}, {signal: s, at_least: 1}]}, title: t, reason: r}\n",
    )

    assert ["b:3:22: unknown rule `on`; did you mean `one`?"] == told


CIRCLES = {
    "when": (
        "when: {rule: two}",
        "when: {rule: one}",
        "a:3:15: a rule cannot look at itself: two → one → two",
    ),
    "leads": (
        "when: {rule: two, fired_within: 1d}",
        "when: {signal: s, at_least: 1}, unless: {rule: one, fired_within: 9d}",
        "b:3:49: a rule cannot look at itself: one → two → one",
    ),
    "itself": (
        "when: {signal: s, at_least: 1}, until: {rule: one, fired_within: 9d}",
        "when: {rule: one}",
        "a:3:48: a rule cannot look at itself: one → one",
    ),
}


@pytest.mark.parametrize(("one", "two", "fault"), CIRCLES.values(), ids=CIRCLES)
def test_rules_that_look_at_each_other_are_a_fault(one: str, two: str, fault: str) -> None:
    """Whatever files they stand in, and by whatever condition."""
    told = faults_of(
        a=f"  one: {{{one}, title: t, reason: r}}\n", b=f"  two: {{{two}, title: t, reason: r}}\n"
    )

    assert [fault] == told


def test_rules_look_through_nine_others_at_most() -> None:
    """In whatever files they stand; who looks at the tenth is told, and not who looks at them."""
    first = "  r0: {when: {signal: s, at_least: 1}, title: t, reason: r}\n"
    chain = [f"  r{i}: {{when: {{rule: r{i - 1}}}, title: t, reason: r}}\n" for i in range(1, 12)]

    told = faults_of(a=first + "".join(chain[:4]), b="".join(chain[4:]))

    assert ["b:8:15: `r10` looks through more than 9 other rules"] == told


def test_scores_look_through_ninety_nine_others_at_most() -> None:
    """A way may lead through rules to scores of other files; who looks at the hundredth is told."""
    told = faults_of(a=_scoring("a", 60, "{signal: s, at_least: 1}"), b=_scoring("b", 60, "{rule: a}"))

    assert ["b:45:17: `b40` looks through more than 99 other scores"] == told


def test_a_way_as_long_as_any_is_looked_through_to_its_end() -> None:
    """Thousands of rules in a row, of which none may look at itself, are no more than too many."""
    first = "  r0: {when: {rule: r3000}, title: t, reason: r}\n"
    chain = [f"  r{i}: {{when: {{rule: r{i - 1}}}, title: t, reason: r}}\n" for i in range(1, 3_001)]
    told = faults_of(a=first + "".join(chain))

    assert 1 == sum("a rule cannot look at itself" in one for one in told)


def _scoring(name: str, scores: int, last: str) -> str:
    """Return a rule that looks at a score that looks at one, and so on, the last of them at a condition."""
    row = [f"  {name}{i}: [{{score: {name}{i - 1}}}]\n" for i in range(1, scores)]
    return (
        f"  {name}: {{when: {{score: {name}{scores - 1}, at_least: 1}}, title: t, reason: r}}\n"
        f"scores:\n  {name}0: [{{points: 1, when: {last}}}]\n{''.join(row)}"
    )


def test_a_suppression_cannot_look_at_the_leads_it_suppresses() -> None:
    """Nobody could say which comes first."""
    rule = "  one: {when: {signal: s, at_least: 1}, title: t, reason: r}\n"
    told = faults_of(a=f"{rule}suppress: [{{rule: one, fired_within: 9d}}]\n")

    assert ["a:4:12: a rule cannot look at itself: one → suppress → one"] == told


def test_rules_may_look_at_each_other_where_one_looks_at_leads_and_the_other_does_not() -> None:
    """Whether a rule holds does not hang on what keeps it from making a lead."""
    text = OVER.replace(
        "at_least: 2}, cooldown", "at_least: 2}, unless: {rule: over, fired_within: 1d}, cooldown"
    )
    events = [event(0, "Invite Sent"), event(1), event(2)]

    assert [("over", 2)] == fires(plan_of(text), events)
