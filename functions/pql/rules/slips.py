"""What is not YAML, in words that say how to mend it.

A parser tells where it gave up, which is often a line below the mistake, and in the words of a grammar.
Here the lines around that place are searched for what people do most: a tab, a colon that is missing,
text that begins with a brace, a line that is indented like none above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pql.rules.indent_slips import crooked, ragged, strange_indent
from pql.rules.line_slips import slip_in
from pql.rules.yaml_lines import ENTRY, PARTNERS, Failure, Slip, indent, level, said

_QUOTED = re.compile(r"""(?<=[\s:,{\[])(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")
_COMMENTED = re.compile(r"[\[{,]\s*(#).*[\]}]")
_RESERVED = "%@`"


def slip(text: str, failure: Failure) -> Slip:
    """Return the mistake behind a failure, or what the parser says about it."""
    lines = text.split("\n")
    for look in _LOOKS:
        found = look(lines, failure)
        if found is not None:
            return found
    return Slip(failure.line + 1, failure.column + 1, f"not YAML: {failure.problem}")


def _second_document(_: Sequence[str], failure: Failure) -> Slip | None:
    if "another document" in failure.problem or "<document start>" in failure.problem:
        return Slip(failure.line + 1, 1, "a rule file is one document; leave out the `---` between")
    return None


def _reserved_letter(lines: Sequence[str], failure: Failure) -> Slip | None:
    line = lines[failure.line] if failure.line < len(lines) else ""
    if line[failure.column : failure.column + 1] == "\t":
        return Slip(failure.line + 1, failure.column + 1, "a tab; write spaces")
    if line[failure.column : failure.column + 2] in (":[", ":{"):
        return Slip(failure.line + 1, failure.column + 1, "a space is missing after the colon")
    for column in (failure.column, failure.column - 1):
        letter = line[column : column + 1]
        if column >= 0 and letter and letter in (_RESERVED if column == failure.column else "*&"):
            return Slip(failure.line + 1, column + 1, f"put text that begins with {letter} in quotes")
    return None


def _in_the_line(lines: Sequence[str], failure: Failure) -> Slip | None:
    """Return the slip in the line of the failure, or in the last one above it that says something."""
    above = _above(lines, failure)
    for number in (failure.line, *above[-1:]):
        if number >= len(lines):
            continue
        before = next((lines[one] for one in reversed(above) if one < number), None)
        found = slip_in(lines[number], before)
        if found is not None:
            column, message = found
            return Slip(number + 1, column + 1, message)
    return None


def _item(lines: Sequence[str], failure: Failure) -> Slip | None:
    """Return the item of which only the second line is a key with a value."""
    above = _above(lines, failure)
    if not above or failure.line >= len(lines):
        return None
    line, below = lines[above[-1]], lines[failure.line]
    found = re.match(r" *- +(?P<word>[a-z][a-z0-9_]*) ", line)
    if not found or ENTRY.match(line[level(line) :]) or indent(below) != level(line):
        return None
    return Slip(above[-1] + 1, found.end("word"), f"a colon is missing after `{found['word']}`")


def _unclosed(lines: Sequence[str], failure: Failure) -> Slip | None:
    """Return the brace or the quote that the parser was in when it gave up."""
    if failure.begun is None or failure.begun[0] >= len(lines):
        return None
    line, column = failure.begun
    start = lines[line][column : column + 1]
    if start in PARTNERS:
        # The bracket at the end of the line is meant to close it.
        comment = _COMMENTED.search(_QUOTED.sub(lambda found: "_" * len(found[0]), lines[line]), column)
        if comment:
            return Slip(line + 1, comment.start(1) + 1, "`#` begins a comment; put it in quotes")
        place = f"line {line + 1}, column {column + 1}"
        message = f"expected a comma or `{PARTNERS[start]}`: the `{start}` in {place} is not closed"
        return Slip(failure.line + 1, failure.column + 1, message)
    if start in ("'", '"'):
        message = f"the quote that begins here is not closed: expected {start} at its end"
        return Slip(line + 1, column + 1, message)
    return None


def _unclosed_above(lines: Sequence[str], failure: Failure) -> Slip | None:
    """Return the innermost brace that is open above the line of the failure."""
    open_: list[tuple[str, int, int]] = []
    for number in _above(lines, failure):
        for column, letter in enumerate(_QUOTED.sub(lambda found: " " * len(found[0]), lines[number])):
            if letter in PARTNERS:
                open_.append((letter, number, column))
            elif letter in "]}" and open_:
                open_.pop()
    if not open_:
        return None
    letter, number, column = open_[-1]
    message = f"the `{letter}` that begins here is not closed: expected `{PARTNERS[letter]}`"
    return Slip(number + 1, column + 1, message)


def _above(lines: Sequence[str], failure: Failure) -> list[int]:
    """Return the numbers of the lines above the failure that say something."""
    return [number for number in range(min(failure.line, len(lines))) if said(lines[number])]


_LOOKS: tuple[Callable[[Sequence[str], Failure], Slip | None], ...] = (
    strange_indent,
    _second_document,
    _reserved_letter,
    ragged,
    _in_the_line,
    _unclosed,
    _item,
    crooked,
    _unclosed_above,
)
