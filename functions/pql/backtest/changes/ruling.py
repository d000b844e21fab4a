"""What has been changed in a rule, key by key, as it would be found in its file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from pql.rules.element import digest
from pql.rules.meaning import meaning
from pql.rules.pack import Pack

# Words of Python, which names no field so: meanings have the one, files the other.
WRITTEN = {"equals": "is", "from_": "from", "inner": "not", "is_in": "in"}
# What stands below these is named by whoever wrote the file, or by senders.
_NAMED = frozenset({"rules", "scores", "signals", "where"})


class Ruling(NamedTuple):
    """What a rule means, as plain data, and where it is in its life."""

    means: dict[str, Any]
    status: str


def rulings(pack: Pack) -> dict[str, Ruling]:
    """Return every rule of a pack, in its order, the drafts too."""
    return {
        name: Ruling(meaning(pack, name), rule.status)
        for file in pack.files.values()
        for name, rule in file.rules.items()
    }


def stamps(pack: Pack) -> dict[str, str]:
    """Return of each rule a hash of its meaning, and of what holds for all beside."""
    shared = _shared(pack)
    return {name: digest([one.means, shared]) for name, one in rulings(pack).items()}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what differs between two meanings of a rule: `when.at_least: 3 → 2`.

    What is there on one side only begins with `- ` or `+ `.
    """
    return [*_of_mappings(spoken(_flat(old)), spoken(_flat(new)), "")]


def pack_differences(old: Pack, new: Pack) -> list[str]:
    """Return what differs beside the rules and holds for all of them: `suppress` and `conversions`."""
    return [*_of_mappings(spoken(_shared(old)), spoken(_shared(new)), "")]


def spoken(meaning: Any, *, named: bool = False) -> Any:
    """Return a meaning with its keys as files write them; those of what is `named` so stay as they are."""
    if isinstance(meaning, Mapping):
        return {
            key if named else WRITTEN.get(key, key): spoken(one, named=key in _NAMED and not named)
            for key, one in meaning.items()
        }
    return [spoken(one) for one in meaning] if isinstance(meaning, list) else meaning


def _shared(pack: Pack) -> dict[str, Any]:
    bars = [
        one.model_dump(mode="json", exclude_none=True)
        for file in pack.files.values()
        for one in file.suppress
    ]
    return {"suppress": bars, "conversions": sorted(pack.conversions)}


def _flat(means: Mapping[str, Any]) -> dict[str, Any]:
    """Return a meaning with the keys of the rule at its top, as its file has them."""
    return {**means["rule"], **{key: value for key, value in means.items() if key != "rule"}}


def _of(old: Any, new: Any, path: str) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and {*old} & {*new}:
        yield from _of_mappings(old, new, f"{path}.")
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, path)
    else:
        say = _said if type(old) is type(new) else _written
        yield f"{path}: {say(old)} → {say(new)}"


def _of_mappings(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[str]:
    for key in dict.fromkeys([*old, *new]):
        if key not in new:
            yield f"- {path}{key}: {_said(old[key])}"
        elif key not in old:
            yield f"+ {path}{key}: {_said(new[key])}"
        else:
            yield from _of(old[key], new[key], f"{path}{key}")


def _of_lists(old: list[Any], new: list[Any], path: str) -> Iterator[str]:
    before, after = ([json.dumps(one, sort_keys=True) for one in side] for side in (old, new))
    for what, start, end, low, high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "replace" and end - start == high - low:
            for one, other in zip(range(start, end), range(low, high), strict=True):
                yield from _of(old[one], new[other], f"{path}[{other}]")
        elif what != "equal":
            yield from (f"- {path}: {_written(one)}" for one in old[start:end])
            yield from (f"+ {path}: {_written(one)}" for one in new[low:high])


def _said(value: Any) -> str:
    return value if isinstance(value, str) else _written(value)


def _written(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return a value as people write it: whole numbers without a point, and no empty filters."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if one != {}}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
