"""The account as one packed binary: a unit to write where attribute maps would cost three.

Times and buckets are kept relative to the account's clock, so that most take one byte. The same
account always packs to the same bytes; `pql.engine.layout` says which.
"""

from __future__ import annotations

from typing import Any

from pql.core.aggregates import Aggregate, Distinct
from pql.core.aggregates.traced import EVENT_DIGITS
from pql.core.errors import Unreadable
from pql.core.window import DAY, MINUTE
from pql.engine import layout
from pql.engine.account import WIDTHS, Account, Followed, Standing
from pql.engine.layout import Sections
from pql.engine.merge import joined, standing_of
from pql.engine.plan import Plan
from pql.engine.settle import revive
from pql.engine.slots import SignalSlot

FOREIGN_KEPT = 90 * DAY


def pack(plan: Plan, account: Account) -> bytes:
    """Return the account's bytes."""
    clock = account.clock
    names = sorted(account.people)
    people = [account.people[name] for name in names]
    places = {one.hash: place for place, one in enumerate(people)}
    prints, newest, payloads = [], [], []
    for slot, held in zip(plan.signals, account.aggregates, strict=True):
        if held is not None:
            prints.append(slot.fingerprint)
            newest.append((clock - held.at, held.event[:EVENT_DIGITS]))
            payloads.append(
                held.packed_beside(places, clock, slot.signal.window)
                if held.__class__ is Distinct
                else held.packed(clock, slot.signal.window)
            )
    traits = sorted(account.traits.items())
    learned = [(clock - at, event) for _, (at, event, _) in traits]
    moments = layout.Moments([*newest, *learned])
    standings = [(plan.rules[place].fingerprint, one) for place, one in sorted(account.standings.items())]
    return layout.written(
        layout.Sections(
            schema=layout.SCHEMA,
            clock=clock,
            crowded=account.crowded,
            prints=layout.joined(prints),
            moments=[moments.place[one] for one in newest],
            payloads=payloads,
            gaps=moments.gaps,
            ids=moments.ids,
            traits=[
                part
                for (name, (*_, value)), one in zip(traits, learned, strict=True)
                for part in (name, moments.place[one], value)
            ],
            names=layout.shortened(names),
            events=[one.events for one in people],
            minutes=[clock // MINUTE - one.last // MINUTE for one in people],
            ruled=layout.joined([fingerprint for fingerprint, _ in standings]),
            cycles=[_cycle(one) for _, one in standings],
            fired=[clock - one.fired for _, one in standings],
            carried=[sorted(carried, key=_fingerprint) for carried in account.foreign] or None,
            editions=_editions(plan, account),
        )
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
    sections = layout.read(state)
    try:
        _restored(plan, account, sections)
    except layout.DAMAGED as error:
        raise Unreadable(f"account state: {type(error).__name__}") from error
    revive(plan, account)
    account.wake = 0
    return account


def _restored(plan: Plan, account: Account, sections: Sections) -> None:
    clock = account.clock = sections.clock
    account.crowded = sections.crowded
    account.editions = _ids(sections)
    moments = layout.moments(sections)
    names = layout.whole(sections.names)
    people = layout.hashes(names)
    carried_signals, carried_standings = sections.carried or ([], [])
    foreign_signals = [one for one in carried_signals if not _taken_back(plan, account, one)]
    of_signals = zip(layout.parted(sections.prints), sections.moments, sections.payloads, strict=True)
    for fingerprint, place, payload in of_signals:
        slot = plan.by_fingerprint.get(fingerprint)
        at, event = moments[place]
        if slot is None:
            whole = layout.alone(payload, people)
            foreign_signals.append([fingerprint, clock - at, bytes.fromhex(event), whole, clock])
            continue
        held, window = slot.signal.fresh(), slot.signal.window
        held.seen = (at, event)
        if held.__class__ is Distinct:
            held.unpack_beside(people, payload, clock, window)
        else:
            held.unpack(payload, clock, window)
        _take(account, slot, held)
    for name, place, value in zip(*(iter(sections.traits),) * 3, strict=True):
        account.traits[name] = (*moments[place], value)
        if name in plan.traits:
            account.values[plan.traits[name]] = value
    minute = clock // MINUTE
    account.people = {
        person: Followed(events, (minute - age) * MINUTE, found)
        for person, events, age, found in zip(names, sections.events, sections.minutes, people, strict=True)
    }
    account.newest = max([account.newest, *(one.last for one in account.people.values())])
    foreign_standings = [one for one in carried_standings if not _stands_again(plan, account, one)]
    of_rules = zip(layout.parted(sections.ruled), sections.cycles, sections.fired, strict=True)
    for fingerprint, cycle, age in of_rules:
        entry = [fingerprint, *_standing(cycle, age), clock]
        if not _stands_again(plan, account, entry):
            foreign_standings.append(entry)
    account.due = min(account.dues)
    kept = [one for one in foreign_signals if clock - one[4] + one[1] < FOREIGN_KEPT]
    if kept or foreign_standings:
        account.foreign = [kept, foreign_standings]


def editions_of(state: bytes) -> tuple[int, ...]:
    """Return the editions of the rules that have judged an account, those of its last judge first."""
    try:
        return _ids(layout.read(state)) if state else ()
    except TypeError as error:
        raise Unreadable("account state: no editions") from error


def _taken_back(plan: Plan, account: Account, entry: list[Any]) -> bool:
    """Take a signal that other rules left and these know, and return whether they do."""
    fingerprint, age, event, payload, clock = entry
    slot = plan.by_fingerprint.get(fingerprint)
    if slot is None:
        return False
    held = slot.signal.fresh()
    held.seen = (clock - age, event.hex())
    held.unpack(payload, clock, slot.signal.window)
    if slot.signal.window:
        held.slide(account.clock, slot.signal.window)
    _take(account, slot, held)
    return True


def _take(account: Account, slot: SignalSlot, held: Aggregate) -> None:
    """Take what a signal remembers; a merge may have left several memories of it."""
    known, window = account.aggregates[slot.place], slot.signal.window
    if known is not None:
        held = joined(known, held)
    if window is not None:
        dues, index = account.dues, WIDTHS[window.width]
        dues[index] = min(dues[index], window.leaves(held.first))
    account.aggregates[slot.place] = held
    account.newest = max(account.newest, held.at)
    account.values[slot.place] = slot.signal.read(held)


def _stands_again(plan: Plan, account: Account, entry: list[Any]) -> bool:
    """Take how the account stands with a rule, if these rules have it, and return whether they do."""
    rule = plan.rule_by_fingerprint.get(entry[0])
    if rule is None:
        return False
    account.stand(rule.place, standing_of(entry))
    return True


def _editions(plan: Plan, account: Account) -> int | list[int] | None:
    """Return what is written of the editions: nothing, an id, or a list of them.

    Who is not yet at the present, or has seen no event, has still to meet the rules.
    """
    has_met = account.clock and not account.unmet
    ids = plan.editions.judged(account.editions) if has_met else account.editions
    if not ids:
        return None
    return ids[0] if len(ids) == 1 else [*ids]


def _ids(sections: Sections) -> tuple[int, ...]:
    ids = sections.editions
    if ids is None:
        return ()
    return (ids,) if isinstance(ids, int) else tuple(ids)


def _cycle(standing: Standing) -> int | list[Any]:
    doubled = 2 * standing.cycle + standing.armed
    return [doubled, standing.mark] if standing.mark else doubled


def _standing(cycle: int | list[Any], age: int) -> tuple[int, int, bool, float]:
    """Return cycle, age, whether it is armed, and its mark."""
    doubled, mark = cycle if isinstance(cycle, list) else (cycle, 0.0)
    return doubled >> 1, age, bool(doubled & 1), mark


def _fingerprint(entry: list[Any]) -> int:
    fingerprint: int = entry[0]
    return fingerprint
