"""Rows of accounts and of people beside each other, exhaustively, and what they have led to."""

from __future__ import annotations

import os

import pytest

from model.checker import Verdict, explore
from model.people import Duty, People, Told

LESSON = Told("is U", "lesson", 1)
# Of the events of a device two make a lead, of the visitor if they come before the lesson.
SCOPES = {
    "two copies": (Told("x", "device", 2), LESSON),
    "two of the device": (Told("x", "device", 1), Told("y", "device", 1), LESSON),
    "one of the device and one of the user": (Told("x", "device", 1), Told("y", "user", 1), LESSON),
}
COPIES, DEVICE, USER = SCOPES
# Without it, what the checker finds, with how many workers of whom each may crash.
WITHOUT = {
    "acknowledges_when_both_stand": ("event lost", COPIES, 1),
    "asks_each_row_for_its_own_ids": ("event lost", COPIES, 1),
    "looks_where_the_visitor_was": ("counted twice", COPIES, 1),
    "reads_the_member_again": ("counted twice", COPIES, 2),
    "raises_the_version_of_the_visitor": ("counted twice", COPIES, 2),
    "tombstone_keeps_ids": ("counted twice", COPIES, 1),
    "folds_people_with_the_member": ("left behind", COPIES, 1),
    "folds_people_as_read": ("event lost", COPIES, 2),
    "carries_standings": ("told twice", DEVICE, 1),
    "carries_with_the_fold": ("told twice", DEVICE, 1),
    "fires_with_the_fold": ("lead lost", USER, 1),
}
large = pytest.mark.skipif(os.environ.get("PQL_MODEL") != "large", reason="minutes: PQL_MODEL=large")


def verdict(name: str, duty: Duty, workers: int) -> Verdict:
    """Return what the checker finds."""
    model = People(SCOPES[name], duty)
    return explore(model.start(workers), model.steps, model.fault, model.finished)


@pytest.mark.parametrize(("name", "workers"), [(COPIES, 2), (DEVICE, 1), (USER, 1)])
def test_every_event_counts_once_for_its_account_and_once_for_its_person(name: str, workers: int) -> None:
    """A visitor becomes a person meanwhile: nothing lost, doubled or left behind, and no fact told twice."""
    found = verdict(name, Duty(), workers)

    assert (None, ()) == (found.fault, found.trace)


@pytest.mark.parametrize("precaution", WITHOUT)
def test_no_precaution_is_idle(precaution: str) -> None:
    """Without any one of them the checker finds what goes wrong."""
    fault, name, workers = WITHOUT[precaution]

    assert fault == verdict(name, Duty(**{precaution: False}), workers).fault


@large
@pytest.mark.parametrize(("name", "workers"), [(COPIES, 3), (DEVICE, 2), (USER, 2)])
def test_another_worker_adds_nothing(name: str, workers: int) -> None:
    """More workers at once can do nothing that one who crashes and comes again could not."""
    assert verdict(name, Duty(), workers).fault is None
