"""Watch: is a rule blind, does it fire as often as it did, do its leads convert as they did?

It remembers what it has said and says it once; what it sees it works out anew from what is there anyway: the
index of the leads, and the hours in which events have arrived (`pql.flows.witness`). A rule that is guarded
is put into shadow when it begins to fire far above its band, or to convert far below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pql.core.override import Override, Overrides
from pql.engine.plan import Plan
from pql.flows.blindness import blind, needed
from pql.flows.conversion_rate import begin_anew, conversions, ripen
from pql.flows.firing_rate import RATES, SETTLED, WEEK, rates
from pql.flows.memo import Left, Memo
from pql.flows.notice import Kind, Notice, letter
from pql.flows.outcome import Outcome
from pql.flows.overrides import OverrideItem, change
from pql.flows.ports import Topic
from pql.flows.watched import Watched

LOUD: frozenset[Kind] = frozenset(("flood", "precision"))
EVERY = "*"


class Watch:
    """Watches the rules of a plan. `guarded` names those to be put into shadow, `*` all of them."""

    def __init__(
        self, watched: Watched, overrides: OverrideItem, topic: Topic, plan: Plan, guarded: Collection[str]
    ) -> None:
        self._watched = watched
        self._overrides = overrides
        self._topic = topic
        self._guarded = frozenset(guarded)
        self._rules = [(slot, sorted(needed(one, slot))) for one in plan.every for slot in one.rules]
        self._slots = [slot for slot, _ in self._rules]

    def run(self, now: int, *, converts: bool) -> Outcome:
        """Look, tell what is new, and remember it; `now` in epoch ms.

        `converts` says that conversions are known. Raises `Unavailable` and `Conflict`: the next run does it
        all again, and what was told is told again then.
        """
        memo = self._watched.memo()
        asked = self._asked(memo, converts=converts)
        memo.left = {key: left for key, left in memo.left.items() if key in asked}
        notices = [
            *blind(self._rules, self._watched, memo, now),
            *rates(self._slots, self._watched, memo, now),
        ]
        if converts:
            ripen(self._watched, memo, now)
            notices += conversions(self._slots, memo)
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
        outcome.counts["RulesBlind"] = len({one.rule for one in notices if one.kind == "blind"})
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

    def _settled(self, memo: Memo, notices: Iterable[Notice], now: int) -> tuple[list[Notice], list[Notice]]:
        """Begin anew with what has lasted; return the other notices, and those."""
        rest, usual = [], []
        slots = {slot.name: slot for slot in self._slots}
        for one in notices:
            left = memo.left.get(one.key)
            if left is None or now - left.since < SETTLED * WEEK:
                rest.append(one)
                continue
            usual.append(one)
            if one.kind in RATES.values():
                memo.known[one.rule] = slots[one.rule].checksum, left.since
            else:
                begin_anew(memo, slots[one.rule], left.since)
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
            for slot in self._slots
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
