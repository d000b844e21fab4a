"""Print the reference of the rule language in Markdown, made from its elements."""

from __future__ import annotations

import argparse

from pql.cli.rules.places import declare_out, deliver

HELP = "print the reference of the language"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules docs`."""
    declare_out(parser)


def run(chosen: argparse.Namespace) -> int:
    """Print or write the reference; return 0."""
    from pql.rules.reference import reference  # noqa: PLC0415

    return deliver(reference(), chosen.out)
