"""How many leads a rule makes in a week, and the band that this is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import mean, median

from pql.backtest.drift.band import FLOOD_LEAST, Band, counts
from pql.core.keys import LeadKey
from pql.core.plain_words import iso, number
from pql.core.window import DAY
from pql.engine.slots import RuleSlot
from pql.flows.legible import legible
from pql.flows.memo import Left, Memo
from pql.flows.notice import Kind, Notice, usual_words
from pql.flows.watched import Watched

WEEK = 7 * DAY
WEEKS = 8
# How many weeks a rule is out of the band that it has left before that is usual.
SETTLED = 4
# What it is to be out of a band, by side.
RATES: Mapping[int, Kind] = {1: "flood", -1: "drought"}


def rates(slots: Iterable[RuleSlot], watched: Watched, memo: Memo, now: int) -> Iterator[Notice]:
    """Yield the rules that made many more leads in seven days than before, or many fewer in a week."""
    leads: dict[str, list[tuple[int, LeadKey]]] = defaultdict(list)
    for created, key in watched.made(_last_week(now) - (WEEKS + 1) * WEEK, now):
        leads[key.rule].append((created, key))
    is_first = not memo.known
    known = {}
    for slot in slots:
        made = [created for created, _ in leads[slot.name]]
        held = memo.known.get(slot.name)
        since = min(made, default=now) if is_first else now
        known[slot.name] = held if held and held[0] == slot.checksum else (slot.checksum, since)
        begun = known[slot.name][1]
        found = [*_out(slot.name, made, begun, now, memo.left)]
        if found or _is_left(slot.name, memo) or _is_uneven(made, now):
            # Leads of an introduction came all at once. The index does not tell which; to look costs.
            keys = (key for _, key in leads[slot.name])
            made = [one.lead.created for one in legible(watched, keys) if not one.lead.introduced]
            found = [*_out(slot.name, made, begun, now, memo.left)]
        yield from found
    memo.known = known


def _out(rule: str, made: Sequence[int], begun: int, now: int, left: Mapping[str, Left]) -> Iterator[Notice]:
    """Yield how a rule, that began at `begun` and made leads at these moments, is out of its band.

    That is the one it has `left`, for as long as that is remembered: the weeks since widen every other.
    """
    for side, kind in RATES.items():
        until = now if side > 0 else _last_week(now)
        this, *before = _weekly(made, until)
        was = left.get(Notice(kind, rule, "").key)
        if was is not None:
            held = Band(was.low, was.high)
            if held.side(this):
                about = number(round(mean([this, *before[: SETTLED - 1]])))
                words = f"{rule} has made about {about} leads a week {usual_words(was.since)}"
                yield Notice(kind, rule, words, band=held)
            continue
        weeks = max(0, min(WEEKS, (until - begun) // WEEK - 1))
        band = counts(before[:weeks])
        if band is not None and band.side(this) == side:
            when = "in seven days" if side > 0 else f"in the week until {iso(until)}"
            words = (
                f"{rule} made {this} leads {when}; after the {weeks} weeks before,"
                f" {number(band.low)} to {number(band.high)} were to be expected"
            )
            yield Notice(kind, rule, words, band=band)


def _is_left(rule: str, memo: Memo) -> bool:
    """Return whether the rule is known to be out of a band of its firing rate."""
    return any(Notice(kind, rule, "").key in memo.left for kind in RATES.values())


def _is_uneven(made: Sequence[int], now: int) -> bool:
    """Return whether one of the weeks holds more than twice what is usual, and a few."""
    weeks = _weekly(made, now)
    return max(weeks) > 2 * median(weeks) + FLOOD_LEAST


def _weekly(made: Iterable[int], until: int) -> list[int]:
    """Return how many of these moments are in each of the weeks before `until`, the latest first."""
    weeks = [0] * (WEEKS + 1)
    for created in made:
        ago = (until - 1 - created) // WEEK
        if 0 <= ago <= WEEKS:
            weeks[ago] += 1
    return weeks


def _last_week(now: int) -> int:
    """Return when the last whole week ended: a drought is looked for once a week."""
    return now - now % WEEK
