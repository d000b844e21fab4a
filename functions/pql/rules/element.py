"""What every element of the language is: a frozen, strict model that refuses unknown keys."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Element(BaseModel):
    """Base of every element; its docstring holds a YAML example that a test loads."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True)

    UNSAID: ClassVar[frozenset[str]] = frozenset()

    def meaning(self) -> dict[str, Any]:
        """Return what the element means, without what it only says to people (`UNSAID`)."""
        return self.model_dump(mode="json", exclude=set(self.UNSAID), exclude_none=True)


def exactly_one(*keys: str) -> ConfigDict:
    """Return the configuration that tells a JSON Schema: of these keys one is given."""
    return ConfigDict(json_schema_extra={"oneOf": [{"required": [key]} for key in keys]})


def at_least_one(*keys: str) -> ConfigDict:
    """Return the configuration that tells a JSON Schema: of these keys one is given, or several."""
    return ConfigDict(json_schema_extra={"anyOf": [{"required": [key]} for key in keys]})


def digest(meaning: Any) -> str:
    """Return 12 hex digits that change exactly when `meaning` does."""
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def fingerprint(meaning: Any) -> int:
    """Return the 32 bits that stand for `meaning` in the table."""
    return int(digest(meaning)[:8], 16)
