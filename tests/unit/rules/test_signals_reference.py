"""Every signal has the value that a slow and obvious look at the whole history gives.

`PQL_HISTORIES=10000` looks at that many histories for each of them; without it the few thousand that
a run has time for.
"""

from __future__ import annotations

import os
import random
from typing import get_args

import pytest

from fakes.histories import SIGNAL_TEXTS, random_history
from fakes.plans import plan_of
from fakes.slow_reference import slow_value
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step
from pql.rules import signals

SUBJECT = "a:acme"
HISTORIES = int(os.environ.get("PQL_HISTORIES", "250"))
TEXTS = [
    pytest.param(text, windows, id=text.partition(",")[0] + f" {number}")
    for number, (text, windows) in enumerate(SIGNAL_TEXTS.items())
]


def plan_with(signal: str) -> Plan:
    """Return the plan of one signal and a rule that never fires."""
    return plan_of(
        f"signals: {{s: {{{signal}}}}}\nrules: {{r: {{when: {{signal: s, is: no}}, title: t, reason: r}}}}"
    )


@pytest.mark.parametrize(("text", "windows"), TEXTS)
def test_a_signal_is_what_a_look_at_the_whole_history_gives(text: str, windows: list[str]) -> None:
    """Folded event by event or stored and read again, the value is the same as found the slow way."""
    plans = [plan_with(text + within) for within in windows]
    for number in range(HISTORIES):
        plan = plans[number % len(plans)]
        history = random_history(random.Random(f"{text} {number}"))  # noqa: S311 - no secret
        account = plan.account(SUBJECT)
        for one in history:
            step(plan, account, one)
        signal, clock = plan.signals[0].signal, account.clock
        told = (signal.words, number)
        slow = slow_value(signal, history, clock)
        # Decay adds up fractions, in whatever order.
        expected = (told, pytest.approx(slow, rel=1e-12) if isinstance(slow, float) else slow)
        stored = unpack(plan, SUBJECT, pack(plan, account))

        assert expected == (told, signal.value_at(account.values[0], clock))
        assert expected == (told, signal.value_at(stored.values[0], clock))


def test_no_signal_goes_without_a_reference() -> None:
    """Whoever adds an element adds it to the histories and to the reference."""
    compared = {
        type(plan_with(text + windows[0]).signals[0].signal) for text, windows in SIGNAL_TEXTS.items()
    }

    assert set(get_args(signals.Kinds)) == compared
