"""Overrides: a rule in shadow makes its leads and tells nobody; nothing else is different."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import START
from fakes.histories import histories, packs
from fakes.memory_overrides import MemoryOverrides
from fakes.plans import plan_of
from fakes.town import Town
from pql.core.errors import Conflict, Unavailable
from pql.core.event import Event
from pql.core.override import Override, Overrides
from pql.flows.overrides import FRESH, Shadowing, change

ONE = Override(START, "ada", "too many")


@settings(max_examples=examples(40))
@given(histories(), packs(), st.integers(1, 9), st.sets(st.sampled_from(["r0", "r1"]), min_size=1))
def test_a_rule_in_shadow_makes_the_same_leads_and_tells_nobody(
    events: list[Event], text: str, size: int, muted: set[str]
) -> None:
    """States byte for byte, ids, cycles and evidence: only the status of these rules' leads is another."""
    plan, shadowed = plan_of(text), plan_of(text)
    shadowed.shadow(frozenset(muted))
    loud, quiet = Town(), Town()
    for start in range(0, len(events), size):
        loud.count(plan, events[start : start + size])
        quiet.count(shadowed, events[start : start + size])

    expected = {
        key: msgspec.structs.replace(record.lead, status="shadow" if key.rule in muted else "live")
        for key, record in loud.store.leads.items()
    }
    assert expected == {key: record.lead for key, record in quiet.store.leads.items()}
    assert loud.store.accounts == quiet.store.accounts


def test_a_container_looks_once_a_minute() -> None:
    """And says when the rules in shadow are others than before."""
    item, plan = MemoryOverrides(), plan_of()
    shadowing = Shadowing(item, plan)
    assert not shadowing.refresh(START)
    change(item, lambda held: held.having("busy", ONE, START))

    assert not shadowing.refresh(START + FRESH - 1)
    assert shadowing.refresh(START + FRESH)
    assert {"busy"} == plan.shadowed


def test_a_clock_that_was_put_back_keeps_nobody_from_looking() -> None:
    """What it read is of a time to come, and who knows for how long."""
    item, plan = MemoryOverrides(), plan_of()
    shadowing = Shadowing(item, plan)
    shadowing.refresh(START)
    change(item, lambda held: held.having("busy", ONE, START))

    assert shadowing.refresh(START - 1)


def test_an_override_ends_by_itself() -> None:
    """At its moment, although nothing is read then."""
    item, plan = MemoryOverrides(), plan_of()
    change(item, lambda held: held.having("busy", Override(START, "ada", until=START + 10), START))
    shadowing = Shadowing(item, plan)

    assert shadowing.refresh(START)
    assert shadowing.refresh(START + 10)
    assert not plan.shadowed


class Down(MemoryOverrides):
    """A table that answers as often as it is told."""

    answers = 0

    def overrides(self) -> Overrides:
        """Return them, or fail."""
        self.answers -= 1
        if self.answers < 0:
            raise Unavailable("DynamoDB")
        return super().overrides()


def test_what_was_known_holds_while_the_table_is_down() -> None:
    """Who knows nothing judges nothing; who knew goes on with that."""
    item, plan = Down(Overrides(1, {"busy": ONE})), plan_of()
    shadowing = Shadowing(item, plan)
    with pytest.raises(Unavailable):
        shadowing.refresh(START)
    item.answers = 1
    shadowing.refresh(START)
    shadowing.refresh(START + FRESH)

    assert {"busy"} == plan.shadowed


def test_two_who_change_at_once_both_have_their_way() -> None:
    """Who loses reads again."""
    item = MemoryOverrides()
    others = iter([lambda held: held.having("broad", ONE, START)])

    def edit(held: Overrides) -> Overrides:
        for other in others:
            change(item, other)
        return held.having("busy", ONE, START)

    change(item, edit)

    assert {"busy", "broad"} == set(item.held.rules)


def test_who_always_loses_says_so() -> None:
    """After a few tries."""
    item = MemoryOverrides()

    def edit(held: Overrides) -> Overrides:
        item.held = msgspec.structs.replace(item.held, version=item.held.version + 1)
        return held.having("busy", ONE, START)

    with pytest.raises(Conflict):
        change(item, edit)
