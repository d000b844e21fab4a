"""What a property says: where it stands, and which number it is."""

from __future__ import annotations

import pytest

from pql.rules.properties import getter, number


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"plan.name": "pro", "plan": {"name": "free"}}, "pro"),
        ({"plan": {"name": "free"}}, "free"),
        ({"plan": {"name.de": "frei"}}, None),
        ({"plan": "free"}, None),
        ({}, None),
    ],
)
def test_a_key_as_it_is_written_goes_before_the_steps_at_its_dots(
    properties: dict[str, object], found: object
) -> None:
    """Senders flatten their objects, or not."""
    assert found == getter("plan.name")(properties)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("39.95", 39.95),
        (" -7 ", -7),
        ("2500000000", 2_500_000_000),
        ("1" + "0" * 17, 10**17),
        ("1" + "0" * 18, None),
        ("1e3", None),
        ("1,000", None),
        (3.0, 3),
        (True, None),
        (None, None),
    ],
)
def test_decimal_text_is_a_number(value: object, found: float | None) -> None:
    """Of up to eighteen digits; a yes is none, and neither is text in another notation."""
    assert found == number(value)
