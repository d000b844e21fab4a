"""Whom a command is asked about: an account, a user or an anonymous id."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence

KINDS = ("account", "user", "anonymous")
SHOWN_BY = "`pql lead list` and `pql archive get DAY` show ids there are"


def declare_subject(parser: argparse.ArgumentParser) -> None:
    """Declare the id, and `--as`, which says whose it is."""
    parser.add_argument("account", help="the account's id, as senders know it")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=KINDS,
        default="account",
        help="who is meant: an account, a user or an anonymous id (default: account)",
    )


def asking_of(kind: str, command: Sequence[str], chosen: argparse.Namespace, *more: str) -> str:
    """Return the command that asks the same of an account or a user with the id that was chosen."""
    whose = () if kind == "account" else ("--as", kind)
    if chosen.account.startswith("-"):
        return shlex.join([*command, *whose, "--", chosen.account, *more])
    return shlex.join([*command, chosen.account, *more, *whose])
