"""Steps: events that signals tell apart by where they stand among others."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pql.rules.element import Element
from pql.rules.names import folded
from pql.rules.signals.cell import Cell
from pql.rules.signals.signal import ANY, Name, NameList, Names
from pql.rules.where import Where, where_source, where_words


class Step(Element):
    """Take a step of a sequence with any of its events; a name or a list of names is short for it.

    ```yaml
    {event: Feature Used, where: {feature: export}}
    ```
    """

    event: Names
    where: Where = Field(default_factory=dict)

    def source(self, cell: Cell) -> str:
        """Return whether an event is this step, as an expression; `s` is its folded name."""
        tests = []
        if ANY not in self.event:
            tests.append(f"s in {cell.constant(frozenset(map(folded, self.event)))}")
        if self.where:
            tests.append(where_source(self.where, cell))
        return " and ".join(tests) or "True"

    @property
    def words(self) -> str:
        """Return the step in plain words."""
        events = "any event" if ANY in self.event else " or ".join(self.event)
        return f"{events}{where_words(self.where)}"


def in_turn(steps: Iterable[Step]) -> str:
    """Return steps in plain words, one after the other; the same again and again is told once."""
    runs = [(words, len([*same])) for words, same in groupby(step.words for step in steps)]
    return " then ".join(words if often == 1 else f"{words} {often} times" for words, often in runs)


def _spelled_out(value: Any) -> Any:
    """`Cart Viewed` is short for `{event: Cart Viewed}`."""
    return {"event": value} if isinstance(value, (str, list)) else value


AnyStep = Annotated[Step, BeforeValidator(_spelled_out, json_schema_input_type=Name | NameList | Step)]
