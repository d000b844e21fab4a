"""From pydantic's locations to places in a rule file: which keys lead there, and what stands there.

Pydantic mixes the names of union members into its locations; walking the models alongside tells them
from keys.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from pql.rules.pack import RuleFile
from pql.rules.source import Path
from pql.rules.tagged import kind_of


def located(loc: tuple[str | int, ...], root: type[BaseModel] = RuleFile) -> tuple[Path, Any]:
    """Return the path of keys that `loc` means, and the type of what stands there."""
    path: list[str | int] = []
    kind: Any = root
    for step in loc:
        kind = _bare(kind)
        if _is_union(kind):
            kind = _member(kind, str(step))
        elif step != "[key]":
            path.append(step)
            kind = _inside(kind, step)
    return tuple(path), _bare(kind)


def keys_of(kind: Any) -> Iterator[str]:
    """Yield the keys that an element of this type knows."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if name != "kind":
                yield field.alias or name


def _bare(kind: Any) -> Any:
    """Return the type without what surrounds it: validators, and that it may be left out."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if _is_union(kind):
        rest = [one for one in get_args(kind) if one is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else kind
    return kind


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _member(union: Any, name: str) -> Any:
    for one in get_args(union):
        if any(isinstance(mark, Tag) and mark.tag == name for mark in get_args(one)[1:]):
            return one
        if isinstance(one, type) and issubclass(one, BaseModel) and kind_of(one) == name:
            return one
    return None


def _inside(kind: Any, step: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found = (field for name, field in kind.model_fields.items() if step in (name, field.alias))
        return next((field.annotation for field in found), None)
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return arguments[1]
    return arguments[0] if arguments else None
