"""The laws of explanations: they say what the engine does, and what they ask for is enough."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import DAY, START, event, group
from fakes.histories import BOUNDS, SIGNALS, histories
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.explain import Explained, Explainer
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import slide, step, wake
from pql.engine.wants import Want
from pql.rules.fitness import misfits
from pql.rules.pack import RuleFile
from pql.rules.source import Source

LEAVES = st.one_of(
    st.builds("{{signal: s{}, {}}}".format, st.integers(0, 2), BOUNDS),
    st.builds(
        "{{score: points, {}}}".format, st.sampled_from(["at_least: 5", "less_than: 20", "more_than: 30"])
    ),
    st.sampled_from(
        [
            "{trait: plan, is: trial}",
            "{trait: plan, in: [paid, 3]}",
            "{trait: plan, exists: false}",
            "{rule: base}",
            "{rule: base, fired_within: 3d}",
            "{signal: quiet, at_least: 2}",
            "{signal: daily, at_least: 2}",
            "{ratio: s0, to_signal: s1, at_least: 0.5}",
        ]
    ),
)


def joined(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return conditions in which all, any or the opposite of others must hold."""
    several = st.lists(leaves, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        leaves.map("{{not: {}}}".format),
        several.map("{{all: [{}]}}".format),
        several.map("{{any: [{}]}}".format),
    )


CONDITIONS = st.recursive(LEAVES, joined, max_leaves=6)


@st.composite
def packs(draw: st.DrawFn) -> str:
    """Draw a rule file with conditions of every kind, a bar, and a draft, that the language lets through."""
    lines = ["signals:", *(f"  s{i}: {draw(SIGNALS)}" for i in range(3))]
    lines += ["  quiet: {days_since: any}", "  daily: {streak: any}"]
    lines += [
        "scores:",
        "  points:",
        "    - {points: 10, when: {signal: s0, at_least: 2}}",
        "    - {points: 3, per: s1, up_to: 12}",
        "    - {points: -5, when: {trait: plan, is: paid}}",
        "    - {bands: {1: 5, 4: 20}, signal: s2}",
        "rules:",
        "  base: {when: {signal: s0, at_least: 1}, cooldown: 2d, title: t, reason: r}",
        f"  one: {{when: {draw(CONDITIONS)}, cooldown: 1d, title: t, reason: r}}",
        f"  two: {{when: {draw(CONDITIONS)}, unless: {draw(CONDITIONS)}, title: t, reason: r}}",
        f"  plan: {{when: {draw(CONDITIONS)}, status: draft, title: t, reason: r}}",
    ]
    text = "\n".join(lines)
    source = Source("rules.yaml", text)
    assume(not [*misfits(RuleFile.model_validate(source.data), source)])
    return text


def lived(plan: Plan, history: list[Event], now: int) -> Account:
    """Return the account after a history, and after what time alone did until `now`."""
    account = plan.account("a:acme")
    for one in history:
        step(plan, account, one)
    wake(plan, account, now)
    return account


def judged(plan: Plan, account: Account, now: int) -> int:
    """Return the bits of what holds at `now`, as the engine judges it."""
    copy = unpack(plan, account.subject, pack(plan, account))
    slide(plan, copy, max(now, copy.clock))
    return plan.verdict(copy.values, max(now, copy.clock))


@given(packs(), histories(most=20), st.integers(0, 20))
@settings(max_examples=examples(40))
def test_an_explanation_agrees_with_the_verdict(text: str, history: list[Event], days: int) -> None:
    """A rule is met, and barred, exactly if the engine says so; only then is nothing wanted."""
    plan = plan_of(text)
    now = START + days * DAY
    account = lived(plan, history, now)
    bits = judged(plan, account, now)

    explained = {one.rule: one for one in Explainer(plan).explain(account, now).rules}

    for slot in plan.rules:
        one = explained[slot.name]
        assert (bool(bits & slot.bit), bool(bits & slot.bar)) == (one.met, one.barred)
        assert (one.met and not one.barred) == (one.nearness == 1)
        assert not (one.met and not one.barred and one.wants)
    assert {"base", "one", "two", "plan"} == set(explained)


@given(packs(), histories(most=20), st.integers(0, 20))
@settings(max_examples=examples(34))
def test_what_comes_by_itself_comes_at_that_moment(text: str, history: list[Event], days: int) -> None:
    """Time alone makes the rule true at `comes`, and not a millisecond before."""
    plan = plan_of(text)
    now = START + days * DAY
    account = lived(plan, history, now)

    explained = {one.rule: one for one in Explainer(plan).explain(account, now).rules}

    for slot in plan.rules:
        comes = explained[slot.name].comes
        if comes is not None:
            moments = [judged(plan, account, at) for at in (comes, comes - 1)]
            assert [True, False] == [bool(bits & slot.bit and not bits & slot.bar) for bits in moments]


@given(packs(), histories(most=10))
@settings(max_examples=examples(34))
def test_an_explanation_changes_nothing(text: str, history: list[Event]) -> None:
    """The account that was explained packs to the bytes it had."""
    plan = plan_of(text)
    account = lived(plan, history, 0)
    before = pack(plan, account)

    Explainer(plan).explain(account, START + 30 * DAY)

    assert before == pack(plan, account)


NAMES = ["Project Created", "Report Created", "Invite Sent"]
COUNTS = st.one_of(
    st.builds(
        "{{signal: c{}, {}: {}}}".format,
        st.integers(0, 2),
        st.sampled_from(["at_least", "more_than", "at_most", "less_than", "is"]),
        st.integers(0, 4),
    ),
    st.sampled_from(["{trait: plan, is: trial}", "{not: {trait: plan, is: paid}}"]),
)


