"""The account as one packed binary: a unit to write where attribute maps would cost three.

Times and buckets are kept relative to the account's clock, so that most take one byte. The same
account always packs to the same bytes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pql.core.aggregates.evidence import EVENT_DIGITS
from pql.core.errors import NewerVersion, Unreadable
from pql.core.window import MINUTE
from pql.engine.account import Account, Standing
from pql.engine.merge import joined
from pql.engine.plan import Plan
from pql.engine.settle import revive

SCHEMA = 1
# Where they stand among what is packed.
EDITIONS = 7
FOREIGN_KEPT = 90 * 86_400_000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode


def pack(plan: Plan, account: Account) -> bytes:
    """Return the account's bytes."""
    clock = account.clock
    signals = []
    for slot, held in zip(plan.signals, account.aggregates, strict=True):
        if held is None:
            continue
        payload = held.packed(clock, slot.signal.window)
        signals.append([slot.fingerprint, clock - held.at, bytes.fromhex(held.event[:EVENT_DIGITS]), payload])
    standings = [
        [plan.rules[index].fingerprint, one.cycle, clock - one.fired, _readiness(one)]
        for index, one in account.standings.items()
    ]
    foreign_signals, foreign_standings = account.foreign or ([], [])
    return _encode(
        [
            SCHEMA,
            clock,
            account.crowded,
            sorted(signals + foreign_signals, key=_fingerprint),
            [
                [name, clock - at, bytes.fromhex(event), value]
                for name, (at, event, value) in sorted(account.traits.items())
            ],
            [
                [person, events, clock // MINUTE - last // MINUTE]
                for person, (events, last) in sorted(account.people.items())
            ],
            sorted(standings + foreign_standings, key=_fingerprint),
            *_editions(plan, account),
        ]
    )


def unpack(plan: Plan, subject: str, state: bytes) -> Account:
    """Return the account of `subject`; no bytes mean one that nothing is known of.

    What other rules than the plan's remembered is carried along for 90 days after its last event,
    so that two versions of the rules can run side by side during a deployment. Raises
    `NewerVersion` for bytes that a newer deployment packed, `Unreadable` for damaged ones.
    """
    account = plan.account(subject)
    if not state:
        return account
    plain = _plain(state)
    try:
        _restored(plan, account, plain)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise Unreadable(f"account state: {type(error).__name__}") from error
    revive(plan, account)
    account.wake = 0
    return account


def _restored(plan: Plan, account: Account, plain: list[Any]) -> None:
    if plain[0] > SCHEMA:
        raise NewerVersion(f"account state of schema {plain[0]}, this code knows {SCHEMA}")
    _, account.clock, account.crowded, signals, traits, people, standings, *rest = plain
    account.editions = _ids(rest)
    foreign_signals = [_carried(account.clock, one) for one in signals if not _restore(plan, account, one)]
    for name, age, event, value in traits:
        account.traits[name] = (account.clock - age, event.hex(), value)
        if name in plan.traits:
            account.values[plan.traits[name]] = value
    minute = account.clock // MINUTE
    account.people = {person: [events, (minute - age) * MINUTE] for person, events, age in people}
    foreign_standings = []
    for entry in standings:
        fingerprint, cycle, age, armed, *base = entry
        rule = plan.rule_by_fingerprint.get(fingerprint)
        if rule is None:
            foreign_standings.append(entry if base else [*entry, account.clock])
        else:
            fired = (base[0] if base else account.clock) - age
            ready, mark = armed if isinstance(armed, list) else (armed, 0.0)
            account.stand(rule.place, Standing(cycle, fired, ready, mark))
    kept = [one for one in foreign_signals if account.clock - one[4] + one[1] < FOREIGN_KEPT]
    if kept or foreign_standings:
        account.foreign = [kept, foreign_standings]


def editions_of(state: bytes) -> tuple[int, ...]:
    """Return the editions of the rules that have judged an account, those of its last judge first."""
    return _ids(_plain(state)[EDITIONS:]) if state else ()


def _plain(state: bytes) -> list[Any]:
    try:
        return _decode(state)
    except msgspec.DecodeError as error:
        raise Unreadable(f"account state: {error}") from error


def _restore(plan: Plan, account: Account, entry: list[Any]) -> bool:
    fingerprint, age, event, payload, *base = entry
    slot = plan.by_fingerprint.get(fingerprint)
    if slot is None:
        return False
    clock = base[0] if base else account.clock
    held = slot.signal.fresh()
    held.at = clock - age
    held.event = event.hex()
    held.unpack(payload, clock, slot.signal.window)
    if base and slot.signal.window:
        held.slide(account.clock, slot.signal.window)
    held = joined(account.aggregates[slot.place], held)  # a merge may have left several memories
    if slot.signal.window:
        window = slot.signal.window
        account.expect(window.width, window.leaves(held.first))
    account.aggregates[slot.place] = held
    account.values[slot.place] = slot.signal.read(held)
    return True


def _editions(plan: Plan, account: Account) -> list[Any]:
    """Return what is written of the editions: nothing, an id, or a list of them.

    Who is not yet at the present, or has seen no event, has still to meet the rules.
    """
    has_met = account.clock and not account.unmet
    ids = plan.editions.judged(account.editions) if has_met else account.editions
    return [] if not ids else [ids[0] if len(ids) == 1 else [*ids]]


def _ids(rest: list[Any]) -> tuple[int, ...]:
    if not rest:
        return ()
    return (rest[0],) if isinstance(rest[0], int) else tuple(rest[0])


def _carried(clock: int, entry: list[Any]) -> list[Any]:
    """An entry of other rules keeps the clock it was packed at: its ages cannot be moved without them."""
    return entry if len(entry) > 4 else [*entry, clock]


def _readiness(standing: Standing) -> bool | list[bool | float]:
    return [standing.armed, standing.mark] if standing.mark else standing.armed


def _fingerprint(entry: list[Any]) -> int:
    fingerprint: int = entry[0]
    return fingerprint
