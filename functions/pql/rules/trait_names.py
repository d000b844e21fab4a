"""Names of traits, where somebody might write what a trait would hold: a number, a date, a time.

A trait that is called `100` is a number in the wrong place, and no rule that looks at it would ever hold.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

# Also 80%, 1,000, 14d and 2025-01-31T00:00Z, but no name such as 2fa_users.
_VALUE = r"[+-]?[0-9][0-9_,.:TZ-]*[%mhd]?"


def _is_value(text: Any) -> bool:
    if isinstance(text, str):
        return re.fullmatch(_VALUE, text.strip()) is not None
    return isinstance(text, (int, float)) and not isinstance(text, bool)


def _name_or(reason: str) -> BeforeValidator:
    def named(value: Any) -> Any:
        if _is_value(value):
            raise PydanticCustomError("trait", "{reason}", {"reason": reason})
        return value

    return BeforeValidator(named)


def _number_or_name(value: Any) -> Any:
    if isinstance(value, str) and _is_value(value):
        raise PydanticCustomError("limit", "expected a number, without quotes, or the name of a trait")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise PydanticCustomError("limit", "expected a number, or the name of a trait that holds one")
    if not isinstance(value, str) and value <= 0:
        raise PydanticCustomError(
            "limit", "expected a number, more than 0, or the name of a trait that holds one"
        )
    return value


_Name = Annotated[str, Field(json_schema_extra={"pattern": rf"^(?!\s*{_VALUE}\s*$)"})]
DateTrait = Annotated[
    _Name, _name_or("expected the name of a trait that holds a date; a rolling window is `within: 30d`")
]
NumberTrait = Annotated[
    _Name,
    _name_or("expected the name of a trait; hold a signal to a number by {signal: NAME, at_least: ...}"),
]
_Above = Annotated[float, Field(json_schema_extra={"exclusiveMinimum": 0})]
Limit = Annotated[_Above | _Name, BeforeValidator(_number_or_name)]
