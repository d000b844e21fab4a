"""Moments in plain data."""

from __future__ import annotations

from pql.core.dated import dated


def test_only_whole_numbers_in_fields_of_these_names_are_moments() -> None:
    """At any depth; a yes or no is none, and neither is what the field holds beside."""
    given = {
        "at": 0,
        "n": 1,
        "in": [{"at": True}, ({"at": None},)],
        "when": {"at": [5], "to": {"at": 86_400_000}},
    }

    assert {
        "at": "1970-01-01T00:00:00.000Z",
        "n": 1,
        "in": [{"at": True}, [{"at": None}]],
        "when": {"at": [5], "to": {"at": "1970-01-02T00:00:00.000Z"}},
    } == dated(given, {"at"})
