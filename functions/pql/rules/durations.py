"""How long: `30d`, `12h`, `30m`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.plain_words import said
from pql.core.window import duration


def _in_words(value: Any) -> Any:
    """Refuse what is no text, as whoever wrote a bare number needs to hear it."""
    if isinstance(value, str):
        return value
    number = isinstance(value, int) and not isinstance(value, bool) and value > 0
    legal = f"{value}d, {value}h or {value}m" if number else "7d, 24h or 30m"
    raise PydanticCustomError(
        "duration",
        "expected a number of days, hours or minutes such as {legal}, got {value}",
        {"legal": legal, "value": said(value)},
    )


def read_by(read: Callable[[str], object], code: str) -> AfterValidator:
    """Return the check that `read` takes a text; what it raises is told under a code."""

    def check(text: str) -> str:
        try:
            read(text)
        except ValueError as error:
            raise PydanticCustomError(code, "{reason}", {"reason": str(error)}) from error
        return text

    return AfterValidator(check)


WithUnit = Annotated[str, BeforeValidator(_in_words)]
Duration = Annotated[
    WithUnit, read_by(duration, "duration"), Field(json_schema_extra={"pattern": "^[1-9][0-9]{0,3}[mhd]$"})
]
