"""Text of strangers is never matched by a pattern that could run away, neither ours nor a rule's."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fakes.events import event
from fakes.plans import plan_of
from pql.core.clean_text import cleaned
from pql.core.times import written_time
from pql.engine.step import step
from pql.rules.schema import schema

EVIL = ["a" * 100_000 + "!", "0-" * 50_000, " " * 100_000 + "x", "9" * 100_000, "<!" * 50_000, '\\"' * 50_000]


def test_fault_101_no_element_of_the_language_takes_a_pattern() -> None:
    """A rule compares: equal, in a list, contained, greater. Nothing of it is a regular expression."""
    named = set(_properties(schema()))

    assert {"is", "in", "contains", "at_least"} <= named
    assert set() == {one for one in named if "regex" in one or "pattern" in one or "matches" in one}


@pytest.mark.parametrize("text", EVIL, ids=[text[:4] for text in EVIL])
def test_fault_101_text_made_to_take_long_is_read_at_once(text: str) -> None:
    """Times, names and values of 100 KB that would send a pattern back and forth."""
    plan = plan_of(
        "signals: {long: {count: any, where: {text: {contains: aaaa!}}}, last: {latest: text, of: any}}\n"
        "rules: {r: {when: {signal: long, at_least: 1}, title: t, reason: r}}"
    )
    account = plan.account("a:acme")
    began = time.process_time()
    written_time(text)
    cleaned(text)
    step(plan, account, event(1, text, properties={"text": text}, traits={text: text}))

    assert time.process_time() - began < 0.2


def _properties(node: Any) -> list[str]:
    """Return every name under which the schema allows something to be written."""
    if isinstance(node, list):
        return [name for one in node for name in _properties(one)]
    if not isinstance(node, dict):
        return []
    below = [name for one in node.values() for name in _properties(one)]
    return [*node.get("properties", {}), *below]
