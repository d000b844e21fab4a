"""Numbers and lengths of time as people type them, each as the type of an argument."""

from __future__ import annotations

import argparse

from pql.core import window


def duration(text: str) -> int:
    """Return a length of time, such as `7d`, in milliseconds."""
    try:
        return window.duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def whole(text: str) -> int:
    """Return a whole number, 0 or more."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)
