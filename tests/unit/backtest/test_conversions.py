"""Conversions in files."""

from __future__ import annotations

import pytest

from pql.backtest.rerun.conversions import conversions
from pql.core.errors import PqlError

DAY = 86_400_000


def test_a_csv_file_says_who_converted_and_when() -> None:
    """Columns are found by their names, times in any ISO form, and the first conversion of each counts."""
    lines = [
        "\ufeffplan,account_id,converted_at\n",
        "pro,acme,1970-01-03\n",
        "\n",
        '"x,y",acme,1970-01-02T00:00Z\n',
    ]

    assert {"acme": DAY} == conversions(lines, "won.csv")


def test_json_lines_say_the_same() -> None:
    """A CRM's own field names will do, and ids that are numbers."""
    lines = [
        '\ufeff{"accountId": 7, "convertedAt": "1970-01-02"}',
        '{"account_id": "b", "converted_at": 1767225600000}',
    ]

    assert {"7": DAY, "b": 1_767_225_600_000} == conversions(lines, "won.jsonl")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["account,when"], "won:1: no column `converted_at` in account, when"),
        (["who,converted_at"], "won:1: no column `account_id` in who, converted_at"),
        (["account_id,converted_at", "a,soon"], "won:2: 'soon' is no time such as"),
        (["account_id,converted_at", "", "a"], "won:3: expected 2 cells as in the first line, got 1"),
        (["account_id,converted_at", ",1970-01-02"], "won:2: no `account_id`"),
        (['{"account_id": "a", "converted_at": "1970-01-02"}', "{"], "won:2: Input data was truncated"),
        (['{"account_id": "a"}'], "won:1: None is no time"),
        (["[]"], "won:1: no column"),
        ([], "won has no conversion in it"),
        (["account_id,converted_at"], "won has no conversion in it"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(lines: list[str], said: str) -> None:
    """No line is passed over: a conversion that is missing would be counted as a lead for nothing."""
    with pytest.raises(PqlError) as caught:
        conversions(lines, "won")

    assert str(caught.value).startswith(said)
