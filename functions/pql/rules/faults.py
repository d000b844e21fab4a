"""What is wrong with rule files: every fault at once, each with its place and the nearest legal word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pql.core.errors import RuleFault


class Fault(NamedTuple):
    """One fault: where it is and what was expected there.

    Line and column count from 1; both are 0 of a directory, which has none.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """Return `file:line:column: message`, which editors turn into a link."""
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.message}"


class RulesRejected(RuleFault):
    """Rule files that do not load; `faults` holds all of them, in file order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))
