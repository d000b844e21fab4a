"""The `pql` command: a table of commands, each in a file of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from pql.cli import (
    account,
    archive,
    backfill,
    backtest,
    calibrate,
    dev,
    diff,
    doctor,
    erase,
    explain,
    lead,
    metrics,
    queue,
    replay,
    rules,
)
from pql.cli.parser import Parser
from pql.cli.refused import failed
from pql.core.errors import PqlError

COMMANDS = {
    "account": account,
    "archive": archive,
    "backfill": backfill,
    "backtest": backtest,
    "calibrate": calibrate,
    "dev": dev,
    "diff": diff,
    "doctor": doctor,
    "erase": erase,
    "explain": explain,
    "lead": lead,
    "metrics": metrics,
    "queue": queue,
    "replay": replay,
    "rules": rules,
}


class _Version(argparse.Action):
    """Print the version of the package, and exit."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        """Look it up now: it takes longer than everything else that `pql --help` does."""
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

        try:
            told = version("pql")
        except PackageNotFoundError:  # run from its sources, without having been installed
            told = "of no version: it is not installed"
        print(f"{parser.prog} {told}")
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = Parser(prog="pql", description="A product-qualified-lead engine.")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.HELP, description=command.__doc__)
        if name in given:  # the others' options are none of this call's
            command.declare(own)
            own.set_defaults(run=command.run, said_by=own.prog, unable=getattr(command, "UNABLE", 1))
    chosen = parser.parse_args(given)
    try:
        code = _run(chosen)
        _flush()
    except BrokenPipeError:
        # Nobody reads on, as behind `| head`: what is still buffered goes nowhere, and without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # as shells report a command whose reader left
    except KeyboardInterrupt:
        return 130  # as shells report a command that was interrupted
    return code


def _run(chosen: argparse.Namespace) -> int:
    """Run a command, or say why it cannot do what was asked; return its exit code."""
    try:
        code: int = chosen.run(chosen)
        _flush()
    except BrokenPipeError:  # an OSError, and no fault of the command
        raise
    except (PqlError, OSError) as error:
        return failed(error, chosen)
    return code


def _flush() -> None:
    if sys.stdout is not None:  # as behind `>&-`
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
