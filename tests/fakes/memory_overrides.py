"""The overrides of rules in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from pql.core.errors import Conflict
from pql.core.override import Overrides


@dataclass
class MemoryOverrides:
    """The `OverrideItem` port over one value."""

    held: Overrides = field(default_factory=Overrides)

    def overrides(self) -> Overrides:
        """Return them."""
        return self.held

    def override(self, overrides: Overrides) -> None:
        """Write them over the version they carry; raises `Conflict` if it is no longer that one."""
        if overrides.version != self.held.version:
            raise Conflict(f"overrides are no longer at version {overrides.version}")
        self.held = msgspec.structs.replace(overrides, version=overrides.version + 1)
