"""Windows as rule files write them, and what they are called in plain words."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.window import window
from pql.rules.durations import WithUnit, read_by


def _in_days(text: str) -> str:
    if not text.endswith("d"):
        raise PydanticCustomError(
            "window", "expected a number of days such as 14d, got '{text}'", {"text": text}
        )
    return text


# No more than `pql.core.window.BUCKETS` has room for.
DAYS = "([1-9][0-9]?|[1-3][0-9]{2}|400)d"
_HOURS = "([1-9][0-9]?|[1-6][0-9]{2}|7[0-3][0-9]|74[0-4])h"
_MINUTES = "([1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m"
Within = Annotated[
    WithUnit,
    read_by(window, "window"),
    Field(json_schema_extra={"pattern": f"^({DAYS}|{_HOURS}|{_MINUTES})$"}),
]
WithinDays = Annotated[
    WithUnit,
    AfterValidator(_in_days),
    read_by(window, "window"),
    Field(json_schema_extra={"pattern": f"^{DAYS}$"}),
]


def within_words(within: str | None) -> str:
    """Return a window in plain words."""
    if within is None:
        return ""
    count, unit = _length(within)
    return f" in the last {count} {unit}s" if count > 1 else f" in the last {unit}"


def span_words(span: str | None, how: str = "within") -> str:
    """Return how far events may lie apart, in plain words; `how` is the word before."""
    if span is None:
        return ""
    count, unit = _length(span)
    return f" {how} {count} {unit}{'s' if count > 1 else ''}"


def _length(text: str) -> tuple[int, str]:
    return int(text[:-1]), {"m": "minute", "h": "hour", "d": "day"}[text[-1]]
