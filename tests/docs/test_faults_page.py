"""docs/faults.md: every fault of the catalogue is held by a test, or cannot strike and says why.

It is written anew by `PYTHONPATH=functions:tests python tests/docs/test_faults_page.py`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

TESTS = Path(__file__).resolve().parent.parent
PAGE = TESTS.parent / "docs" / "faults.md"
CHAPTERS = tomllib.loads((TESTS / "docs" / "faults.toml").read_text())["chapter"]
ROWS = {row["number"]: row for chapter in CHAPTERS for row in chapter["rows"]}
LAST = 112
_NAME = re.compile(r"test_fault((?:_\d{3})+)_(\w+)")
HEAD = """\
# What can go wrong

Every fault that we know of and what happens then, with the tests that hold it: they carry its number in their
names (`pytest -k 049`). Where a fault has no test, it says why it cannot strike.

<!-- written by tests/docs/test_faults_page.py from tests/docs/faults.toml and the names of the tests -->
"""


class Held(NamedTuple):
    """A test of a fault: its file, and its name in words."""

    file: Path
    words: str


def held_by() -> dict[int, list[Held]]:
    """Return the tests of each fault, by number."""
    found: dict[int, list[Held]] = defaultdict(list)
    for file in sorted(TESTS.rglob("test_*.py")):
        for name in _functions(file):
            named = _NAME.fullmatch(name)
            for number in named[1].split("_")[1:] if named else ():
                found[int(number)].append(Held(file.relative_to(TESTS.parent), named[2].replace("_", " ")))
    return found


def _functions(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name


def page() -> str:
    """Return the page in Markdown."""
    held = held_by()
    chapters = [_chapter(chapter, held) for chapter in CHAPTERS]
    return "\n".join([HEAD, *chapters])


def _chapter(chapter: dict[str, Any], held: dict[int, list[Held]]) -> str:
    rows = [
        f"## {chapter['title']}",
        "",
        "| # | fault | what happens | held by |",
        "| --- | --- | --- | --- |",
    ]
    for row in chapter["rows"]:
        by = [f"[{one.words}](../{one.file})" for one in held[row["number"]]]
        told = "<br>".join(by) or f"cannot strike: {row['why']}"
        rows.append(f"| {row['number']} | {row['fault']} | {row['happens']} | {told} |")
    return "\n".join([*rows, ""])


def test_every_fault_is_held_or_cannot_strike() -> None:
    """A row has tests or a reason, and never both: a reason would be out of date by then."""
    held = held_by()

    assert list(range(1, LAST + 1)) == sorted(ROWS)
    assert [] == [number for number, row in ROWS.items() if bool(held[number]) == ("why" in row)]


def test_no_test_is_of_a_fault_that_is_not_listed() -> None:
    """A number that does not exist is a slip of the pen."""
    assert set() == set(held_by()) - set(ROWS)


def test_the_page_is_made_of_the_tests() -> None:
    """What it says of each fault is what the tests of today are called."""
    assert page() == PAGE.read_text()


if __name__ == "__main__":
    PAGE.write_text(page())
