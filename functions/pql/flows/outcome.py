"""What became of a batch: what to count, what went wrong, and what must come again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pql.core.errors import Conflict, OutOfTime, PqlError


@dataclass
class Outcome:
    """The result of a flow over many items.

    `counts` are by metric name. `faults` are (item, error) pairs for the log; an error never holds
    what was in the item. `failed` are the items that must be handed out again. `stopped` is the
    error after which nothing more was tried. `large` are accounts that have outgrown what is cheap to
    write, as logs may name them.
    """

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, PqlError]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stopped: PqlError | None = None
    large: list[str] = field(default_factory=list)

    def partial(self) -> dict[str, list[dict[str, str]]]:
        """Return the partial batch response that Lambda understands."""
        return {"batchItemFailures": [{"itemIdentifier": item} for item in self.failed]}


def is_contended(error: PqlError) -> bool:
    """Return whether something was given up because others were first again and again."""
    return isinstance(error, Conflict) and not isinstance(error, OutOfTime)
