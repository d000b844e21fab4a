"""What people type behind the options of `pql lead`, each as the type of an argument."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from pql.core import window
from pql.core.clean_text import cleaned
from pql.core.lead_reference import referred
from pql.core.times import moment

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def since(text: str) -> Callable[[int], int]:
    """Return what says, at a moment, since when: `7d` are the last seven days."""
    at = 0 if text == "0" else moment(text)
    if at is not None:
        return lambda _: at
    ago = duration(text)
    return lambda now: now - ago


def limit(text: str) -> int:
    """Return how many leads to show."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of leads")
    return int(text)


def named(text: str) -> str:
    """Return what names a lead."""
    if not (_ID.fullmatch(text) or referred(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is neither an id nor ACCOUNT/RULE#CYCLE")
    return text


def name(text: str) -> str:
    """Return the name of a person."""
    who = cleaned(text)
    if not who:
        raise argparse.ArgumentTypeError("whoever changes a lead has a name")
    return who


def duration(text: str) -> int:
    """Return a length of time, such as `7d`, in milliseconds."""
    try:
        return window.duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
