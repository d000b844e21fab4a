"""How far an introduction of rules got, in a file: what was read need not be read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

from pql.core.errors import PqlError
from pql.engine.slots import RuleSlot
from pql.flows.survey import Survey, Tally


class Checkpoint(msgspec.Struct):
    """The introduction of `rules` (name to checksum) as of `at` (epoch ms), read up to `after`.

    Everything found so far is in it, so that the end is the same as without a stop.
    """

    table: str
    rules: dict[str, str]
    write: bool
    at: int
    surveys: dict[str, Survey]
    tally: Tally
    after: str | None = None
    is_read: bool = False

    @classmethod
    def of(cls, table: str, slots: Sequence[RuleSlot], at: int, *, write: bool) -> Self:
        """Return the one of an introduction that begins."""
        rules = {slot.name: slot.checksum for slot in slots}
        return cls(table, rules, write, at, {name: Survey() for name in rules}, Tally())

    def keep(self, file: Path | None) -> None:
        """Write it to `file`, whole or not at all."""
        if file is not None:
            beside = file.with_name(file.name + ".new")
            beside.write_bytes(msgspec.json.encode(self))
            beside.replace(file)


def begun(fresh: Checkpoint, file: Path | None) -> Checkpoint:
    """Return the introduction that `file` holds, or the fresh one if there is none.

    Raises `PqlError` for that of other rules, of another table, or of one that did not write.
    """
    if file is None or not file.exists():
        return fresh
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Checkpoint)
    except msgspec.MsgspecError as error:
        raise PqlError(f"{file} holds no introduction that could go on") from error
    if (found.table, found.rules, found.write) != (fresh.table, fresh.rules, fresh.write):
        raise PqlError(f"{file} is of another introduction: name another file, or delete it")
    return found
