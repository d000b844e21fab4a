"""`where` on what a call carries in its context: the traits of its user, for one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fakes.events import DAY, event
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.engine.step import step
from pql.rules.load import parse

RULE = "rules: {r: {when: {signal: s, at_least: 1}, title: t, reason: r}}"
ADMIN = "where: {context.traits.role: admin}"


def carrying(key: int, context: Any, name: str = "Settings Changed", /, **properties: Any) -> Event:
    """Return an event with a context."""
    return event(
        key, name, at=key * DAY, properties=properties, context=msgspec.Raw(msgspec.json.encode(context))
    )


def value(signal: str, *history: Event) -> Any:
    """Return the signal's value after events in this order of arrival."""
    plan = plan_of(f"signals: {{s: {{{signal}}}}}\n{RULE}")
    account = plan.account("a:acme")
    for one in history:
        step(plan, account, one)
    return account.values[0]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("{context.traits.role: admin}", 1),
        ("{context.traits.role: {in: [admin, member]}}", 2),
        ("{context.traits.role: {exists: false}}", 2),
        ("{context.traits.seats: {at_least: 10, less_than: 20}, setting: x}", 1),
        ("{context.traits.role: admin, setting: y}", 0),
        ("{context: {exists: true}}", 1),
        ("{role: admin}", 1),
    ],
)
def test_a_filter_looks_into_the_context_of_the_call(where: str, expected: int) -> None:
    """Whatever its properties are called; without `context.` a filter is about properties."""
    history = [
        carrying(0, {"traits": {"role": "admin", "seats": 12}}, setting="x"),
        carrying(1, {"traits": {"role": "member"}}, setting="x"),
        carrying(2, {"traits": "admin"}, context={"traits": {"role": "admin"}}, role="admin"),
        carrying(3, {}, setting="x"),
    ]

    assert expected == value(f"count: any, where: {where}", *history)


def test_steps_look_there_too() -> None:
    """Of a sequence, and either side of what is to be followed."""
    admin, member = ({"traits": {"role": role}} for role in ("admin", "member"))
    begun, done = carrying(0, admin, "Begun"), carrying(1, member, "Done")

    for by, expected in (("member", 1), ("admin", 0)):
        step_ = f"{{event: Done, where: {{context.traits.role: {by}}}}}"
        assert expected == value(f"sequence: [Begun, {step_}]", begun, done)
        assert (expected == 0) is (value(f"unfollowed: Begun, by: {step_}", begun, done) is not None)


def test_no_other_event_is_looked_into() -> None:
    """The context is decoded where a filter asks for it, and nowhere else."""
    plan = plan_of(
        f"signals: {{s: {{count: A, {ADMIN}}}, t: {{count: B, where: {{x: 1}}}}}}\n"
        "rules: {r: {when: {all: [{signal: s, at_least: 1}, {signal: t, at_least: 1}]}, title: t, reason: r}}"
    )
    account = plan.account("a:acme")
    unreadable: Any = object()

    step(plan, account, event(0, "B", properties={"x": 1}, context=unreadable))

    assert [0, 1] == account.values[:2]
    with pytest.raises(TypeError):
        step(plan, account, event(1, "A", context=unreadable))


def test_a_story_tells_a_context_as_an_object() -> None:
    """Text of that name is a property, as it always was."""
    pack = parse(
        {
            "r.yaml": f"""
signals:
  mine: {{count: A, {ADMIN}}}
  page: {{count: A, where: {{context: checkout}}}}
rules:
  r: {{when: {{any: [{{signal: mine, at_least: 1}}, {{signal: page, at_least: 1}}]}}, title: t, reason: r}}
tests:
  - {{name: x, timeline: [{{0d A: {{context: {{traits: {{role: admin}}}}}}}}], expect: fires at 0d}}
  - {{name: y, timeline: [{{0d A: {{context: checkout}}}}], expect: fires at 0d}}
  - {{name: z, timeline: [{{0d A: {{traits: {{role: admin}}}}}}], expect: silent}}
"""
        }
    )

    assert [True, True, True] == [one.passed for one in rehearse(Plan(pack), pack)]


def test_a_card_names_where_it_looked() -> None:
    """As it is written in the file."""
    plan = plan_of(f"signals: {{s: {{count: A, {ADMIN}}}}}\n{RULE}")

    assert "A where context.traits.role is admin" == plan.signals[0].signal.words
