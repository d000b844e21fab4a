"""The `pql` command: a table of commands, each in a file of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pql.cli import dev, explain, lead, rules

COMMANDS = {"dev": dev, "explain": explain, "lead": lead, "rules": rules}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="pql", description="A product-qualified-lead engine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.HELP, description=command.__doc__)
        command.declare(own)
        own.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except KeyboardInterrupt:
        return 130  # as shells report a command that was interrupted
    return code


if __name__ == "__main__":
    sys.exit(main())
