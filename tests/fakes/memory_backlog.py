"""The backlog in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pql.core.keys import LeadKey
from pql.flows.channels import Standby, Waiting


@dataclass
class MemoryBacklog:
    """Backlog on two mappings: until when channels rest, and what waits by (channel, time, lead)."""

    rests: dict[str, int] = field(default_factory=dict)
    waits: dict[tuple[str, int, LeadKey], Waiting] = field(default_factory=dict)

    def look(self, channel: str, limit: int) -> Standby:
        """Return what stands of a channel."""
        waiting = [one for (name, *_), one in sorted(self.waits.items()) if name == channel]
        return Standby(self.rests.get(channel, 0), waiting[:limit])

    def rest(self, channel: str, until: int) -> None:
        """Let a channel rest until then, if not for longer."""
        self.rests[channel] = max(until, self.rests.get(channel, 0))

    def lift(self, channel: str) -> None:
        """End the rest of a channel."""
        self.rests.pop(channel, None)

    def add(self, channel: str, waiting: Waiting) -> None:
        """Write down a delivery that waits."""
        self.waits[channel, waiting.created, waiting.key] = waiting

    def remove(self, channel: str, created: int, key: LeadKey) -> None:
        """Cross out a delivery."""
        self.waits.pop((channel, created, key), None)

    def every(self) -> Sequence[tuple[str, Waiting]]:
        """Return everything that waits."""
        return [(name, one) for (name, *_), one in sorted(self.waits.items())]
