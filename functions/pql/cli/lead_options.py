"""What people type behind the options of `pql lead` alone, each as the type of an argument."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable

from pql.cli.arguments import duration
from pql.core.clean_text import cleaned
from pql.core.lead_reference import referred
from pql.core.times import written_time

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def since(text: str) -> Callable[[int], int]:
    """Return what says, at a moment, since when: `7d` are the last seven days."""
    at = 0 if text == "0" else written_time(text)
    if at is not None:
        return lambda _: at
    ago = duration(text)
    return lambda now: now - ago


def limit(text: str) -> int:
    """Return how many leads to show."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of leads")
    return min(int(text), sys.maxsize)  # what `islice` takes


def named(text: str) -> str:
    """Return what names a lead."""
    if not (_ID.fullmatch(text) or referred(text)):
        nearly = f"; did you mean {text}#1?" if referred(f"{text}#1") else ""
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither an id nor ACCOUNT/RULE#CYCLE{nearly or ': `pql lead list` shows both'}"
        )
    return text


def name(text: str) -> str:
    """Return the name of a person."""
    who = cleaned(text)
    if not who:
        raise argparse.ArgumentTypeError("whoever changes a lead has a name")
    return who