@st.composite
def counting(draw: st.DrawFn, windows: list[str], condition: st.SearchStrategy[str]) -> str:
    """Draw a rule file with one rule over plain counts, and a score of them."""
    windows = [draw(st.sampled_from(windows)) for _ in NAMES]
    lines = ["signals:", *(f"  c{i}: {{count: {NAMES[i]}{windows[i]}}}" for i in range(3))]
    lines += ["scores:", "  points:"]
    for i in range(3):
        bound = draw(st.integers(1, 5))
        lines.append(
            f"    - {{points: {draw(st.integers(5, 30))}, when: {{signal: c{i}, at_least: {bound}}}}}"
        )
    lines.append(f"    - {{points: {draw(st.integers(1, 4))}, per: c0, up_to: 12}}")
    return "\n".join([*lines, f"rules: {{one: {{when: {draw(condition)}, title: t, reason: r}}}}"])


CONDITION = st.one_of(
    st.recursive(COUNTS, joined, max_leaves=8),
    st.builds("{{score: points, at_least: {}}}".format, st.integers(1, 40)),
)
SENT = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 10)), max_size=12)


def asked_for(wants: list[Want]) -> dict[str, int]:
    """Return how many more of each signal are asked for."""
    amounts: dict[str, int] = {}
    for one in wants:
        inner = asked_for(one.parts)
        if one.kind == "more":
            inner = {one.of: int(one.by or 0)}
        for name, amount in inner.items():
            amounts[name] = max(amount, amounts.get(name, 0))
    return amounts


def deadlines(wants: list[Want]) -> list[int]:
    """Return until when each thing that is asked for would count together with the rest."""
    found = [one.until for one in wants if one.until is not None]
    return [*found, *(end for one in wants for end in deadlines(one.parts))]


def kinds(wants: list[Want]) -> set[str]:
    """Return what kinds of things are asked for."""
    return {kind for one in wants for kind in ({one.kind} | kinds(one.parts))}


def the_rule(plan: Plan, account: Account, now: int) -> Explained:
    """Return the explanation of the only rule."""
    return Explainer(plan).explain(account, now).rules[0]


EXACTLY = (
    "signals: {c0: {count: Project Created, within: 7d}}\nrules: {one: {when: WHEN, title: t, reason: r}}"
)


@given(
    counting(["", ", within: 7d", ", within: 24h"], CONDITION),
    SENT,
    st.sampled_from(["trial", "paid", None]),
    st.sampled_from(["at once", "at last"]),
)
@example(EXACTLY.replace("WHEN", "{signal: c0, is: 2}"), [(NAMES[0], 4)], None, "at last")
@example(
    EXACTLY.replace("WHEN", "{not: {signal: c0, is: 2}}"), [(NAMES[0], 4), (NAMES[0], 9)], None, "at last"
)
@settings(max_examples=examples(40))
def test_what_is_asked_for_is_enough(text: str, sent: list[tuple[str, int]], trait: Any, when: str) -> None:
    """Exactly what is asked for of counts, under `all`, `any`, `not` and scores, makes the rule true.

    At once, or all of it at the last moment before the first of its deadlines, or whenever there is none.
    """
    plan = plan_of(text)
    now = START + 10 * DAY
    traits = [group("traits", at=0, plan=trait)] if trait else []
    history = [event(index, name, at=day * DAY) for index, (name, day) in enumerate(sent)]
    account = lived(plan, [*traits, *sorted(history, key=lambda one: one.time)], now)
    before = the_rule(plan, account, now)
    assume(before.wants and before.possible and kinds(before.wants) <= {"more", "points", "all"})

    ends = deadlines(before.wants)
    done = now if when == "at once" else min(ends, default=now + 30 * DAY) - 1
    amounts = asked_for(before.wants)
    for name, amount in amounts.items():
        for turn in range(amount):
            step(plan, account, event((name, turn), NAMES[int(name[1])], at=done - START))

    assert (True, True) == (the_rule(plan, account, done).met, bool(amounts))


@given(packs())
@settings(max_examples=examples(34))
def test_who_did_nothing_is_nowhere(text: str) -> None:
    """Nothing that holds for everybody brings an account nearer: at the start it is at 0 or already there."""
    plan = plan_of(text)
    blank = {one.rule: one for one in Explainer(plan).explain(plan.account("a:acme"), START).rules}

    assert {one.nearness for one in blank.values()} <= {0.0, 1.0}
    assert [] == [one.rule for one in blank.values() if (one.nearness == 1) != (one.met and not one.barred)]


@given(counting([""], CONDITION.map("{{all: [{}, {{signal: c0, less_than: 1}}]}}".format)), SENT)
@settings(max_examples=examples(34))
def test_what_cannot_be_is_never_reached_by_counting(text: str, sent: list[tuple[str, int]]) -> None:
    """What was counted for ever stays counted: the rule is said to be impossible, and stays silent."""
    plan = plan_of(text)
    account = lived(plan, [event("first", NAMES[0])], START)
    for index, (name, day) in enumerate(sorted(sent, key=lambda one: one[1])):
        step(plan, account, event(index, name, at=day * DAY))
    now = START + 10 * DAY
    assert (False, 0.0) == (the_rule(plan, account, now).possible, the_rule(plan, account, now).nearness)

    for turn in range(12):
        step(plan, account, event(("more", turn), NAMES[turn % 3], at=10 * DAY))
        assert not the_rule(plan, account, now).met
