"""An account as it stood at a moment, before anything that came later."""

from __future__ import annotations

from typing import Any

from pql.core.lead import Scalar
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import slide


def as_of(plan: Plan, account: Account, moment: int) -> Account:
    """Return a copy of the account as it stands at `moment` (epoch ms), or at its clock if that is later."""
    return brought(plan, unpack(plan, account.subject, pack(plan, account)), moment)


def brought(plan: Plan, account: Account, moment: int) -> Account:
    """Return the account itself, brought to `moment` (epoch ms) unless its clock is later."""
    moment = max(moment, account.clock)
    slide(plan, account, moment)
    account.clock = moment
    plan.verdict(account.values, moment)
    return account


def values_of(plan: Plan, account: Account) -> dict[int, Any]:
    """Return what the folds of the plan's signals have left in the account's values, by fingerprint.

    Of a signal that time changes that is not yet what conditions see: `Signal.value_at` tells.
    """
    return {slot.fingerprint: account.values[slot.place] for slot in plan.signals}


def traits_of(plan: Plan, account: Account) -> dict[str, Scalar]:
    """Return the traits that rules look at, by folded name."""
    return {name: account.values[place] for name, place in plan.traits.items()}
