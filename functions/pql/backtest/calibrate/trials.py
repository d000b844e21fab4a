"""Trials of thresholds: the file with each, the events run again by it, and the leads that this brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pql.backtest.calibrate.edits import Edit, edited
from pql.backtest.calibrate.thresholds import Bound
from pql.backtest.course import Course
from pql.backtest.figures.population import about, populations
from pql.backtest.figures.weeks import per_week
from pql.rules.load import parse
from pql.rules.pack import Pack

Again = Callable[[Pack], Course]


class Trials:
    """The file with one threshold or another for the rule aimed at, and what each makes of the events."""

    def __init__(
        self, texts: Mapping[str, str], name: str, middle: Course, again: Again, edits: Sequence[Edit] = ()
    ) -> None:
        self._texts, self._name, self._again = texts, name, again
        self._weighed = edited(name, texts[name], edits)
        self._middle = self._kept = (self._weighed, middle)

    def text(self, numbers: Mapping[Bound, float]) -> str:
        """Return the file."""
        return edited(self._name, self._weighed, held_to(numbers))

    def course(self, numbers: Mapping[Bound, float]) -> Course:
        """Return the course, by a rerun, which takes its time, unless it is known already."""
        text = self.text(numbers)
        for known, course in (self._middle, self._kept):
            if text == known:
                return course
        return self._again(parse({**self._texts, self._name: text}))

    def weekly(self, numbers: Mapping[Bound, float], rule: str, wanted: float) -> float | None:
        """Return the leads a week; of the courses with no more than are wanted the last is kept.

        A search goes on below it, and ends with it. All of them might not fit into memory.
        """
        course = self.course(numbers)
        found = leads_a_week(course, rule)
        if found is not None and found <= wanted:
            self._kept = (self.text(numbers), course)
        return found


def leads_a_week(course: Course, rule: str) -> float | None:
    """Return how many leads of a rule everybody has in a week, as a backtest counts them; None of no week."""
    everybody = populations(course).get(about(course).get(rule, "accounts"))
    leading = [] if everybody is None else everybody.by_rule.get(rule, [])
    leads = sum(lead.rule == rule for one in leading for lead in one.leads)
    return per_week(leads, course.first, course.last)


def held_to(numbers: Mapping[Bound, float]) -> list[Edit]:
    """Return the edits that give each bound its number."""
    return [Edit(one.path, number) for one, number in numbers.items()]
