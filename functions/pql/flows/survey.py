"""What the introduction of rules finds among the accounts there are; kept while it is under way."""

from __future__ import annotations

from typing import Literal

import msgspec

# Beyond those to be announced: some may have ceased to hold when their turn comes.
SPARE = 100


class Match(msgspec.Struct, frozen=True):
    """An account that a rule holds for: by which it is ranked, and whether it has become a lead.

    `score` is the rule's main one, `seen` when somebody was last active in it (epoch ms).
    """

    subject: str
    score: float | None
    seen: int
    outcome: Literal["silent", "lead", "was_lead"] = "silent"

    @property
    def rank(self) -> tuple[float, int, str]:
        """Return what sorts the best first: by score, then by the newest event."""
        return -(self.score or 0.0), -self.seen, self.subject


class Survey(msgspec.Struct):
    """What one rule finds.

    `leads` counts accounts that were leads before, `introduced_before` those of them that were made here,
    and `introduced` adds to these what has been made now. `ranked` are the best of so many `matches`;
    `left` says why an account was left as it is, by subject.
    """

    matches: int = 0
    barred: int = 0
    leads: int = 0
    introduced: int = 0
    introduced_before: int = 0
    ranked: list[Match] = []
    left: dict[str, str] = {}

    def rank(self, keep: int) -> None:
        """Put the best first and forget whom nobody will ask for."""
        self.ranked = sorted(self.ranked, key=lambda one: one.rank)[:keep]


class Tally(msgspec.Struct):
    """Accounts that were read, and of those: `settled` and `woken` ones, or that would be.

    `due` counts by rule those whom a rule that is not introduced makes a lead by what time has done,
    `counted` holds the fingerprints of the signals that some account remembers anything of.
    """

    accounts: int = 0
    settled: int = 0
    woken: int = 0
    due: dict[str, int] = {}
    counted: set[int] = set()


def bound(baseline: str) -> int | None:
    """Return how many leads a rule's baseline wants of accounts that hold already, None for all."""
    return None if baseline == "none" else int(baseline.partition(" ")[2] or 0)
