"""`pql diff` for a pull request: a comment of bounded length out of which nothing of a sender gets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.comparing import START, TOLD, Run
from pql.backtest.changes.change import Change, Entries, Entry, RuleChange, Side
from pql.backtest.figures.wilson import share
from pql.cli.diff.markdown import LIMIT, MARKER, markdown


def test_as_many_accounts_are_named_as_somebody_wants(run: Run, place: Path) -> None:
    """Of each list; without any the figures are left, on a terminal and in a comment."""
    _, out, _ = run("old", "new", "events.jsonl", "--examples", "0", "--markdown", "comment.md")

    assert "globex" in TOLD
    assert "globex" not in out + (place / "comment.md").read_text()
    assert "gained 1 (1 converted)" in out


def test_only_one_of_two_documents_goes_to_standard_output(run: Run) -> None:
    """Mixed they would be neither."""
    code, out, told = run("old", "new", "events.jsonl", "--json", "-", "--markdown", "-")

    assert (2, "") == (code, out)
    assert "name a file for one of them" in told


def test_a_pull_request_gets_a_line_a_table_and_the_rest_folded_up(run: Run, place: Path) -> None:
    """The marker comes first, for a bot to find its own comment; terminal and file say both."""
    _, out, _ = run("old", "new", "events.jsonl", "--markdown", "comment.md")
    comment = (place / "comment.md").read_text()

    assert TOLD == out
    assert [MARKER, "**pql: 1 of 2 rules changes what happens**"] == comment.splitlines()[:2]
    assert "| `busy` changed | 1 → 2 | 1 (1 converted) | 0 | 1 (by 1 day) | 0 |" in comment
    assert "```diff\n- when.at_least: 3\n+ when.at_least: 2\n```" in comment
    assert "<details><summary><code>busy</code>: changed</summary>" in comment


def changes(number: int, account: str, why: str) -> tuple[Change, dict[tuple[str, str], str]]:
    """Return a change of so many rules, each of which gains one account."""
    entries = Entries(gained=[Entry(f"u:{account}", None, START)])
    rules = [RuleChange(f"r{one}", "same", ("live", "live"), entries) for one in range(number)]
    side = Side(0, 0, None, share(0, 0))
    change = Change(rules, [], Entries(), side, side, {}, START, START)
    return change, {(one.rule, f"u:{account}"): why for one in rules}


def test_nothing_of_a_sender_gets_out_of_its_place_in_a_comment() -> None:
    """No mention, no tag, no image, no end of the code span, no further column."""
    nasty = "`@all` ![x](http://evil.example) </details> | <img src=x>\n# loud"
    change, whys = changes(1, nasty, nasty)
    lines = markdown(change, ("a", "b"), whys, 5).splitlines()
    (line,) = [one for one in lines if one.startswith("* gained: `")]
    shown = re.sub(r"`[^`]*`", "", line, count=1)

    assert 2 == line.count("`")
    assert [] == re.findall(r"[@<>|\[\]`]", shown)
    assert line.endswith("loud")
    assert [] == [one for one in lines if one.startswith("#")]


@pytest.mark.parametrize("rules", [1, 80, 4_000])
def test_a_comment_is_never_longer_than_github_takes(rules: int) -> None:
    """What does not fit is left out from the end, and that is said."""
    change, whys = changes(rules, "x" * 300, "y" * 300)
    comment = markdown(change, ("a", "b"), whys, 5)

    assert len(comment) <= LIMIT + 200
    assert (rules > 80) is ("Not all of it fits" in comment)
    assert comment.count("<details>") == comment.count("</details>")


def test_the_same_change_gives_the_same_comment() -> None:
    """A bot that writes over its comment leaves no trace where nothing is new."""
    one, whys = changes(3, "acme", "why")
    other: Any = msgspec.json.decode(msgspec.json.encode(one), type=Change)

    assert markdown(one, ("a", "b"), whys, 5) == markdown(other, ("a", "b"), whys, 5)
