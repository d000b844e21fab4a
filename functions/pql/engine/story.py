"""The story of a test that failed: line by line, what the rule looked at and how it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pql.core.keys import readable
from pql.core.lead import Operand
from pql.core.plain_words import measured
from pql.engine.demand import holds
from pql.engine.lacking import lacking
from pql.engine.operands import operands, tested
from pql.engine.plan import Plan
from pql.engine.reasons import keeping
from pql.engine.rehearsal import START, Rehearsed, Scene, play, subject_of
from pql.engine.state import pack, unpack
from pql.engine.step import slide
from pql.engine.words import Words

PASSING = "(time passes)"


class Change(NamedTuple):
    """One operand of the rule that is not what it was: its value, and whether it is met now."""

    words: str
    before: str
    after: str
    test: str
    met: bool


class Chapter(NamedTuple):
    """One line of the timeline, what it changed, and whether the rule fired and was to fire then.

    Where it was to fire and did not, a chapter without a line says in `lacking` what did not hold, or in
    `kept` what kept the rule back though its condition held.
    """

    offset: int
    line: str | None
    changes: list[Change]
    fired: bool
    expected: bool
    lacking: Sequence[str] = ()
    kept: Sequence[str] = ()


class _Eyes:
    """What the rule of a test looks at, as it stands from scene to scene."""

    def __init__(self, plan: Plan, rehearsed: Rehearsed) -> None:
        self._plan = plan
        self._rule = next(slot for slot in plan.rules if slot.name == rehearsed.rule)
        self.account = subject_of(plan, rehearsed.timeline)
        self._stood = self._look(Scene(0, None, (), None))

    def changes(self, scene: Scene) -> list[Change]:
        """Return what is not as it was when this was last asked."""
        before, self._stood = self._stood, self._look(scene)
        changes = [
            Change(
                one.words, measured(old.value, one.unit), measured(one.value, one.unit), tested(one), one.met
            )
            for old, one in zip(before, self._stood, strict=True)
            if (old.value, old.met) != (one.value, one.met)
        ]
        return [*dict.fromkeys(changes)]  # what stands in several conditions is told once

    def lacking(self) -> list[str]:
        """Return what did not hold when this was last asked, in words; nothing if the condition held."""
        unmet = lacking(self._rule.rule.when, self._words)
        told = (f"{one.words}: {measured(one.value, one.unit)} ({tested(one)})" for one in unmet)
        return [*dict.fromkeys(told)]

    def kept(self) -> list[str]:
        """Return what kept the rule back when this was last asked though its condition held, in words."""
        if not self._met:
            return []
        standing = self.account.standings.get(self._rule.place)
        return [*keeping(self._rule.rule, standing, self._words, met=True)]

    def fires(self, scene: Scene) -> bool:
        """Return whether the rule fired in this scene."""
        return any(one.rule.place == self._rule.place for one in scene.fired)

    def _look(self, scene: Scene) -> list[Operand]:
        """Return what the condition and what bars it look at, as many operands each time."""
        # A copy may be slid to any moment; the account itself moves by events and wakes alone.
        account = unpack(self._plan, self.account.subject, pack(self._plan, self.account))
        now = max(account.clock, START + scene.offset)
        slide(self._plan, account, now)
        account.clock = now
        self._words = Words(account, self._rule.scope, readable(account.subject), now)
        self._met = holds(self._rule.rule.when, self._words)
        rule = self._rule.rule
        bars = () if rule.unless is None else operands(rule.unless, self._words, turned=True)
        return [*operands(rule.when, self._words), *bars]


def story(plan: Plan, rehearsed: Rehearsed) -> Iterator[Chapter]:
    """Yield the story of a test, line by line in the order of time."""
    plan = plan.judging(rehearsed.rule)
    eyes = _Eyes(plan, rehearsed)
    for scene in play(plan, eyes.account, rehearsed.timeline):
        fired, changes = eyes.fires(scene), eyes.changes(scene)
        expected = scene.offset in rehearsed.expected
        if scene.line is not None or scene.fired:
            yield Chapter(scene.offset, _line(rehearsed, scene), changes, fired, expected)
        elif scene.offset not in rehearsed.fired:
            yield Chapter(scene.offset, None, changes, fired, expected, eyes.lacking(), eyes.kept())


def _line(rehearsed: Rehearsed, scene: Scene) -> str:
    """Return a line as it is written, without its moment."""
    if scene.line is None:
        return PASSING
    line = rehearsed.timeline.timeline[scene.line]
    text, properties = (line, None) if isinstance(line, str) else next(iter(line.items()))
    words = text.partition(" ")[2]
    return words if properties is None else f"{words}: {_braces(properties)}"


def _braces(properties: dict[str, Any]) -> str:
    inner = (f"{key}: {one if isinstance(one, str) else json.dumps(one)}" for key, one in properties.items())
    return f"{{{', '.join(inner)}}}"
