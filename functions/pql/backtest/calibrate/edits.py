"""Numbers of a rule file changed where they stand: comments, order and layout stay as they are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from pql.core.errors import PqlError
from pql.rules.source import Path, Source

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
# What YAML takes for the end of a line, so that lines are counted as the places count them.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# And what a diff does: no more than the one.
_LINE = re.compile("[^\n]*\n|[^\n]+")


class Edit(NamedTuple):
    """A number at `path`, and what it is to be. One that does not stand there is written behind `beside`."""

    path: Path
    number: float
    beside: Path | None = None


def edited(name: str, text: str, edits: Iterable[Edit]) -> str:
    """Return the text of the rule file `name` with the numbers changed; raises `PqlError` for no number."""
    source = Source(name, text)
    starts = [0, *(one.end() for one in _BREAK.finditer(text))]

    def offset(path: Path) -> int:
        line, column = source.place(path)
        return starts[line - 1] + column - 1

    changes = []
    for path, number, beside in edits:
        told = written(number)
        if source.at(path) is None and beside is not None:
            changes.append(_added(text, offset(beside[:-1]), offset(beside), f"{path[-1]}: {told}"))
            continue
        found = _NUMBER.match(text, offset(path))
        if found is None or source.at(path) is None:
            raise PqlError(f"{source.fault(path, 'expected a number here')}")
        if float(found[0]) != number:
            changes.append((found.start(), found.end(), told))
    for start, end, told in sorted(changes, reverse=True):
        text = text[:start] + told + text[end:]
    return text


def written(number: float) -> str:
    """Return a number as people write it in a rule file, which knows no exponents."""
    return f"{Decimal(f'{number + 0.0:.12g}'):f}"


def difference(name: str, old: str, new: str) -> str:
    """Return what changed as a unified diff that `git apply` takes, empty for nothing."""
    before, after = (_LINE.findall(text) for text in (old, new))
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _added(text: str, mapping: int, value: int, told: str) -> tuple[int, int, str]:
    """Return the change that writes one more key behind a word, in a mapping of either style."""
    quoted = text[value] in "\"'"
    end = (
        text.index(text[value], value + 1) + 1
        if quoted
        else value + len(re.split(r"[\s,}]", text[value:])[0])
    )
    if text[mapping] == "{":
        return end, end, f", {told}"
    indent = mapping - (max(text.rfind("\n", 0, mapping), text.rfind("\r", 0, mapping)) + 1)
    return end, end, f"\n{' ' * indent}{told}"
