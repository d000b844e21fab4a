"""What keeps a rule from making a lead, beside its condition: standing, cooldown, bars and status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pql.core.lead import Operand
from pql.core.lead_state import Life
from pql.core.plain_words import aside, calendar, has_verb, measured, ordinal, said
from pql.engine.account import Account, Standing
from pql.engine.bars import bars
from pql.engine.judge import ready
from pql.engine.operands import itself, spelled, tested
from pql.engine.slots import RuleSlot
from pql.engine.wants import ahead, full_minute
from pql.engine.words import Words
from pql.rules.rule import Rule

State = Literal["qualified", "due", "closed", "held_back", "missing"]


def state_of(
    slot: RuleSlot | None,
    standing: Standing | None,
    life: Life | None,
    account: Account,
    now: int,
    *,
    met: bool,
    barred: bool,
) -> State:
    """Return how an account stands with a rule; drafts have no slot. `life` is that of its last lead."""
    if not met:
        return "missing"
    if slot is None:
        return "held_back"
    if (
        standing is not None
        and standing.cycle
        and not standing.armed
        and not standing.is_silent
        and not ready(slot, standing, account, now)
    ):
        return "closed" if life is not None and life.is_closed else "qualified"
    return "due" if not barred and ready(slot, standing, account, now) else "held_back"


def is_held_open(rule: Rule, standing: Standing | None) -> bool:
    """Return whether what `until` asks for must be seen to hold before there is another lead."""
    waits = standing is not None and standing.cycle > 0 and not standing.armed
    return rule.until is not None and waits and rule.requalify is None


def reasons(
    name: str, rule: Rule, slot: RuleSlot | None, account: Account, words: Words, *, met: bool, shadowed: bool
) -> Iterator[str]:
    """Yield what keeps the rule from making or announcing a lead, in plain words.

    `shadowed` says that it is in shadow whatever its file says.
    """
    standing = account.standings.get(slot.place) if slot else None
    if slot is None:
        yield "it is a draft: only the tests in its file run it"
    elif shadowed and rule.status != "shadow":
        yield "it is in shadow by an override: its leads are kept and not announced until `pql rules live`"
    elif rule.status_for(name, account.subject) == "shadow":
        yield (
            "it is in shadow: its leads are kept and not announced"
            if rule.status == "shadow"
            else f"it is announced to a {rule.status} of all accounts, and this is not one of them"
        )
    yield from keeping(rule, standing, words, met=met)


def keeping(rule: Rule, standing: Standing | None, words: Words, *, met: bool) -> Iterator[str]:
    """Yield what keeps the rule from making a lead, whatever its status: bars, its cooldown, its exit."""
    now = words.passed(0)
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
    for bar in bars(rule, words):
        if bar.holds:
            found = [one for one in itself(bar.condition, bar.words) if one.met]
            told = " and ".join(f"{one.words}: {measured(one.value, one.unit)}{_aside(one)}" for one in found)
            yield f"`{bar.field}` keeps it from firing: {told}"


def _since(rule: Rule, standing: Standing, words: Words, now: int, *, met: bool) -> Iterator[str]:
    """Yield what must be before there is another lead."""
    times = ordinal(standing.cycle)
    if not met:
        yield f"it was a lead on {calendar(standing.fired)} ({times} time)"
    over = standing.fired + rule.cooldown_ms
    if over > now:
        yield f"no other lead in its cooldown, which is over {ahead(over, now)}"
    if not standing.armed:
        again = None if standing.is_silent else rule.requalify
        ways = ["once it has ceased to hold"]
        if rule.until is not None:
            ways = [f"once this has been seen: {spelled(rule.until, _test, words)}"]
        if again is not None and again.after_ms is not None:
            ways.append(f"from {calendar(full_minute(standing.fired + again.after_ms))} on")
        if again is not None and again.signal is not None:
            wanted = standing.mark + (again.more or 0)
            ways.append(f"once {words.what(again.signal)} is at least {said(wanted)}")
        yield f"another lead is possible {' or '.join(ways)}"


def _aside(one: Operand) -> str:
    return aside(one.test, one.threshold, one.unit, met=one.met)


def _test(one: Operand) -> str:
    test = tested(one)
    return f"{one.words} {test if has_verb(test) else f'is {test}'}"
