"""What an account's packed state holds, told by the names in the rule files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from pql.core.lead import Scalar
from pql.engine.account import UNKNOWN, Account
from pql.engine.plan import Plan
from pql.engine.slots import RuleSlot
from pql.engine.state import unpack
from pql.rules.signals.signal import Signal
from pql.rules.tagged import kind_of


class SignalContent(msgspec.Struct, frozen=True):
    """One signal of a file: its `value` now, as conditions compare it, and what is remembered of it.

    `at` and `event` are the newest event that it counts, none if nothing is remembered. The value may be
    higher than it says where it `is_floor`. `memory` is what is packed, as of the account's clock.
    """

    file: str
    name: str
    kind: str
    words: str
    window: str | None
    value: Scalar
    is_floor: bool
    at: int | None
    event: str | None
    memory: Any


class ScoreContent(msgspec.Struct, frozen=True):
    """One score of a file, now."""

    file: str
    name: str
    value: float


class TraitContent(msgspec.Struct, frozen=True):
    """One trait, its name folded, and the event that taught it."""

    name: str
    value: Scalar
    at: int
    event: str


class PersonContent(msgspec.Struct, frozen=True):
    """One of the people who are followed: how many events, and the minute of the last."""

    id: str
    events: int
    last: int


class StandingContent(msgspec.Struct, frozen=True):
    """How the account stands with one rule.

    `holds` says whether its condition does now. `leads` are those made so far, the last of them at `fired`.
    Where it is not `armed` the rule must cease to hold, or see what it asks for, before it fires again.
    `behind_baseline` since `fired` it stays silent about what held before it was there; `is_new` rules
    with a baseline have not met the account yet. `mark` is what the signal was at then whose growth fires the
    rule again.
    """

    file: str
    rule: str
    holds: bool
    leads: int
    fired: int | None
    armed: bool
    behind_baseline: bool
    is_new: bool
    cooldown_until: int | None
    mark: float | None


class CarriedSignal(msgspec.Struct, frozen=True):
    """A signal that other rules remember, by its fingerprint: its newest event, and what is packed."""

    fingerprint: int
    at: int
    event: str
    memory: Any


class CarriedStanding(msgspec.Struct, frozen=True):
    """How the account stands with a rule that others have, by its fingerprint."""

    fingerprint: int
    leads: int
    fired: int
    armed: bool


class Contents(msgspec.Struct, frozen=True):
    """All that a state holds: values as of `as_of`, standings as they were packed at `clock` (epoch ms).

    Signals and rules come in the order of the files, traits and people by name. `crowded` says that there
    were more people than are followed. `editions` are the rules that have judged the account, the last ones
    first; `own` are those that were asked here. What other rules left is carried.
    """

    subject: str
    clock: int
    as_of: int
    signals: list[SignalContent]
    traits: list[TraitContent]
    people: list[PersonContent]
    crowded: bool
    scores: list[ScoreContent]
    rules: list[StandingContent]
    editions: list[int]
    own: int
    carried_signals: list[CarriedSignal]
    carried_standings: list[CarriedStanding]


def contents(plan: Plan, subject: str, state: bytes, now: int) -> Contents:
    """Return what `state` holds of a subject, as of `now` (epoch ms), or of its clock if that is later.

    Nothing is judged. Raises as `state.unpack` does.
    """
    plan = plan.of(subject)
    packed, present = unpack(plan, subject, state), unpack(plan, subject, state)
    now = max(now, packed.clock)
    plan.leaving(present, now)
    holding = plan.verdict(present.values, now)
    signals, standings = packed.foreign or ([], [])
    return Contents(
        subject=subject,
        clock=packed.clock,
        as_of=now,
        signals=[*_signals(plan, packed, present, now)],
        traits=[
            TraitContent(name, value, at, event) for name, (at, event, value) in sorted(packed.traits.items())
        ],
        people=[PersonContent(who, one.events, one.last) for who, one in sorted(packed.people.items())],
        crowded=packed.crowded,
        scores=[
            ScoreContent(file, name, present.score(slot.place))
            for file, scope in plan.scopes.items()
            for name, slot in scope.scores.items()
        ],
        rules=[_standing(_file(plan, slot), slot, packed, holding, now) for slot in plan.rules],
        editions=[*packed.editions],
        own=plan.editions.own.id,
        carried_signals=[
            CarriedSignal(fingerprint, clock - age, event.hex(), memory)
            for fingerprint, age, event, memory, clock in signals
        ],
        carried_standings=[
            CarriedStanding(fingerprint, leads, clock - age, armed)
            for fingerprint, leads, age, armed, _, clock in standings
        ],
    )


def _signals(plan: Plan, packed: Account, present: Account, now: int) -> Iterator[SignalContent]:
    for file, scope in plan.scopes.items():
        for name, slot in scope.signals.items():
            value = scope.value(name, present.values, now)
            slid = present.aggregates[slot.place]
            is_floor = slid is not None and slot.signal.is_floor(slid)
            yield _signal(file, name, scope.spoken[name], packed, slot.place, value, is_floor=is_floor)


def _signal(
    file: str, name: str, said: Signal, packed: Account, place: int, value: Scalar, *, is_floor: bool
) -> SignalContent:
    """Return a signal by the words of its own file: others may share the place."""
    held = packed.aggregates[place]
    return SignalContent(
        file=file,
        name=name,
        kind=kind_of(type(said)),
        words=said.words,
        window=said.lasts,
        value=value,
        is_floor=is_floor,
        at=None if held is None else held.at,
        event=None if held is None else held.event,
        memory=None if held is None else held.packed(packed.clock, said.window),
    )


def _file(plan: Plan, slot: RuleSlot) -> str:
    return next(file for file, scope in plan.scopes.items() if scope is slot.scope)


def _standing(file: str, slot: RuleSlot, packed: Account, holding: int, now: int) -> StandingContent:
    known = packed.standings.get(slot.place)
    standing = known or UNKNOWN
    over = standing.fired + slot.rule.cooldown_ms if standing.cycle else 0
    return StandingContent(
        file=file,
        rule=slot.name,
        holds=bool(holding & slot.bit),
        leads=standing.cycle,
        fired=standing.fired if standing.cycle or standing.is_silent else None,
        armed=standing.armed,
        behind_baseline=standing.is_silent,
        is_new=bool(packed.unmet & slot.bit),
        cooldown_until=over if over > now else None,
        mark=standing.mark if standing.mark and math.isfinite(standing.mark) else None,
    )
