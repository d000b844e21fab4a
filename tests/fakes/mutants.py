"""Rule files with one thing changed: what their own timelines must notice.

A mutant moves a bound by one step (of a score to its next reachable value), turns a comparison or a
condition round, asks for another word, drops one of several conditions, filters, exits or bars, takes
points or a cap away, or moves a duration by one unit. What no timeline can see is left alone:
templates, tiers, cooldowns and how much is kept.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pql.core.window import DAY, duration
from pql.rules.comparison import ORDERED
from pql.rules.conditions import SinceCondition
from pql.rules.pack import RuleFile
from pql.rules.parts import Bands, Part, Per, Points, Weighted
from pql.rules.source import Path

TURNED = {"at_least": "at_most", "at_most": "at_least", "more_than": "less_than", "less_than": "more_than"}
DURATIONS = ("within", "lasting", "half_life", "after", "fired_within")
COUNTS = ("days", "times", "floor")
WORDS = ("is", "starts_with", "contains")
UNSEEN = ("cooldown", "tier", "title", "reason", "label", "tests", "card", "runbook", "keep")
JOINING = ("all", "any")
REPLACED: dict[str, Callable[[Any], Any]] = {
    "exists": lambda value: not value,
    "points": lambda _: 0,
    "up_to": lambda _: 1_000_000,
    "more": lambda value: value / 2,
    "weight": lambda value: value * 2,
}
_LENGTH = re.compile(r"([1-9][0-9]*)([mhd])")
Change = Callable[[dict[str, Any]], None]


class Mutant(NamedTuple):
    """A rule file as data with one change, and the change in words."""

    words: str
    data: dict[str, Any]


def mutants(data: dict[str, Any], file: RuleFile) -> Iterator[Mutant]:
    """Yield every mutant of a rule file that was loaded from `data`."""
    for path, node in _nodes(data, ()):
        for words, change in _changes(node, path, file):
            copied = copy.deepcopy(data)
            change(_at(copied, path))
            yield Mutant(f"{'.'.join(map(str, path))}: {words}", copied)


def _nodes(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every mapping below a node, and where it is."""
    if isinstance(node, dict):
        yield path, node
        for key, one in node.items():
            if key not in UNSEEN:
                yield from _nodes(one, (*path, key))
    elif isinstance(node, list):
        for index, one in enumerate(node):
            yield from _nodes(one, (*path, index))


def _changes(node: dict[str, Any], path: Path, file: RuleFile) -> Iterator[tuple[str, Change]]:
    for key, value in node.items():
        if isinstance(value, (dict, list)):
            yield from _leavings(key, value, path)
        else:
            yield from _moves(key, value, node, file)
    if {"signal", "score", "trait"} & set(node) and _is_condition(node, path):
        yield "turned round", _negated


def _moves(key: str, value: Any, node: dict[str, Any], file: RuleFile) -> Iterator[tuple[str, Change]]:
    """Yield what moves a bound or a duration by one step, or turns a comparison round."""
    if key in ORDERED:
        yield f"{key} turned round", _renamed(key, TURNED[key])
    elif key in WORDS:
        yield f"{key} another word", _set(key, "mutant")
    elif (key == "since" and "count" in node) or (key == "by" and "sequence" in node):
        yield f"without {key}", _without(key)
    elif key in REPLACED:
        yield f"{key} {value} → {REPLACED[key](value)}", _set(key, REPLACED[key](value))
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if found and (key in DURATIONS or key in ORDERED):
        for length in (int(found[1]) - 1, int(found[1]) + 1):
            if length and not (length > int(found[1]) and _is_cut_short(key, value, node, file)):
                yield f"{key} {value} → {length}{found[2]}", _set(key, f"{length}{found[2]}")
    elif key in (*ORDERED, *COUNTS):
        for moved in _moved(node, value, file):
            yield f"{key} {value} → {moved:g}", _set(key, moved)


def _is_cut_short(key: str, value: str, node: dict[str, Any], file: RuleFile) -> bool:
    """Return whether a window reaches back beyond a date that rules want to be no longer ago.

    To widen it is to write the same in other words.
    """
    if key != "within" or "since" not in node or "count" not in node:
        return False
    wanted = [
        duration(leaf.at_most)
        for _, condition in file.conditions()
        for leaf in condition.leaves()
        if isinstance(leaf, SinceCondition) and leaf.since == node["since"] and leaf.at_most
    ]
    return any(duration(value) >= one + DAY for one in wanted)


def _leavings(key: str, value: Any, path: Path) -> Iterator[tuple[str, Change]]:
    """Yield what leaves out one of several conditions or filters, an exit or a bar; or moves a band."""
    if key in JOINING and isinstance(value, list) and len(value) > 1:
        for index in range(len(value)):
            yield f"{key} without the {index + 1}. condition", _without(key, index)
    elif key == "where":
        for name in value:
            yield f"where without {name}", _without(key, name)
    elif key == "in":
        yield "in other words", _set(key, ["mutant"])
    elif key in ("until", "unless", "requalify") and path[:1] == ("rules",) and len(path) == 2:
        yield f"without {key}", _without(key)
    elif key == "bands":
        for bound, step in itertools.product(value, (-1, 1)):
            yield f"band {bound} → {float(bound) + step:g}", _band(bound, step)
        yield "bands worth nothing", _set(key, dict.fromkeys(value, 0))


def _is_condition(node: dict[str, Any], path: Path) -> bool:
    return path[:1] in (("rules",), ("suppress",), ("scores",)) and bool(
        {*ORDERED, "is", "in", "exists", "starts_with", "contains"} & set(node)
    )


def _moved(node: dict[str, Any], bound: float, file: RuleFile) -> Iterator[float]:
    if "score" in node:
        reachable = sorted(reached(file, node["score"]))
        yield from [value for value in reachable if value < bound][-1:]
        yield from [value + 1 for value in reachable if value >= bound][:1]
    else:
        step = 1 if float(bound).is_integer() else 0.01
        yield from (round(bound - step, 2), round(bound + step, 2))


def reached(file: RuleFile, score: str) -> set[float]:
    """Return every number of points that a score can come to."""
    each = [_given(part, file) for part in file.scores[score]]
    return {sum(points) for points in itertools.product(*each)}


def _given(part: Part, file: RuleFile) -> set[float]:
    if isinstance(part, Points):
        return {0.0, part.points}
    if isinstance(part, Bands):
        return {0.0, *part.bands.values()}
    if isinstance(part, Per):
        return {min(part.up_to, n * part.points) for n in range(int(part.up_to / part.points) + 2)}
    assert isinstance(part, Weighted)
    return {points * part.weight for points in reached(file, part.score)}


def _renamed(old: str, new: str) -> Change:
    def change(node: dict[str, Any]) -> None:
        node[new] = node.pop(old)

    return change


def _set(key: str, value: Any) -> Change:
    def change(node: dict[str, Any]) -> None:
        node[key] = value

    return change


def _without(key: str, *below: Any) -> Change:
    def change(node: dict[str, Any]) -> None:
        if below:
            del node[key][below[0]]
        else:
            del node[key]

    return change


def _band(bound: str, step: int) -> Change:
    def change(node: dict[str, Any]) -> None:
        node["bands"][f"{float(bound) + step:g}"] = node["bands"].pop(bound)

    return change


def _negated(node: dict[str, Any]) -> None:
    inner = dict(node)
    node.clear()
    node["not"] = inner


def _at(data: dict[str, Any], path: Path) -> dict[str, Any]:
    found: Any = data
    for key in path:
        found = found[key]
    assert isinstance(found, dict)
    return found
