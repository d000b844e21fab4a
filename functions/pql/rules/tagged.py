"""Telling elements apart by the one key that names them, so that an error speaks of that element only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from pql.rules.nearest import element


def kind_of(cls: type[BaseModel]) -> str:
    """Return the key that names an element."""
    return str(cls.model_fields["kind"].default)


def tagged(union: Any) -> Callable[[Any], Any]:
    """Return a validator that adds `kind` by the key found: `{count: …}` becomes a `count`.

    `union` is the union of the element classes; each one's `kind` is the key that names it.
    """
    kinds = [kind_of(cls) for cls in get_args(union)]
    legal = ", ".join(kinds)

    def tag(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if "kind" in value:
            raise PydanticCustomError(
                "kind", "`kind` is not written; name it by its key: {legal}", {"legal": legal}
            )
        found = [kind for kind in kinds if kind in value]
        if len(found) == 1:
            return {"kind": found[0], **value}
        if found:
            message = "expected one of {legal}, found {found} together"
            raise PydanticCustomError("kind", message, {"legal": legal, "found": " and ".join(found)})
        meant = [mend for key in value if (mend := element(str(key), kinds))]
        hint = f"; {meant[0]}" if meant else ""
        raise PydanticCustomError("kind", "expected one of {legal}{hint}", {"legal": legal, "hint": hint})

    return tag
