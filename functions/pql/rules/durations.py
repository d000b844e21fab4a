"""How long: `30d`, `12h`, `30m`."""

from __future__ import annotations

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


def _legal(text: str) -> str:
    try:
        duration(text)
    except ValueError as error:
        raise PydanticCustomError("duration", "{reason}", {"reason": str(error)}) from error
    return text


WithUnit = Annotated[str, BeforeValidator(_in_words)]
Duration = Annotated[
    WithUnit, AfterValidator(_legal), Field(json_schema_extra={"pattern": "^[1-9][0-9]{0,3}[mhd]$"})
]
