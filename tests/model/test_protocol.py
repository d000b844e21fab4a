"""The commit and the move, exhaustively: every interleaving, crash, lost answer and redelivery."""

from __future__ import annotations

import os

import pytest

from model.checker import Verdict, explore
from model.protocol import Protocol
from model.scopes import LARGE, SMALL
from model.table import Scope
from model.workers import Workers

WORKERS = 2
CHANGES_HANDS = "device changes hands while its user moves"
WITHOUT = {
    "row_before_seen": ("plain", "counted twice"),
    "spills": ("plain", "counted twice"),
    "commits_on_condition": ("plain", "counted twice"),
    "acknowledges_last": ("plain", "event lost"),
    "reads_members_again": ("first account", "counted twice"),
    "reads_members_after_rows": ("first account", "counted twice"),
    "reads_members_again_after_conflict": ("first account", "counted twice"),
    "looks_where_it_was": ("first account", "counted twice"),
    "raises_the_left_version": ("another account", "counted twice"),
    "leaves_a_tombstone_of_nothing": ("first account", "counted twice"),
    "tombstone_keeps_ids": ("first account", "counted twice"),
    "folds": ("first account", "left behind"),
    "folds_with_the_member": ("first account", "counted twice"),
    "removes_with_the_fold": ("first account", "counted twice"),
    "folds_what_it_read": ("first account", "event lost"),
    "fires_with_the_fold": ("first account, two events", "lead lost"),
    "fires_every_rule": ("plain", "lead lost"),
    "fires_with_the_row": ("plain", "lead lost"),
    "adopts_leads_that_stand": ("restored", "stuck"),
    "checks_the_former_user": (CHANGES_HANDS, "counted twice"),
}
large = pytest.mark.skipif(
    os.environ.get("PQL_MODEL") != "large", reason="minutes: PQL_MODEL=large, or python tests/model 3"
)


def verdict(scope: Scope, protocol: Protocol, workers: int = WORKERS) -> Verdict:
    """Return what the checker finds."""
    model = Workers(scope, protocol)
    return explore(scope.start(workers), model.steps, model.fault, model.finished)


@pytest.mark.parametrize("name", SMALL)
def test_fault_034_049_053_every_event_counts_once_and_everything_comes_to_an_end(name: str) -> None:
    """Whatever happens between two steps: nothing lost, nothing twice, nothing left behind or stuck."""
    found = verdict(SMALL[name], Protocol())

    assert (None, ()) == (found.fault, found.trace)


@pytest.mark.parametrize("name", ["first account", "another account", "device becomes a user"])
def test_rows_may_be_read_in_either_order(name: str) -> None:
    """A batch of reads is no snapshot and has no order."""
    assert verdict(SMALL[name], Protocol(subject_first=False)).fault is None


@pytest.mark.parametrize("precaution", WITHOUT)
def test_no_precaution_is_idle(precaution: str) -> None:
    """Without any one of them the checker finds what goes wrong."""
    name, fault = WITHOUT[precaution]

    assert fault == verdict({**SMALL, **LARGE}[name], Protocol(**{precaution: False})).fault


def test_fault_050_a_lost_answer_is_no_success() -> None:
    """Who takes a timeout of the commit for one loses the event."""
    assert "event lost" == verdict(SMALL["plain"], Protocol(trusts_lost_answers=True)).fault


@large
@pytest.mark.parametrize("name", LARGE)
def test_two_moves_at_once(name: str) -> None:
    """Two lessons about the same people, and events that name their account beside them."""
    assert verdict(LARGE[name], Protocol()).fault is None


@large
@pytest.mark.parametrize("name", SMALL)
def test_three_workers(name: str) -> None:
    """A third worker adds nothing that two could not do."""
    assert verdict(SMALL[name], Protocol(), workers=3).fault is None
