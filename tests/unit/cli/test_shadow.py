"""`pql rules shadow` and `pql rules live` say what they did, and what becomes of leads meanwhile."""

from __future__ import annotations

import getpass
import json
import time
from pathlib import Path

import pytest

from fakes.events import DAY, START
from fakes.memory_overrides import MemoryOverrides
from pql.cli.main import main
from pql.cli.rules import live, shadow
from pql.core.override import Override
from pql.core.plain_words import iso
from pql.flows.overrides import change

RULES = """\
signals: {reports: {count: Report Created}}
rules:
  keen: {when: {signal: reports, at_least: 2}, title: t, reason: r}
  quiet: {when: {signal: reports, at_least: 3}, status: shadow, title: t, reason: r}
  later: {when: {signal: reports, at_least: 4}, status: draft, title: t, reason: r}
tests:
  - {name: keen, rule: keen, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: not keen, rule: keen, timeline: [0d Report Created], expect: silent}
  - {name: quiet, rule: quiet, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: not quiet, rule: quiet, timeline: [0d Report Created], expect: silent}
  - {name: later, rule: later, timeline: [0d Report Created x4], expect: fires at 0d}
  - {name: not later, rule: later, timeline: [0d Report Created], expect: silent}
"""
SINCE = iso(START)


@pytest.fixture
def item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryOverrides:
    """Return the item that the commands write, at a known moment; the rules are `rules/` here."""
    held = MemoryOverrides()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "r.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PQL_TABLE", "pql")
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    monkeypatch.setattr(time, "time_ns", lambda: START * 1_000_000)
    for command in (shadow, live):
        monkeypatch.setattr(command, "item", lambda _chosen: held)
    return held


def test_a_rule_in_shadow_is_confirmed_with_what_becomes_of_its_leads(
    item: MemoryOverrides, capsys: pytest.CaptureFixture[str]
) -> None:
    """Since when, until when, by whom and why; where the leads are; and how to end it."""
    code = main(
        ["rules", "shadow", "keen", "--for", "7d", "--reason", "too many\x1b[31m", "--rules", "rules"]
    )

    expected = f"""\
keen: within a minute its leads are made and kept, and nobody is told of them
  pql lead list --rule keen    shows them
  pql rules live keen          ends it
keen is in shadow since {SINCE} until {iso(START + 7 * DAY)}, by ada: too many [31m
"""
    assert 0 == code
    assert expected == capsys.readouterr().out
    assert {"keen"} == item.held.holding(START)


@pytest.mark.parametrize(
    ("rule", "told"), [("quiet", "its file says `status: shadow`"), ("later", "makes no leads")]
)
def test_a_rule_that_was_not_announced_before_is_said_to_be_so(
    item: MemoryOverrides, capsys: pytest.CaptureFixture[str], rule: str, told: str
) -> None:
    """Both ways: nothing changes with the command, nor when it is taken back."""
    main(["rules", "shadow", rule, "--rules", "rules"])
    assert told in capsys.readouterr().out
    main(["rules", "live", rule, "--rules", "rules"])
    assert "not announced all the same: its file says `status: " in capsys.readouterr().out
    assert not item.held.rules


def test_a_rule_taken_out_is_confirmed_with_what_it_was_in_for(
    item: MemoryOverrides, capsys: pytest.CaptureFixture[str]
) -> None:
    """And which are still in; the same for programs."""
    since = Override(START - DAY, "watch", "80 leads")
    change(item, lambda held: held.having("keen", since, START).having("later", since, START))
    main(["rules", "live", "keen", "--rules", "rules"])
    before = iso(START - DAY)

    expected = f"""\
keen was in shadow since {before}, by watch: 80 leads
  its leads are announced again within a minute; those made meanwhile stay in shadow:
  pql lead list --rule keen --since {before[:10]}
later is in shadow since {before}, by watch: 80 leads
"""
    assert expected == capsys.readouterr().out

    main(["rules", "live", "later", "--rules", "rules", "--json"])
    assert {"shadow": []} == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("over", [False, True], ids=["never", "over by itself"])
def test_a_rule_that_is_not_in_shadow_cannot_be_taken_out(
    item: MemoryOverrides,
    capsys: pytest.CaptureFixture[str],
    over: bool,  # noqa: FBT001 - a column
) -> None:
    """It is said, instead of a success that did nothing."""
    if over:
        change(item, lambda held: held.having("keen", Override(START - DAY, "ada", until=START), START - DAY))
    code = main(["rules", "live", "keen", "--rules", "rules"])

    assert 1 == code
    assert "keen is not in shadow" in capsys.readouterr().err


@pytest.mark.usefixtures("item")
@pytest.mark.parametrize("verb", ["shadow", "live"])
def test_a_rule_that_there_is_not_is_told_with_the_nearest(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether or not any rule is in shadow."""
    assert 1 == main(["rules", verb, "kean", "--rules", "rules"])
    told = f"pql rules {verb}: unknown rule `kean`; did you mean `keen`?\n"
    assert told == capsys.readouterr().err


def test_what_is_over_is_no_longer_told(item: MemoryOverrides, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither to people nor to programs, though the table still holds it."""
    over = Override(START - DAY, "ada", until=START)
    change(item, lambda held: held.having("keen", over, START - DAY))
    main(["rules", "shadow", "--rules", "rules"])
    main(["rules", "shadow", "--rules", "rules", "--json"])
    told, _, document = capsys.readouterr().out.partition("\n")

    assert {"keen"} == {*item.held.rules}
    assert ("no rule is in shadow but by its file", {"shadow": []}) == (told, json.loads(document))
