"""The life of a lead: who took it up, and how it ended.

```
open ──▶ claimed ──▶ snoozed ──▶ open …
  └────────┴───────────┴───────▶ dismissed | converted | expired
```

A closed lead stays closed. What somebody has claimed is theirs: nobody else changes it. A snoozed lead
belongs to nobody, and anybody may take it up before its time. Every change is a pure function of how
the lead stands, so that who lost a race can look again and decide anew.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from pql.core.window import DAY

EXPIRES: Final = 90 * DAY
State = Literal["open", "claimed", "snoozed", "dismissed", "converted", "expired"]
STATES: Final[tuple[State, ...]] = get_args(State)
CLOSED: Final[frozenset[State]] = frozenset({"dismissed", "converted", "expired"})


class Life(msgspec.Struct, frozen=True):
    """How a lead stands: what a person, or the account itself, has made of it.

    `owner` is who claimed, snoozed or dismissed it, `until` when a snoozed one is open again, `changed`
    when it came to this; times are epoch ms. `converted_at` and `conversion_event` are time and id of
    the event that converted it. `answered` is when somebody first took it up, put it off or dismissed it,
    whatever came after. `expired` is never stored: whoever reads a lead finds it so.
    """

    state: State = "open"
    owner: str | None = None
    until: int | None = None
    reason: str | None = None
    changed: int | None = None
    converted_at: int | None = None
    conversion_event: str | None = None
    answered: int | None = None

    @property
    def is_closed(self) -> bool:
        """Return whether nothing more will be made of the lead."""
        return self.state in CLOSED

    def at(self, now: int, created: int, expires: int) -> Life:
        """Return how a lead that was made at `created` stands at `now`.

        A snooze ends at its time, and what has been open or claimed for `expires` ms is expired.
        """
        seen = self
        if self.state == "snoozed" and self.until is not None and self.until <= now:
            seen = Life(changed=self.until, answered=self.answered)
        since = created if seen.changed is None else seen.changed
        if seen.state in ("open", "claimed") and now - since >= expires:
            return msgspec.structs.replace(seen, state="expired", changed=since + expires)
        return seen

    def claim(self, by: str, now: int) -> Life | None:
        """Return how it stands once `by` has claimed it: the same if they had, none if they cannot."""
        if self.state == "claimed" and self.owner == by:
            return self
        return self._answer("claimed", by, now) if self._is_free_for(by) else None

    def snooze(self, by: str, until: int, now: int) -> Life | None:
        """Return how it stands once `by` has put it off until then, as `claim` does."""
        if self.state == "snoozed" and (self.owner, self.until) == (by, until):
            return self
        return self._answer("snoozed", by, now, until=until) if self._is_free_for(by) else None

    def dismiss(self, by: str, reason: str | None, now: int) -> Life | None:
        """Return how it stands once `by` has dismissed it, as `claim` does.

        A reason may be given afterwards. The first one stays, and another one is refused.
        """
        if self.state == "dismissed" and self.owner == by:
            if reason is None or reason == self.reason:
                return self
            return msgspec.structs.replace(self, reason=reason) if self.reason is None else None
        return self._answer("dismissed", by, now, reason=reason) if self._is_free_for(by) else None

    def convert(self, at: int, event: str, now: int) -> Life | None:
        """Return how it stands once the account has converted by `event`, as `claim` does.

        The earliest conversion counts, in whatever order they are told.
        """
        if self.state == "converted":
            earliest = (self.converted_at or 0, self.conversion_event or "")
            if earliest <= (at, event):
                return self
        elif self.is_closed:
            return None
        return Life(
            "converted",
            self.owner,
            changed=now,
            converted_at=at,
            conversion_event=event,
            answered=self.answered,
        )

    def _answer(
        self, state: State, by: str, now: int, *, until: int | None = None, reason: str | None = None
    ) -> Life:
        answered = now if self.answered is None else self.answered
        return Life(state, by, until, reason, now, answered=answered)

    def _is_free_for(self, by: str) -> bool:
        return not self.is_closed and (self.state != "claimed" or self.owner == by)
