"""What must not hold for a rule to make a lead: its own `unless`, and the `suppress` of any file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pql.engine.demand import holds
from pql.engine.words import Words
from pql.rules.conditions import Condition
from pql.rules.rule import Rule


class Bar(NamedTuple):
    """One condition that keeps a rule from firing while it holds, with the names of its own file."""

    field: Literal["unless", "suppress"]
    condition: Condition
    words: Words

    @property
    def holds(self) -> bool:
        """Return whether it keeps the rule from firing."""
        return holds(self.condition, self.words)


def bars(rule: Rule, words: Words) -> Iterator[Bar]:
    """Yield what bars a rule; `words` are by the names of its file."""
    if rule.unless is not None:
        yield Bar("unless", rule.unless, words)
    for _, file, conditions in words.scope.book.suppressing:
        for one in conditions:
            yield Bar("suppress", one, words.of(file))


def is_barred(rule: Rule, words: Words) -> bool:
    """Return whether something keeps a rule from firing, whatever else holds."""
    return any(one.holds for one in bars(rule, words))
