"""What became of a batch: what to count, what went wrong, and what must come again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb

from pql.core.errors import Conflict, OutOfTime, PqlError

# Of an error that nobody has thought of, in the log.
FRAMES = 6


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


def unforeseen(error: Exception) -> PqlError:
    """Return an error as a log may say it: of one that nobody has thought of, where it was and no content."""
    if isinstance(error, PqlError):
        return error
    frames = extract_tb(error.__traceback__)[-FRAMES:]
    where = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(frames))
    return PqlError(f"{type(error).__name__} in {where}")
