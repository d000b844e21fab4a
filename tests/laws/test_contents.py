"""What is shown of a packed account is what the engine goes on with."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import HOUR, START, event
from fakes.histories import histories
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.contents import contents
from pql.engine.state import pack
from pql.engine.step import step

PLAN = plan_of()


@settings(max_examples=examples(66))
@given(histories(20), st.integers(0, 12 * 24))
def test_values_are_those_that_an_event_would_meet(history: list[Event], hours: int) -> None:
    """At the moment it is shown for: what has left its window is gone; how it stands is told as it was."""
    account = PLAN.account("a:acme")
    for one in history:
        step(PLAN, account, one)
    packed = pack(PLAN, account)
    now = max([account.clock, START]) + hours * HOUR
    shown = contents(PLAN, "a:acme", packed, now)
    stands = {PLAN.rules[place].name: (one.cycle, one.armed) for place, one in account.standings.items()}
    step(PLAN, account, event("later", "Nothing Heard", kind="page", at=now - START))

    (scope,) = PLAN.scopes.values()
    assert {name: scope.value(name, account.values, now) for name in scope.signals} == {
        one.name: one.value for one in shown.signals
    }
    assert {slot.name: account.score(slot.place) for slot in PLAN.scores} == {
        one.name: one.value for one in shown.scores
    }
    assert stands == {one.rule: (one.leads, one.armed) for one in shown.rules if one.rule in stands}
    assert stands.keys() >= {one.rule for one in shown.rules if one.leads or not one.armed}
    assert {name: one.events for name, one in account.people.items() if name != "ada"} == {
        one.id: one.events for one in shown.people if one.id != "ada"
    }
