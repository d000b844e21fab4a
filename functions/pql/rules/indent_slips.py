"""Slips of the indentation: a tab, or a line that begins where none can."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pql.rules.yaml_lines import ENTRY, Failure, Slip, indent, level, opens, said

_BLOCK_TEXT = re.compile(r"[:-] +[|>][+-]?[1-9]?\s*(?:#.*)?$")


class Level(NamedTuple):
    """A column at which lines may begin, for items of a list or for keys."""

    indent: int
    is_item: bool


def strange_indent(lines: Sequence[str], failure: Failure) -> Slip | None:
    """Return a tab before a line, or a space that only looks like one."""
    for number in range(min(failure.line, len(lines) - 1), -1, -1):
        start = re.match(r"[\s\u200b\ufeff]*", lines[number])
        for column, letter in enumerate(start[0] if start and lines[number].strip() else ""):
            if letter == "\t":
                return Slip(number + 1, column + 1, "a tab; indent with spaces")
            if letter not in " \r":
                return Slip(number + 1, column + 1, "a space of another kind; indent with plain spaces")
    return None


def crooked(lines: Sequence[str], failure: Failure) -> Slip | None:
    """Return the first line that is indented like none of those it could belong to.

    Where a line may begin is a list of levels, each for items (with a dash) or for keys.
    """
    levels = [Level(0, is_item=False)]
    previous = ""
    for number, line in _blocks(lines, failure.line):
        here = Level(indent(line), is_item=line.lstrip().startswith("-"))
        legal = _legal(levels, here)
        levels = [one for one in levels if one.indent < here.indent or one in (here, _holder(here))]
        if here not in levels:
            if previous and not (opens(previous) and _may_begin(here, previous)):
                words = " or ".join(map(str, legal))
                message = f"indented by {here.indent}; expected {words}, as lines above are"
                return Slip(number + 1, here.indent + 1, message)
            levels.append(here)
        elif not here.is_item:
            levels = [one for one in levels if one != Level(here.indent, is_item=True)]
        if here.is_item and ENTRY.match(line[level(line) :]):
            levels.append(Level(level(line), is_item=False))
        previous = line
    return None


def ragged(lines: Sequence[str], failure: Failure) -> Slip | None:
    """Return the line of text behind `|` or `>` that is indented less than the first."""
    key: int | None = None
    first = 0
    for number, line in enumerate(lines[: failure.line + 1]):
        if not line.strip():
            continue
        here = indent(line)
        if key is not None and here > key:
            first = first or here
            if here < first:
                message = f"indented by {here}; expected {first}, as the text above is"
                return Slip(number + 1, here + 1, message)
        else:
            key, first = (here, 0) if _BLOCK_TEXT.search(line) else (None, 0)
    return None


def _holder(item: Level) -> Level:
    """Return the level of the key that items may stand below without being indented further."""
    return Level(item.indent, is_item=False)


def _legal(levels: Sequence[Level], here: Level) -> list[int]:
    """Return the nearest levels to either side that a line of this kind may begin at."""
    same = [one.indent for one in levels if one.is_item is here.is_item]
    return [one for one in same if one <= here.indent][-1:] + [one for one in same if one > here.indent][:1]


def _may_begin(here: Level, previous: str) -> bool:
    return here.indent > indent(previous) or (here.is_item and here.indent == indent(previous))


def _blocks(lines: Sequence[str], until: int) -> Iterator[tuple[int, str]]:
    """Yield the lines that are indented to say what belongs where, with their numbers."""
    depth = 0
    text: int | None = None
    for number, line in enumerate(lines[: until + 1]):
        if not said(line):
            continue
        if text is not None and indent(line) > text:
            continue
        text = None
        if depth <= 0:
            depth = 0
            if ENTRY.match(line):
                yield number, line
        depth += sum(map(line.count, "{[")) - sum(map(line.count, "}]"))
        if _BLOCK_TEXT.search(line):
            text = indent(line)
