"""How many of the leads that a rule makes convert, week by week, and the band that this is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pql.backtest.drift.band import COHORT_LEAST, Band, shares
from pql.core.window import DAY
from pql.engine.slots import RuleSlot
from pql.flows.firing_rate import WEEK
from pql.flows.legible import legible
from pql.flows.memo import Cohort, Memo
from pql.flows.notice import Kind, Notice, usual_words
from pql.flows.watched import Watched

# How long a lead has to convert before its week is judged, and how many weeks are compared.
RIPE = 28 * DAY
COHORTS = 12
SHARES: Mapping[int, Kind] = {1: "better", -1: "precision"}


def ripen(watched: Watched, memo: Memo, now: int) -> None:
    """Look at the leads of the weeks that are ripe by now and were not yet."""
    last = (now - RIPE) // WEEK
    first = max(memo.ripened, last - COHORTS)
    if first >= last:
        return
    cohorts: dict[str, dict[int, Cohort]] = defaultdict(dict)
    for key, weeks in memo.cohorts.items():
        if kept := {week: one for week, one in weeks.items() if week >= last - COHORTS}:
            cohorts[key] = kept
    made = watched.made(first * WEEK, last * WEEK)
    for record in legible(watched, (key for _, key in made)):
        lead, at = record.lead, record.standing.converted_at
        if lead.introduced:
            continue
        cohort = cohorts[_meaning(lead.rule, lead.checksum)].setdefault(lead.created // WEEK, Cohort())
        cohort.made += 1
        cohort.converted += at is not None and 0 <= at - lead.created <= RIPE
    memo.cohorts, memo.ripened = dict(cohorts), last


def conversions(slots: Iterable[RuleSlot], memo: Memo) -> Iterator[Notice]:
    """Yield the rules of whose leads many more or fewer convert than of those before."""
    for slot in slots:
        weeks = memo.cohorts.get(_meaning(slot.name, slot.checksum), {})
        # The newest weeks that hold enough leads to say anything, against all before.
        made = converted = 0
        rest = sorted(weeks, reverse=True)
        while rest and made < COHORT_LEAST:
            one = weeks[rest.pop(0)]
            made, converted = made + one.made, converted + one.converted
        of, hits = sum(weeks[one].made for one in rest), sum(weeks[one].converted for one in rest)
        band = shares(hits, of, COHORT_LEAST, made)
        for side, kind in SHARES.items():
            left = memo.left.get(Notice(kind, slot.name, "").key)
            if left is not None:
                held = Band(left.low, left.high)
                if made < COHORT_LEAST or held.side(converted / made):
                    now_words = f"{slot.name}: {converted} of {made} leads converted, and as"
                    now_words += f" {'many' if side > 0 else 'few'} {usual_words(left.since)}"
                    yield Notice(kind, slot.name, now_words, band=held)
            elif band is not None and band.side(converted / made) == side:
                words = (
                    f"{slot.name}: {converted} of {made} leads converted within {RIPE // DAY} days;"
                    f" of those before, {hits} of {of} did"
                )
                yield Notice(kind, slot.name, words, band=band)


def begin_anew(memo: Memo, slot: RuleSlot, since: int) -> None:
    """Forget the weeks of a rule whose leads were judged before `since` (epoch ms)."""
    first = (since - RIPE) // WEEK - 1
    weeks = memo.cohorts.get(_meaning(slot.name, slot.checksum), {})
    for week in [week for week in weeks if week < first]:
        del weeks[week]


def _meaning(rule: str, checksum: str) -> str:
    """Return what cohorts of a rule that means this are kept under."""
    return f"{rule} {checksum}"
