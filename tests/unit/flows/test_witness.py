"""The witness notes which events arrive, and archives what it sees as if it were not there."""

from __future__ import annotations

import tracemalloc

import pytest

from fakes.events import HOUR, START, event
from fakes.memory_watch import MemoryWatch
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive
from pql.core.errors import Unavailable
from pql.flows.replay import Nowhere
from pql.flows.witness import WitnessedArchive

PLAN = plan_of(
    """
signals:
  reports: {count: Report Created}
  pages: {count: any, type: page}
  calls: {count: any, type: any}
rules:
  busy: {when: {any: [{signal: reports, at_least: 3}, {signal: pages, at_least: 3}]}, title: t, reason: r}
  calls: {when: {signal: calls, at_least: 3}, title: t, reason: r}
"""
)
NOW = START + HOUR // 2


def fail(*_: object) -> None:
    """Fail."""
    raise Unavailable("down")


def test_an_event_is_noted_once_an_hour() -> None:
    """By each container, whatever it is called, and only if some rule needs it."""
    seen = MemoryWatch()
    clock = [NOW]
    kept = MemoryArchive()
    archive = WitnessedArchive(kept, seen, PLAN, lambda: clock[0])
    lines = [
        ("a:acme", event(1)),
        ("a:acme", event(2, "report_created")),
        ("a:acme", event(3, "Other")),
        ("a:acme", event(4, "Home", kind="page")),
    ]
    for _ in range(3):
        archive.append(lines, "b")
    assert (1, {"track:reportcreated", "page:*", "any:*"}) == (seen.notes, set(seen.seen))
    assert {"b": lines} == kept.batches
    clock[0] += HOUR
    archive.append(lines, "b")

    assert {NOW // HOUR, NOW // HOUR + 1} == seen.seen["page:*"]
    assert 2 == seen.notes


def test_what_could_not_be_archived_is_not_noted() -> None:
    """Its messages come again, and then it is."""
    seen, broken = MemoryWatch(), MemoryArchive()
    broken.append = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        WitnessedArchive(broken, seen, PLAN, lambda: NOW).append([("a:acme", event(1))], "b")

    assert (0, {}) == (seen.notes, seen.seen)


def test_a_note_that_is_lost_is_no_reason_to_count_again() -> None:
    """It is written with what comes next, and counted."""
    seen = MemoryWatch()
    archive = WitnessedArchive(MemoryArchive(), seen, PLAN, lambda: NOW)
    note, seen.note = seen.note, fail  # type: ignore[method-assign]
    archive.append([("a:acme", event(1))], "b1")
    seen.note = note  # type: ignore[method-assign]
    archive.append([("a:acme", event(2))], "b2")

    assert (1, 0) == (archive.lost(), archive.lost())
    assert {"track:reportcreated", "any:*"} == set(seen.seen)


def test_long_names_are_not_kept() -> None:
    """An event's name may have 200 KB, and whoever sends thousands of such takes no memory with them."""
    archive = WitnessedArchive(Nowhere(), MemoryWatch(), PLAN, lambda: NOW)
    tracemalloc.start()
    try:
        for key in range(200):
            archive.append([("a:acme", event(1, f"{key}" + "x" * 50_000))], "b")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < 1_000_000
