"""Overrides: rules that somebody has put into shadow, looked up now and then by whoever judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pql.core.errors import Conflict, Unavailable
from pql.core.override import Overrides
from pql.engine.plan import Plan
from pql.flows.tries import TRIES

# How old what a container knows may be, in milliseconds: a read unit a minute while events come.
FRESH = 60_000


class OverrideItem(Protocol):
    """The one item that holds all overrides."""

    def overrides(self) -> Overrides:
        """Return them, strongly consistent; raises `Unavailable`."""

    def override(self, overrides: Overrides) -> None:
        """Write them over the version they carry.

        Raises `Conflict` if it is no longer that one or the outcome is unknown, and `Unavailable`.
        """


class Shadowing:
    """Keeps a plan told which of its rules are in shadow by an override."""

    def __init__(self, item: OverrideItem, plan: Plan) -> None:
        self._item = item
        self._plan = plan
        self._held = Overrides()
        self._read_at: int | None = None

    def refresh(self, now: int) -> bool:
        """Look again if it is a minute ago, by `now` (epoch ms); return whether the rules in shadow changed.

        What was known stays known while the table cannot be read. Who knows nothing yet must not judge, for
        leads would be announced that somebody has put into shadow: then this raises `Unavailable`.
        """
        if self._read_at is None or not self._read_at <= now < self._read_at + FRESH:
            try:
                self._held = self._item.overrides()
            except Unavailable:
                if self._read_at is None:
                    raise
            else:
                self._read_at = now
        return self._plan.shadow(self._held.holding(now))


def change(item: OverrideItem, edit: Callable[[Overrides], Overrides]) -> Overrides:
    """Write what `edit` makes of the overrides, and return it; nothing is written for what stands already.

    Raises `Conflict` when others won again and again, and `Unavailable`.
    """
    for attempt in range(TRIES):
        held = item.overrides()
        wanted = edit(held)
        if wanted == held:
            return held
        try:
            item.override(wanted)
        except Conflict:
            if attempt == TRIES - 1:
                raise
        else:
            break
    return wanted
