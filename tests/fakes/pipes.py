"""What a shell's `<(…)` gives to a command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def piped(text: str) -> Iterator[str]:
    """Give the name of a pipe that holds a short text: whoever does not read it keeps nobody waiting."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    try:
        yield f"/dev/fd/{reading}"
    finally:
        os.close(reading)
