"""The cell of a fold in which a signal writes its statements."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol


class Cell(Protocol):
    """What a signal may name in the statements it writes, beside those that are always there.

    `h` is its aggregate, `x` the value folded (if there is one), `e` the event, `p` its properties
    (of a call that tells traits those, by folded name),
    `whose` the hash of who did it, `time` the counted time and `now` the account's clock.
    """

    def constant(self, value: Any) -> str:
        """Return a name that stands for `value`."""

    def context(self) -> str:
        """Return the name of the event's context."""

    def bucket(self, width: int) -> str:
        """Return the name of the event's bucket of `width` milliseconds."""


class Usual(NamedTuple):
    """The statements of a fold in its most usual case: where `test` holds, they do all there is to do.

    What the value has become they leave in `n`, one more than before if `is_one_more`; without any
    statements it stays.
    """

    test: str
    statements: tuple[str, ...] = ()
    is_one_more: bool = False
