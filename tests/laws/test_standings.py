"""The laws of firing: exits, bars, new evidence and rules over rules, however a stream is cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.cuts import SUBJECT, folded
from fakes.events import DAY, HOUR, START, event
from fakes.histories import histories
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.merge import merge
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step, wake

CONDITIONS = st.sampled_from(
    [
        "{signal: reports, at_least: 2}",
        "{signal: reports, less_than: 2}",
        "{signal: today, at_least: 2}",
        "{signal: today, less_than: 1}",
        "{signal: ever, at_least: 3}",
        "{signal: level, more_than: 20}",
        "{trait: plan, is: trial}",
        "{score: usage, at_least: 10}",
        "{score: both, at_least: 12}",
        "{rule: base}",
        "{not: {rule: base}}",
        "{rule: base, fired_within: 2d}",
        "{not: {rule: base, fired_within: 12h}}",
    ]
)
REQUALIFY = st.sampled_from(
    ["{after: 1d}", "{after: 6h}", "{signal: ever, more: 2}", "{after: 3d, signal: reports, more: 1}"]
)
HEAD = """\
signals:
  reports: {count: Report Created, within: 2d}
  today: {count: any, within: 6h}
  ever: {count: any}
  level: {latest: amount, of: any, within: 2d}
scores:
  both: [{score: usage, weight: 0.5}, {bands: {1: 3, 20: 6}, signal: level}]
  usage: [{points: 4, per: reports, up_to: 12}, {points: 5, when: {trait: plan, is: trial}}]
"""


@st.composite
def packs(draw: st.DrawFn) -> str:
    """Draw a rule file of two rules with every way of firing again, over a third."""
    lines = [HEAD + "rules:"]
    lines.append("  base: {when: {signal: reports, at_least: 2}, cooldown: 6h, title: t, reason: r}")
    for index in range(2):
        parts = [f"when: {draw(CONDITIONS)}", f"cooldown: {draw(st.sampled_from(['1h', '12h', '2d']))}"]
        if draw(st.booleans()):
            parts.append(f"until: {draw(CONDITIONS)}")
        if draw(st.booleans()):
            parts.append(f"unless: {draw(CONDITIONS)}")
        if draw(st.booleans()):
            parts.append(f"requalify: {draw(REQUALIFY)}")
        lines.append(f"  r{index}: {{{', '.join(parts)}, title: t, reason: r}}")
    if draw(st.booleans()):
        condition = draw(CONDITIONS.filter(lambda one: "fired_within" not in one))
        lines.append(f"suppress: [{condition}]")
    return "\n".join(lines)


@given(packs(), histories(most=25), st.sets(st.integers(0, 25)))
@settings(max_examples=examples(46))
def test_how_a_stream_is_cut_does_not_change_what_fires(
    text: str, history: list[Event], cuts: set[int]
) -> None:
    """Exits, bars, new evidence and what other rules did survive being stored between any two events."""
    plan = plan_of(text)

    assert folded(plan, history) == folded(plan, history, cuts)


@given(packs(), histories(most=30), st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted))
@settings(max_examples=examples(46))
def test_storing_an_account_after_a_merge_changes_nothing(
    text: str, history: list[Event], parts: list[int]
) -> None:
    """How it stands with a rule whose lead came along is settled by the merge itself."""
    plan = plan_of(text)
    begin, end = parts
    both = []
    for is_stored in (False, True):
        account, other = plan.account(SUBJECT), plan.account("u:ada")
        for one in history[:begin]:
            step(plan, account, one)
        for one in history[begin:end]:
            step(plan, other, one)
        merge(plan, account, other, event("cause", "Nothing", at=0))
        if is_stored:
            account = unpack(plan, SUBJECT, pack(plan, account))
        later = [one for each in history[end:] for one in step(plan, account, each)]
        both.append(([(one.rule.name, one.cycle, one.at) for one in later], pack(plan, account)))

    assert both[0] == both[1]


@given(packs(), histories(most=12), st.lists(st.integers(0, 16 * 24 * 4), max_size=6))
@settings(max_examples=examples(46))
def test_an_event_that_no_rule_looks_at_changes_no_lead(
    text: str, history: list[Event], quarters: list[int]
) -> None:
    """Whenever it comes: that somebody looks at the account is no reason for anything."""
    plan = plan_of(text.replace("any", "Order Completed"))
    first = event("first", at=-1)
    noise = [event(("noise", index), "Noise", at=at * HOUR // 4) for index, at in enumerate(quarters)]
    quiet, noisy = (sorted([first, *history, *more], key=lambda one: one.received) for more in ([], noise))
    leads = [fold_to_the_end(plan, one) for one in (quiet, noisy)]

    assert leads[0] == leads[1]


def fold_to_the_end(plan: Plan, history: list[Event]) -> list[tuple[str, int, int]]:
    """Fold a history that is stored after every event, and return its leads, those of a month later too."""
    account = plan.account(SUBJECT)
    fired = []
    for one in history:
        fired += step(plan, account, one)
        account = unpack(plan, SUBJECT, pack(plan, account))
    fired += wake(plan, account, START + 45 * DAY)
    return [(one.rule.name, one.cycle, one.at) for one in fired]


@given(packs(), histories(most=25))
@settings(max_examples=examples(40))
def test_the_cycles_of_a_rule_are_counted_without_a_gap(text: str, history: list[Event]) -> None:
    """Suppression and baselines use up no cycle."""
    _, leads = folded(plan_of(text), history)

    for rule in ("base", "r0", "r1"):
        cycles = [cycle for name, cycle, _ in leads if name == rule]

        assert list(range(1, len(cycles) + 1)) == cycles
