"""Randomness that Hypothesis draws at one stroke, for what is made of hundreds of choices."""

from __future__ import annotations

import os
import random

from hypothesis import strategies as st

MORE = float(os.environ.get("PQL_EXAMPLES", "1"))


def examples(usual: int) -> int:
    """Return on how many examples to try a law that is tried on so many each time.

    `PQL_EXAMPLES=20` tries each on twenty times as many.
    """
    return max(1, round(usual * MORE))


class Chances(random.Random):
    """The choices that drawn bytes make, and always the same ones once they are used up.

    To draw each choice by itself takes ten times as long, and most of a law. Smaller bytes still make
    simpler choices, which is how Hypothesis makes an example small.
    """

    def __init__(self, drawn: bytes) -> None:
        super().__init__(0)
        self._drawn = drawn
        self._used = 0

    def getrandbits(self, k: int) -> int:
        """Return the next `k` bits."""
        size = -(-k // 8)
        if self._used >= len(self._drawn):
            return super().getrandbits(k)  # `sample` asks until it hears something new
        part = self._drawn[self._used : self._used + size]
        self._used += size
        return int.from_bytes(part, "little") & ((1 << k) - 1)

    def random(self) -> float:
        """Return a number from 0 to below 1, in steps of 2 ** -24."""
        return self.getrandbits(24) / 2**24

    def __repr__(self) -> str:
        return f"Chances({self._drawn!r})"


def chances(size: int = 600) -> st.SearchStrategy[random.Random]:
    """Return the strategy of chances of so many bytes: one or two make a choice."""
    return st.binary(min_size=size, max_size=size).map(Chances)
