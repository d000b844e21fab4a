"""Why somebody was no lead at a moment of the past: the events once more, for a few accounts alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pql.backtest.course import Course
from pql.backtest.figures.population import root
from pql.backtest.rerun.glimpse import as_of
from pql.backtest.rerun.herd import Tracked
from pql.backtest.rerun.rerun import Rerun
from pql.core.event import Event
from pql.engine.explain import Explainer
from pql.engine.plan import Plan
from pql.rules.pack import Pack


class Question(NamedTuple):
    """Why was `subject` no lead of `rule` at `at` (epoch ms), with all counted that had come by then?"""

    at: int
    subject: str
    rule: str


class Inquiry:
    """A rerun that is asked on its way; it follows those it is asked about, and who was folded into them."""

    def __init__(self, pack: Pack, questions: Iterable[Question], course: Course, *, horizon: int) -> None:
        """Ask about a `course` that the same events took."""
        self._left = sorted({*questions}, reverse=True)
        self._parts: dict[str, list[str]] = {one.subject: [one.subject] for one in self._left}
        for one in course.moved:
            if root(course, one) in self._parts:
                self._parts[root(course, one)].append(one)
        mine = {part for parts in self._parts.values() for part in parts}
        self._rerun = Rerun(pack, horizon=horizon, mine=mine.__contains__)
        self._explainers: dict[int, Explainer] = {}
        self._answers: dict[Question, str] = {}

    @property
    def is_done(self) -> bool:
        """Return whether everything is answered."""
        return not self._left

    def take(self, event: Event) -> None:
        """Answer what is asked of the time before an event, and count it."""
        while self._left and self._left[-1].at < event.received:
            self._answer(self._left.pop())
        if self._left:
            self._rerun.take(event)

    def finish(self) -> dict[Question, str]:
        """Answer the rest, and return what was found: what was missing, or what held the lead back."""
        while self._left:
            self._answer(self._left.pop())
        return self._answers

    def _answer(self, asked: Question) -> None:
        known = [self._rerun.herd.all.get(part) for part in self._parts[asked.subject]]
        one = next((one for one in known if one is not None and _is_counted(one)), None)
        if one is None:
            return
        account = as_of(one.plan, self._rerun.herd.account(one), asked.at)
        told = self._explainer(one.plan).explain(account, asked.at, rules=[asked.rule]).rules[0]
        if told.wants:
            self._answers[asked] = f"it needs {', and '.join(want.words for want in told.wants)}"
        elif told.reasons:
            self._answers[asked] = ", ".join(told.reasons)

    def _explainer(self, plan: Plan) -> Explainer:
        if id(plan) not in self._explainers:
            self._explainers[id(plan)] = Explainer(plan)
        return self._explainers[id(plan)]


def _is_counted(one: Tracked) -> bool:
    return one.account is not None or bool(one.state)
