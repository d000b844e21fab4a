"""Whether the rules that a command works by are deployed: who judges by some declares them in the table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.refused import sorry
from pql.cli.rules.places import SHIPPED
from pql.core.errors import PqlError

if TYPE_CHECKING:
    from pql.engine.plan import Plan
    from pql.flows.ports import Store


class NotDeployed(PqlError):
    """Rules that nothing has judged by: what they would write is read by no function."""

    code = "rules_not_deployed"


def need_deployed(
    store: Store,
    plan: Plan,
    chosen: argparse.Namespace,
    table: str,
    *,
    writes: bool = True,
    instead: str = "",
) -> None:
    """Raise `NotDeployed` for rules that no function has judged by in this table, and `Unavailable`.

    Who only looks is told on standard error. `instead` is what else may be typed.
    """
    from pql.flows.editions import Editions  # noqa: PLC0415 - for `--help` alone nobody needs the engine

    if Editions(store, plan).are_declared():
        return
    said = (
        f"no function has ever judged by {whence(chosen.rules)} in the table {table}: name those that are"
        " deployed by --rules DIR; or deploy these first, and wait for an event or for sweep (SweepMinutes)"
    )
    if writes:
        raise NotDeployed(said + instead)
    sorry(chosen, f"{said}; until then nothing is written by them")


def whence(rules: Path) -> str:
    """Return which rules these are, in words."""
    ships = rules.resolve() == SHIPPED.resolve()
    return f"the rules that ship ({rules})" if ships else f"the rules in {rules}"
