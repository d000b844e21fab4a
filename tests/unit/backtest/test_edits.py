"""Edits of rule files: the number changes, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.backtest.calibrate.edits import Edit, difference, edited, written
from pql.core.errors import PqlError
from pql.rules.source import Source

TEXT = """\
# Ä comment, with an é before numbers: 5
scores:
  fit:   # points 10
    - {points: 10, when: {signal: a, at_least: 10}}   # ten
    -   points: -5
        when: {signal: b, at_least: 1}
    - {bands: {50: 5, 200: 15.5}, trait: employees}
    - {score: "other" }
    - score: other
rules:
  ready: {when: {score: fit, at_least: 50}}
"""
PLACES = [
    ("scores", "fit", 0, "points"),
    ("scores", "fit", 1, "points"),
    ("scores", "fit", 2, "bands", "200"),
    ("rules", "ready", "when", "at_least"),
]


@given(st.lists(st.integers(-9_999, 9_999).map(lambda one: one / 4), min_size=4, max_size=4))
def test_the_numbers_are_changed_and_nothing_else(numbers: list[float]) -> None:
    """Every other number, word and comment stays: putting the old numbers back gives the old text."""
    old = [float(Source("a.yaml", TEXT).at(place)) for place in PLACES]
    new = edited("a.yaml", TEXT, map(Edit, PLACES, numbers))
    source = Source("a.yaml", new)

    assert numbers == [source.at(place) for place in PLACES]
    assert TEXT == edited("a.yaml", new, map(Edit, PLACES, old))


def test_the_same_numbers_change_nothing() -> None:
    """Not even how they are written: 15.50 stays."""
    text = TEXT.replace("15.5", "15.50")

    assert text == edited("a.yaml", text, [Edit(PLACES[2], 15.5), Edit(PLACES[0], 10.0)])


@pytest.mark.parametrize(("index", "line"), [(3, '{score: "other", weight: 0.5 }'), (4, "weight: 0.5")])
def test_a_weight_that_was_not_said_is_written_behind_its_score(index: int, line: str) -> None:
    """In a mapping of either style."""
    path = ("scores", "fit", index)
    new = edited("a.yaml", TEXT, [Edit((*path, "weight"), 0.5, (*path, "score"))])

    assert line in new
    assert {"score": "other", "weight": 0.5} == Source("a.yaml", new).at(path)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_stay(ending: str) -> None:
    """A file written elsewhere is found at the same places, and keeps its ends of lines."""
    text = TEXT.replace("\n", ending)

    assert text.replace("at_least: 50", "at_least: 65") == edited("a.yaml", text, [Edit(PLACES[3], 65)])


def test_what_is_no_number_is_not_written_over() -> None:
    """It is a fault with its place."""
    with pytest.raises(PqlError, match=r"a\.yaml:4:.*a number"):
        edited("a.yaml", TEXT, [Edit(("scores", "fit", 0, "when"), 5)])


def test_the_difference_is_one_that_patch_takes() -> None:
    """Also of a file that does not end with a line's end."""
    assert (
        "--- a/x.yaml\n+++ b/x.yaml\n@@ -1 +1 @@\n-a: 1\n\\ No newline at end of file\n+a: 2\n"
        == difference("x.yaml", "a: 1", "a: 2\n")
    )
    assert "" == difference("x.yaml", TEXT, TEXT)


@pytest.mark.parametrize("within", ["\u2028", "\x85", "\x0c", "\r"], ids=ascii)
def test_a_line_of_a_difference_ends_where_git_ends_it(within: str) -> None:
    """YAML and Python end one at other marks too; the patch would be corrupt."""
    told = difference("x.yaml", f"a: 1\n# much{within}money\n", f"a: 2\n# much{within}money\n")

    assert f"--- a/x.yaml\n+++ b/x.yaml\n@@ -1,2 +1,2 @@\n-a: 1\n+a: 2\n # much{within}money\n" == told


@pytest.mark.parametrize(("number", "text"), [
    (25.0, "25"), (1.3, "1.3"), (-5.0, "-5"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (1e6, "1000000"),
    (1.2e-5, "0.000012"), (4e-7, "0.0000004"),
])  # fmt: skip
def test_numbers_are_written_as_people_write_them(number: float, text: str) -> None:
    """Whole ones without a point, none with the dust of arithmetic, and the small ones as numbers, too."""
    assert text == written(number)
    assert number == pytest.approx(Source("a.yaml", f"a: {text}").at(("a",)))
