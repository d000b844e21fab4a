"""How late an event may be: as it is named, as the stack is set to, or a week."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pql.adapters import stack_resources
from pql.cli.lateness import MOST, MOST_OF_A_RERUN, declare_lateness, horizon
from pql.cli.main import main
from pql.core.errors import Unavailable
from pql.core.window import DAY


@pytest.mark.parametrize(
    ("named", "events", "days"),
    [
        (None, ["events.jsonl"], 7),
        (None, ["events.jsonl", "archive:2026-11-01.."], 30),
        (None, ["archive"], 30),
        (3, ["archive"], 3),
        (None, ["archive/"], 7),
        (None, [], 7),
    ],
    ids=str,
)
def test_a_rerun_of_the_archive_counts_what_the_stack_does(
    monkeypatch: pytest.MonkeyPatch, named: int | None, events: Sequence[str], days: int
) -> None:
    """Of anything else no stack can say how it was counted."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr(stack_resources, "parameters", lambda *_: {"LatenessDays": "30"})
    chosen = argparse.Namespace(lateness_days=named, stack="pql", table=None, endpoint_url=None)

    assert days * DAY == horizon(chosen, events)


def test_who_may_not_ask_the_stack_is_told_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week would be a guess, and the figures wrong without a word."""

    def refused(*_: object) -> NoReturn:
        raise Unavailable("CloudFormation: AccessDenied")

    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr(stack_resources, "parameters", refused)
    chosen = argparse.Namespace(lateness_days=None, stack="pql", table=None, endpoint_url=None)

    with pytest.raises(Unavailable, match="say it by --lateness-days"):
        horizon(chosen, ["archive"])


def test_a_directory_called_archive_goes_before_the_archive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is what is read."""
    monkeypatch.chdir(tmp_path)
    Path("archive").mkdir()

    assert 7 * DAY == horizon(argparse.Namespace(lateness_days=None), ["archive"])


@pytest.mark.parametrize("command", ["replay quarantine", "replay archive", "backfill", "explain acme"])
@pytest.mark.parametrize("days", ["-3", "0", "91", "x"])
def test_what_no_stack_can_be_set_to_is_refused(command: str, days: str, capsys: Any) -> None:
    """Before anything is asked."""
    with pytest.raises(SystemExit) as left:
        main([*command.split(), "--lateness-days", days])

    assert (2, True) == (left.value.code, "a number of days from 1 to 90" in capsys.readouterr().err)


@pytest.mark.parametrize(("most", "days"), [(MOST, "90"), (MOST_OF_A_RERUN, "9999"), (MOST, "1")])
def test_what_a_stack_can_be_set_to_is_taken(most: int, days: str) -> None:
    """The bounds themselves; a rerun may go back as far as any history."""
    parser = argparse.ArgumentParser()
    declare_lateness(parser, "as deployed", most)

    assert int(days) == parser.parse_args(["--lateness-days", days]).lateness_days
