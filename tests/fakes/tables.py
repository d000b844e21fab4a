"""The table of template.yaml, in whatever answers as DynamoDB."""

from __future__ import annotations

from typing import Any

from stack import properties

_DECLARED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


def make_table(client: Any, name: str = "pql") -> None:
    """Create the table with its indexes."""
    declared = properties("Table")
    client.create_table(TableName=name, **{key: declared[key] for key in _DECLARED})
