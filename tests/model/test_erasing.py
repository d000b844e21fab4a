"""Erasure beside workers, exhaustively."""

from __future__ import annotations

import os

import pytest

from model.checker import Verdict, explore
from model.erasing import Erasing, Fence

COPIES = (2, 1)
THREE = (1, 1, 1)
WITHOUT = {
    "keeps_ids": "counted twice",
    "raises_the_version": "came back",
    "blanks_what_it_read": "came back",
    "deletes_leads_last": "lead tells of it",
    "starts_over": "lead tells of it",
}


def verdict(copies: tuple[int, ...], fence: Fence) -> Verdict:
    """Return what the checker finds with two workers."""
    model = Erasing(copies, fence)
    return explore(model.start(2), model.steps, model.fault, model.finished)


def test_nothing_that_was_erased_comes_back() -> None:
    """Whoever counts or erases, dies and starts over: no copy and no lead brings it back."""
    found = verdict(COPIES, Fence())

    assert (None, ()) == (found.fault, found.trace)


@pytest.mark.parametrize("precaution", WITHOUT)
def test_no_precaution_is_idle(precaution: str) -> None:
    """Without any one of them the checker finds what is left or comes back."""
    assert (
        WITHOUT[precaution]
        == verdict(
            THREE if precaution == "blanks_what_it_read" else COPIES, Fence(**{precaution: False})
        ).fault
    )


@pytest.mark.skipif(os.environ.get("PQL_MODEL") != "large", reason="half a minute: PQL_MODEL=large")
def test_a_third_event_adds_nothing() -> None:
    """One event more, counted before, between or after."""
    assert verdict((2, 1, 1), Fence()).fault is None
