"""A history that is folded into one account, which is stored and read again at some of its events."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step

SUBJECT = "a:acme"


def folded(
    plan: Plan, history: Sequence[Event], cuts: Collection[int] = ()
) -> tuple[bytes, list[tuple[str, int, int]]]:
    """Return the bytes of an account that is stored at every cut, and its leads: rule, cycle, moment."""
    account = plan.account(SUBJECT)
    leads = []
    for index, one in enumerate(history):
        if index in cuts:
            account = unpack(plan, SUBJECT, pack(plan, account))
        leads += [(fired.rule.name, fired.cycle, fired.at) for fired in step(plan, account, one)]
    return pack(plan, account), leads
