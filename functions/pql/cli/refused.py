"""How a command that cannot do what was asked says so, and what it exits with.

2 is for what was typed: an option that there is not, a file that is not there, two that exclude each other.
1 is for all that only looking tells: rules with faults, names that they do not have, a service that does not
answer, or that the answer is no. Commands whose 1 says that there is nothing to tell have an `UNABLE` of 2:
that they could not look is another thing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pql.cli.plain_json import plain_json
from pql.core.clean_text import cleaned
from pql.core.errors import PqlError

if TYPE_CHECKING:
    from pql.rules.faults import Fault

COULD_NOT_LOOK = 2
TYPED_WRONG = 2  # as Python's parser exits


class Mistyped(PqlError):
    """What Python's parser takes and yet cannot be, such as a file that is not there."""


def failed(error: Exception, chosen: argparse.Namespace) -> int:
    """Tell a `PqlError` or an `OSError`: faults of rules as such, all else in the name of the command.

    Returns 1 or, for all but faults of rules, what the command says by `UNABLE`; 2 for what was typed wrong.
    """
    faults: Iterable[Fault] | None = getattr(error, "faults", None)
    if faults is not None:
        refuse(faults, as_json=getattr(chosen, "json", False) is True)  # else it names a file
        return 1
    words = str(error)
    if isinstance(error, OSError) and error.filename is not None:
        words = f"{error.filename}: {error.strerror}"
    sorry(chosen, words)
    code: int = TYPED_WRONG if isinstance(error, Mistyped) else chosen.unable
    return code


def sorry(chosen: argparse.Namespace, words: str) -> int:
    """Say why not, on standard error and in the name of the command; return 1.

    The words may have ids and names of senders in them: nothing of these gets at the terminal.
    """
    plain = "\n".join(map(cleaned, words.split("\n")))
    print(f"{chosen.said_by}: {plain}", file=sys.stderr)
    return 1


def refuse(faults: Iterable[Fault], *, as_json: bool) -> None:
    """Tell the faults of rules: as JSON for programs, else one a line on standard error."""
    if as_json:
        print(plain_json([one._asdict() for one in faults]))
    else:
        print("\n".join(map(str, faults)), file=sys.stderr)
