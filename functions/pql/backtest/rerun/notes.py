"""What a rerun notes of its subjects: leads and those held back, cooldowns, and how high scores stood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pql.backtest.course import Course, Peak, Qualified
from pql.backtest.rerun.herd import Tracked
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.judge import Fired
from pql.engine.lead import main_score
from pql.engine.slots import RuleSlot
from pql.rules.rule import TierByScore


class Notes:
    """What is written into a course while its events are counted."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def fired(
        self, one: Tracked, account: Account, fired: Sequence[Fired], event: Event | None, waited: int
    ) -> None:
        """Note what has just come of an event, or of time alone."""
        for each in fired:
            one.fired |= each.rule.bit
            score = main_score(each.rule.rule)
            self._course.qualified.append(
                Qualified(
                    each.rule.name,
                    one.key,
                    each.cycle,
                    each.at,
                    None if each.event is None else each.event.id,
                    _tier(each.rule, account),
                    score,
                    None if score is None else account.score(each.rule.scope.score_places[score]),
                )
            )
        if account.suppressed:
            self._suppressed(one, account, event)
        if account.waiting & ~waited:
            self._cooled(one, account, account.waiting & ~waited)

    def peaks(self, one: Tracked, account: Account) -> None:
        """Note the scores that have never been so high, until the subject or who is part of it converts."""
        values, best = account.values, one.best
        for index, place in one.places:
            value: Any = values[place]
            if value > best[index]:
                record = one.record
                if record is None or account.clock >= one.converted:
                    return
                best[index] = value
                record.peaks[one.plan.scores[index].name] = Peak(float(value), account.clock)

    def converted(self, one: Tracked, at: int) -> None:
        """Note when (epoch ms) a subject converted; how high its scores stood after that does not count.

        How high they had stood before is not known any more where they rose after it and before this.
        """
        one.converted = at
        if one.record is not None:
            one.record.peaks = {name: peak for name, peak in one.record.peaks.items() if peak.at < at}

    def _suppressed(self, one: Tracked, account: Account, event: Event | None) -> None:
        by_name = {slot.name: slot for slot in one.plan.rules}
        for name in account.suppressed:
            slot = by_name[name]
            standing = account.standings.get(slot.place)
            self._course.qualified.append(
                Qualified(
                    name,
                    one.key,
                    standing.cycle if standing else 0,
                    account.clock,
                    None if event is None else event.id,
                    suppressed=True,
                )
            )
        account.suppressed = []

    def _cooled(self, one: Tracked, account: Account, began: int) -> None:
        """Count the rules, of those with these bits, that hold again and wait for their cooldown."""
        for slot in one.plan.rules:
            standing = account.standings.get(slot.place) if began & slot.bit else None
            if standing is None or not standing.cycle or not standing.armed:
                continue
            if account.clock - standing.fired < slot.rule.cooldown_ms:
                self._course.cooled[slot.name] = self._course.cooled.get(slot.name, 0) + 1


def order(one: Qualified) -> tuple[int, str, str, int]:
    """Return what leads are sorted by: when, whose, by which rule, and for the how-manieth time."""
    return one.at, one.subject, one.rule, one.cycle


def _tier(slot: RuleSlot, account: Account) -> str:
    tier = slot.rule.tier
    if isinstance(tier, TierByScore):
        return tier.of(account.score(slot.scope.score_places[tier.score]))
    return tier
