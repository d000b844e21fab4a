"""What keeps a rule from making a lead, beside its condition: standing, cooldown, bars and status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pql.core.plain_words import calendar, compared, ordinal, said
from pql.engine.account import Account, Standing
from pql.engine.judge import ready
from pql.engine.literal import holds
from pql.engine.operands import Words, operands
from pql.engine.slots import RuleSlot
from pql.engine.wants import ahead
from pql.rules.conditions import Condition
from pql.rules.rule import Rule

State = Literal["qualified", "due", "held_back", "missing"]


def state_of(
    slot: RuleSlot | None, standing: Standing | None, account: Account, now: int, *, met: bool, barred: bool
) -> State:
    """Return how an account stands with a rule; drafts have no slot."""
    if not met:
        return "missing"
    if slot is None:
        return "held_back"
    if (
        standing is not None
        and standing.cycle
        and not standing.armed
        and not ready(slot, standing, account, now)
    ):
        return "qualified"
    return "due" if not barred and ready(slot, standing, account, now) else "held_back"


def reasons(
    name: str, rule: Rule, slot: RuleSlot | None, account: Account, words: Words, *, met: bool
) -> Iterator[str]:
    """Yield what keeps the rule from making or announcing a lead, in plain words."""
    standing = account.standings.get(slot.place) if slot else None
    now = words.passed(0)
    if slot is None:
        yield "it is a draft: only the tests in its file run it"
    elif rule.status_for(name, account.subject) == "shadow":
        yield (
            "it is in shadow: its leads are kept and not announced"
            if rule.status == "shadow"
            else f"it is announced to a {rule.status} of all accounts, and this is not one of them"
        )
    if met:
        yield from _bars(rule, words)
    if standing is None:
        return
    if standing.cycle:
        yield from _since(rule, standing, words, now, met=met)
    elif not standing.armed and met:
        told = calendar(standing.fired)
        yield f"it held already when the rule was first looked at, {told} (baseline {rule.baseline})"


def _bars(rule: Rule, words: Words) -> Iterator[str]:
    bars: list[tuple[str, Condition, Words]] = []
    if rule.unless is not None:
        bars.append(("unless", rule.unless, words))
    bars += [
        ("suppress", one, words.of(file))
        for _, file, conditions in words.scope.book.muted
        for one in conditions
    ]
    for field, condition, there in bars:
        if holds(condition, there):
            found = [one for one in operands(condition, there) if one.met]
            told = " and ".join(
                f"{one.words}: {said(one.value)} ({compared(one.test, one.threshold)})" for one in found
            )
            yield f"`{field}` keeps it from firing: {told}"


def _since(rule: Rule, standing: Standing, words: Words, now: int, *, met: bool) -> Iterator[str]:
    """Yield what must be before there is another lead."""
    times = ordinal(standing.cycle)
    if not met:
        yield f"it was a lead on {calendar(standing.fired)} ({times} time)"
    over = standing.fired + rule.cooldown_ms
    if over > now:
        yield f"no other lead in its cooldown, which is over {ahead(over, now)}"
    if not standing.armed:
        end = "ceased to hold" if rule.until is None else "been seen to hold what `until` asks for"
        again = rule.requalify
        ways = [f"once it has {end}"]
        if again is not None and again.after_ms is not None:
            ways.append(f"from {calendar(standing.fired + again.after_ms)} on")
        if again is not None and again.signal is not None:
            wanted = standing.mark + (again.more or 0)
            ways.append(f"once {words.what(again.signal)} is at least {said(wanted)}")
        yield f"another lead is possible {' or '.join(ways)}"
