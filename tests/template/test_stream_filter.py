"""Only new leads leave the table for notify."""

from __future__ import annotations

from typing import Any

import pytest

from pql.dev.filters import criteria, passes
from stack import events

PATTERNS = criteria(events("DynamoDB")["Notify"])


def _record(name: str, sk: str) -> dict[str, Any]:
    keys = {"pk": {"S": "a:acme"}, "sk": {"S": sk}}
    return {
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": keys, "SequenceNumber": "1"},
    }


@pytest.mark.parametrize(
    ("name", "sk", "expected"),
    [
        ("INSERT", "lead#classic#1", True),
        ("MODIFY", "lead#classic#1", False),  # published, sent: its own progress
        ("REMOVE", "lead#classic#1", False),
        ("INSERT", "state", False),
        ("INSERT", "member", False),
        ("INSERT", "seen#2026-11-22", False),
        ("INSERT", "a#lead#classic#1", False),
    ],
)
def test_fault_074_filter(name: str, sk: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A record passes if it is the first image of a lead."""
    assert expected is passes(_record(name, sk), PATTERNS)


def test_one_pattern() -> None:
    """There is one pattern: a second one would let more through, not less."""
    assert len(PATTERNS) == 1
