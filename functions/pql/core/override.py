"""An override: a rule that stands in shadow although its file says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from pql.core.clean_text import cleaned
from pql.core.plain_words import iso


class Override(msgspec.Struct, frozen=True, omit_defaults=True):
    """Since `at`, and until `until` (epoch ms) if that is given, leads of a rule are made and not announced.

    `reason` says why, `by` who or what said so.
    """

    at: int
    by: str
    reason: str = ""
    until: int | None = None

    def holds(self, now: int) -> bool:
        """Return whether it is not over at `now` (epoch ms)."""
        return self.until is None or now < self.until

    @property
    def words(self) -> str:
        """Return since and until when a rule is in shadow by it, who put it there, and why."""
        until = "" if self.until is None else f" until {iso(self.until)}"
        return f"in shadow since {iso(self.at)}{until}, {self.whose}"

    @property
    def whose(self) -> str:
        """Return by whom, and why."""
        reason = f": {cleaned(self.reason)}" if self.reason else ""
        return f"by {cleaned(self.by)}{reason}"


class Overrides(msgspec.Struct, frozen=True):
    """All overrides, by rule; version 0 are those of a table that never had any."""

    version: int = 0
    rules: Mapping[str, Override] = {}

    def holding(self, now: int) -> frozenset[str]:
        """Return the rules that are in shadow by it at `now` (epoch ms)."""
        return frozenset(rule for rule, one in self.rules.items() if one.holds(now))

    def having(self, rule: str, override: Override, now: int) -> Overrides:
        """Return these with one more, without those that are over."""
        kept = {name: one for name, one in self.rules.items() if one.holds(now)}
        return msgspec.structs.replace(self, rules={**kept, rule: override})

    def without(self, rules: Iterable[str]) -> Overrides:
        """Return these without those of some rules."""
        gone = frozenset(rules)
        return msgspec.structs.replace(
            self, rules={name: one for name, one in self.rules.items() if name not in gone}
        )
