"""How long: `30d`, `12h`, `30m`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.window import duration


def _legal(text: str) -> str:
    try:
        duration(text)
    except ValueError as error:
        raise PydanticCustomError("duration", "{reason}", {"reason": str(error)}) from error
    return text


Duration = Annotated[
    str, AfterValidator(_legal), Field(json_schema_extra={"pattern": "^[1-9][0-9]{0,3}[mhd]$"})
]
