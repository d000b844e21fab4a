"""Which events a rule needs, and which of those have stopped arriving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pql.backtest.drift.silence import Silence, silence
from pql.backtest.past.hindsight import chosen
from pql.core.plain_words import iso
from pql.core.window import HOUR
from pql.engine.plan import Plan
from pql.engine.slots import RuleSlot
from pql.flows.firing_rate import WEEK
from pql.flows.memo import Memo
from pql.flows.notice import Notice, event_words, hours_words
from pql.flows.watched import Watched
from pql.flows.witness import learns, needs

# How far back is known when events arrived: of one a week, eight weeks say little.
SEEN_WEEKS = 39
# Rules with the events that each of them needs.
Rules = Sequence[tuple[RuleSlot, Sequence[str]]]


def needed(plan: Plan, slot: RuleSlot) -> set[str]:
    """Return the events that the signals listen to which a rule looks at, and the calls that tell traits."""
    places = chosen(plan, {slot.name}, ()).places
    events = {event for one in plan.signals if one.place in places for event in needs(one)}
    return events | {*learns(plan, slot)}


def blind(rules: Rules, watched: Watched, memo: Memo, now: int) -> Iterator[Notice]:
    """Yield the events that rules need and that have stopped arriving, until they come again."""
    here, first = now // HOUR, now - SEEN_WEEKS * WEEK
    hours = watched.hours(first)
    lasting = {}
    for event, (since, usual) in memo.silent.items():
        # The weeks in which it still came go out of sight one by one; that is no sign of life.
        if max(hours.get(event, ()), default=since) <= since:
            lasting[event] = Silence(since, usual)
        else:
            memo.outages.setdefault(event, []).append(since)
    memo.outages = {
        event: seen
        for event, hours_of in memo.outages.items()
        if (seen := [since for since in hours_of if since * HOUR >= first])
    }
    silent = {
        event: found
        for event, known in hours.items()
        if (found := silence(known, here, memo.outages.get(event, ())))
    } | lasting
    wanted = {event for _, events in rules for event in events}
    memo.silent = {event: (*found,) for event, found in silent.items() if event in wanted}
    for slot, events in rules:
        for event in events:
            found = silent.get(event)
            if found:
                words = (
                    f"{slot.name} is blind: no {event_words(event)} since {iso(found.since * HOUR)}, for"
                    f" {hours_words(here - found.since)}; usually one comes within"
                    f" {hours_words(found.usual)}"
                )
                yield Notice("blind", slot.name, words, event)
