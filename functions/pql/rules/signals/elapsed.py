"""What signals share that tell how long ago a moment was."""

from __future__ import annotations

from typing import Any, ClassVar

from pql.core.lead import Scalar
from pql.core.window import DAY, NEVER
from pql.rules.signals.timed import Timed


class Elapsed(Timed):
    """Base of signals whose fold leaves a moment (epoch ms), or None; the value is the days since."""

    flows: ClassVar[bool] = True

    def value_at(self, held: Any, now: int) -> Scalar:
        """Return the days since `held`; 0 for what a fast clock has put ahead of ours."""
        return None if held is None else max(0.0, (now - held) / DAY)

    def crossing(self, held: Any, bound: float, now: int) -> int:
        """Return when so many days will have passed, and then the moment from which it is more."""
        if held is None:
            return NEVER
        moment: int = held + round(bound * DAY)
        return max(moment, now + 1) if moment >= now else NEVER
