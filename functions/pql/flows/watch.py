"""Watch: is a rule blind, does it fire as often as it did, do its leads convert as they did?

It remembers what it has said and says it once; what it sees it works out anew from what is there anyway: the
index of the leads, and the hours in which events have arrived (`pql.flows.witness`). A rule that is guarded
is put into shadow when it begins to fire far above its band, or to convert far below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from pql.backtest.drift.band import COHORT_LEAST, Band, shares
from pql.backtest.drift.silence import Silence, silence
from pql.backtest.past.hindsight import chosen
from pql.core.keys import LeadKey
from pql.core.override import Override, Overrides
from pql.core.plain_words import iso
from pql.core.window import DAY, HOUR
from pql.engine.plan import Plan
from pql.engine.slots import RuleSlot
from pql.flows.firing_rate import RATES, SETTLED, WEEK, WEEKS, is_left, is_uneven, last_week, out
from pql.flows.legible import Records, legible
from pql.flows.memo import Cohort, Left, Memo
from pql.flows.notice import Kind, Notice, event_words, hours_words, letter, usual_words
from pql.flows.outcome import Outcome
from pql.flows.overrides import OverrideItem, change
from pql.flows.ports import Topic
from pql.flows.witness import learns, needs

# How far back is known when events arrived: of one a week, eight weeks say little.
SEEN_WEEKS = 39
# How long a lead has to convert before its week is judged, and how many weeks are compared.
RIPE = 28 * DAY
COHORTS = 12
SHARES: Mapping[int, Kind] = {1: "better", -1: "precision"}
LOUD: frozenset[Kind] = frozenset(("flood", "precision"))
EVERY = "*"


class Watched(Records, Protocol):
    """What the watch reads and writes; all of it raises `Unavailable`."""

    def made(self, first: int, last: int) -> Iterator[tuple[int, LeadKey]]:
        """Yield the leads made from `first` until before `last`, epoch ms, in no order."""

    def hours(self, first: int) -> Mapping[str, Collection[int]]:
        """Return the hours (of the epoch) since `first` (epoch ms) in which each event arrived."""

    def memo(self) -> Memo:
        """Return what is remembered."""

    def remember(self, memo: Memo) -> None:
        """Write it."""


class Watch:
    """Watches the rules of a plan. `guarded` names those to be put into shadow, `*` all of them."""

    def __init__(
        self, watched: Watched, overrides: OverrideItem, topic: Topic, plan: Plan, guarded: Collection[str]
    ) -> None:
        self._watched = watched
        self._overrides = overrides
        self._topic = topic
        self._guarded = frozenset(guarded)
        self._rules = [(slot, sorted(_needed(one, slot))) for one in plan.every for slot in one.rules]

    def run(self, now: int, *, converts: bool) -> Outcome:
        """Look, tell what is new, and remember it; `now` in epoch ms.

        `converts` says that conversions are known. Raises `Unavailable` and `Conflict`: the next run does it
        all again, and what was told is told again then.
        """
        memo = self._watched.memo()
        asked = self._asked(memo, converts=converts)
        memo.left = {key: left for key, left in memo.left.items() if key in asked}
        notices = [*self._blind(memo, now), *self._rates(memo, now)]
        if converts:
            self._ripen(memo, now)
            notices += self._shares(memo)
        new = [one for one in notices if one.key not in memo.said]
        over = sorted(asked & memo.said.keys() - {one.key for one in notices})
        notices, usual = self._settled(memo, notices, now)
        shadowed = self._shadow([one for one in new if one.kind in LOUD], now)
        if new or over or usual:
            self._topic.publish("\n".join(letter(new, over, usual, shadowed)), {})
        memo.said = {one.key: memo.said.get(one.key, now) for one in notices}
        memo.left = {
            one.key: memo.left.get(one.key, Left(*one.band, now)) for one in notices if one.band is not None
        }
        self._watched.remember(memo)
        outcome = Outcome()
        blind = {one.rule for one in notices if one.kind == "blind"}
        outcome.counts["RulesBlind"] = len(blind)
        outcome.counts["RulesOutOfBand"] = len({one.rule for one in notices if one.kind != "blind"})
        outcome.counts["RulesShadowed"] = list(shadowed.values()).count(None)
        return outcome

    def _asked(self, memo: Memo, *, converts: bool) -> set[str]:
        """Return the keys of whatever may be noticed now as it was when it was last looked for.

        What is no longer asked is not over: of a rule that is gone or means something else by now, of an
        event that it needs no more, of leads that nobody knows to convert.
        """
        kinds: list[Kind] = ["flood", "drought", *(("precision", "better") if converts else ())]
        asked = set()
        for slot, events in self._rules:
            known = memo.known.get(slot.name)
            if known and known[0] == slot.checksum:
                asked |= {Notice(kind, slot.name, "").key for kind in kinds}
            asked |= {Notice("blind", slot.name, "", event).key for event in events}
        return asked

    # ── what it sees ───────────────────────────────────────────────────────────────────────────

    def _blind(self, memo: Memo, now: int) -> Iterator[Notice]:
        """Yield the events that rules need and that have stopped arriving, until they come again."""
        here, first = now // HOUR, now - SEEN_WEEKS * WEEK
        hours = self._watched.hours(first)
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
        wanted = {event for _, events in self._rules for event in events}
        memo.silent = {event: (*found,) for event, found in silent.items() if event in wanted}
        for slot, events in self._rules:
            for event in events:
                found = silent.get(event)
                if found:
                    words = (
                        f"{slot.name} is blind: no {event_words(event)} since {iso(found.since * HOUR)}, for"
                        f" {hours_words(here - found.since)}; usually one comes within"
                        f" {hours_words(found.usual)}"
                    )
                    yield Notice("blind", slot.name, words, event)

    def _rates(self, memo: Memo, now: int) -> Iterator[Notice]:
        """Yield the rules that made many more leads in seven days than before, or many fewer in a week."""
        leads: dict[str, list[tuple[int, LeadKey]]] = defaultdict(list)
        for created, key in self._watched.made(last_week(now) - (WEEKS + 1) * WEEK, now):
            leads[key.rule].append((created, key))
        is_first = not memo.known
        known = {}
        for slot, _ in self._rules:
            made = [created for created, _ in leads[slot.name]]
            held = memo.known.get(slot.name)
            since = min(made, default=now) if is_first else now
            known[slot.name] = held if held and held[0] == slot.checksum else (slot.checksum, since)
            begun = known[slot.name][1]
            found = [*out(slot.name, made, begun, now, memo.left)]
            if found or is_left(slot.name, memo) or is_uneven(made, now):
                # Leads of an introduction came all at once. The index does not tell which; to look costs.
                keys = (key for _, key in leads[slot.name])
                made = [one.lead.created for one in legible(self._watched, keys) if not one.lead.introduced]
                found = [*out(slot.name, made, begun, now, memo.left)]
            yield from found
        memo.known = known

    def _ripen(self, memo: Memo, now: int) -> None:
        """Look at the leads of the weeks that are ripe by now and were not yet."""
        last = (now - RIPE) // WEEK
        first = max(memo.ripened, last - COHORTS)
        if first >= last:
            return
        cohorts: dict[str, dict[int, Cohort]] = defaultdict(dict)
        for key, weeks in memo.cohorts.items():
            if kept := {week: one for week, one in weeks.items() if week >= last - COHORTS}:
                cohorts[key] = kept
        made = self._watched.made(first * WEEK, last * WEEK)
        for record in legible(self._watched, (key for _, key in made)):
            lead, at = record.lead, record.standing.converted_at
            if lead.introduced:
                continue
            cohort = cohorts[_meaning(lead.rule, lead.checksum)].setdefault(lead.created // WEEK, Cohort())
            cohort.made += 1
            cohort.converted += at is not None and 0 <= at - lead.created <= RIPE
        memo.cohorts, memo.ripened = dict(cohorts), last

    def _shares(self, memo: Memo) -> Iterator[Notice]:
        """Yield the rules of whose leads many more or fewer convert than of those before."""
        for slot, _ in self._rules:
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

    # ── what it does ───────────────────────────────────────────────────────────────────────────

    def _settled(self, memo: Memo, notices: Iterable[Notice], now: int) -> tuple[list[Notice], list[Notice]]:
        """Begin anew with what has lasted; return the other notices, and those."""
        rest, usual = [], []
        checksums = {slot.name: slot.checksum for slot, _ in self._rules}
        for one in notices:
            left = memo.left.get(one.key)
            if left is None or now - left.since < SETTLED * WEEK:
                rest.append(one)
                continue
            usual.append(one)
            if one.kind in RATES.values():
                memo.known[one.rule] = checksums[one.rule], left.since
            else:
                first = (left.since - RIPE) // WEEK - 1
                weeks = memo.cohorts.get(_meaning(one.rule, checksums[one.rule]), {})
                for week in [week for week in weeks if week < first]:
                    del weeks[week]
        return rest, usual

    def _shadow(self, notices: Iterable[Notice], now: int) -> dict[str, str | None]:
        """Put the guarded of these rules into shadow; return them, with how those stood that were there."""
        wanted = {
            one.rule: Override(now, "watch", one.words)
            for one in notices
            if one.rule in self._guarded or EVERY in self._guarded
        }
        before: dict[str, str | None] = {
            slot.name: "in shadow by its file"
            for slot, _ in self._rules
            if slot.name in wanted and slot.rule.status == "shadow"
        }
        mine = sorted(wanted.keys() - before)

        def edit(held: Overrides) -> Overrides:
            holding = held.holding(now)
            for rule in mine:
                # Where the answer to a first try was lost, it was put there just now.
                was = held.rules[rule] if rule in holding and held.rules[rule] != wanted[rule] else None
                before[rule] = was.words if was else None
                if rule not in holding:
                    held = held.having(rule, wanted[rule], now)
            return held

        if mine:
            change(self._overrides, edit)
        return before


def _meaning(rule: str, checksum: str) -> str:
    """Return what cohorts of a rule that means this are kept under."""
    return f"{rule} {checksum}"


def _needed(plan: Plan, slot: RuleSlot) -> set[str]:
    """Return the events that the signals listen to which a rule looks at, and the calls that tell traits."""
    places = chosen(plan, {slot.name}, ()).places
    events = {event for one in plan.signals if one.place in places for event in needs(one)}
    return events | {*learns(plan, slot)}
