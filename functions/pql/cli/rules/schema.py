"""Print the JSON Schema of rule files, with which editors complete and underline."""

from __future__ import annotations

import argparse
import json

from pql.cli.rules.places import declare_out, deliver

HELP = "print the JSON Schema for editors"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules schema`."""
    declare_out(parser)


def run(chosen: argparse.Namespace) -> int:
    """Print or write the schema; return 0."""
    return deliver(schema_text(), chosen.out)


def schema_text() -> str:
    """Return the schema as it stands in docs/rules.schema.json."""
    from pql.rules.schema import schema  # noqa: PLC0415

    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
