"""Lines of a file that is not YAML: how they are indented, what they begin, where a parser gave up."""

from __future__ import annotations

import re
from typing import NamedTuple

ENTRY = re.compile(r" *(?:-(?:\s|$)|[^\s:{\[][^:]*:(?:\s|$))")
COMMENT = re.compile(r"(?<!\s)\s+#.*$")
PARTNERS = {"{": "}", "[": "]"}


class Slip(NamedTuple):
    """Where a mistake is (line and column count from 1) and how it is mended."""

    line: int
    column: int
    message: str


class Failure(NamedTuple):
    """Where a parser gave up (line and column count from 0) and where it had begun what it was at."""

    line: int
    column: int
    problem: str
    begun: tuple[int, int] | None = None


def said(line: str) -> bool:
    """Return whether a line says something."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def indent(line: str) -> int:
    """Return by how many spaces a line is indented."""
    return len(line) - len(line.lstrip(" "))


def level(line: str) -> int:
    """Return the column of what a line says, behind its dashes."""
    return len(line) - len(re.sub(r"^ *(?:- +)*", "", line))


def opens(line: str) -> bool:
    """Return whether what is indented deeper may follow."""
    return bool(re.search(r":\s*$", COMMENT.sub("", line)) or re.search(r"-\s*$", line))
