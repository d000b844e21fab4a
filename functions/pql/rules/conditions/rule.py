"""`rule`: how an account stands with another rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from pql.core.window import duration
from pql.rules.conditions.condition import Condition, Scope
from pql.rules.durations import Duration
from pql.rules.named import Named
from pql.rules.windows import within_words


class RuleCondition(Condition):
    """Look at another rule, of whatever file: its condition holds, or it made a lead not long ago.

    `{rule: activated}` asks whether the rule's `when` holds now. With `fired_within` it is the time
    since the account's last lead by that rule that counts.

    ```yaml
    {rule: activated, fired_within: 90d}
    ```
    """

    kind: Literal["rule"] = Field(default="rule", exclude=True)
    rule: str
    fired_within: Duration | None = None

    @property
    def words(self) -> str:
        """Return what it asks, in plain words."""
        if self.fired_within is None:
            return f"rule {self.rule} holds"
        return f"lead by {self.rule}{within_words(self.fired_within)}"

    @property
    def within_ms(self) -> int:
        """Return `fired_within` in milliseconds, 0 where there is none."""
        return 0 if self.fired_within is None else duration(self.fired_within)

    def source(self, scope: Scope) -> str:
        """Return whether the other rule holds, or has fired lately enough."""
        if self.fired_within is None:
            return scope.holds(self.rule)
        return f"(now - {scope.fired(self.rule)} < {self.within_ms})"

    def wakes(self, scope: Scope) -> Iterator[str]:
        """Yield when the last lead will be too old."""
        if self.fired_within is not None:
            expiry = f"{scope.fired(self.rule)} + {self.within_ms}"
            yield f"({expiry} if {expiry} > now else NEVER)"

    def named(self) -> Iterator[Named]:
        """Yield the other rule, or its leads."""
        yield Named("rule" if self.fired_within is None else "lead", self.rule, "rule")
