"""Every signal has the value that a slow and obvious look at the whole history gives.

`PQL_HISTORIES=10000` looks at that many histories for each of them; without it at ten thousand in all.
"""

from __future__ import annotations

import os
import random
from typing import get_args

import pytest

from fakes.events import DAY, HOUR, START, group
from fakes.histories import DATED_TEXTS, SIGNAL_TEXTS, lives, some_histories
from fakes.plans import plan_of
from fakes.slow_reference import slow_value
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step
from pql.rules import signals

SUBJECT = "a:acme"
USUAL = 250
HISTORIES = int(os.environ.get("PQL_HISTORIES", USUAL))
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
    for number, history in enumerate(lives(text, HISTORIES)):
        plan = plans[number % len(plans)]
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


@pytest.mark.parametrize(("text", "windows"), DATED_TEXTS.items())
def test_a_dated_signal_is_what_a_look_at_history_and_traits_gives(text: str, windows: list[str]) -> None:
    """Whatever the trait says, whenever it says so, and however often it changes."""
    plans = [plan_with(text + within) for within in windows]
    seen = set()
    for number, history in enumerate(some_histories(text, HISTORIES)):
        rnd = random.Random(number)  # noqa: S311 - no secret
        plan = plans[number % len(plans)]
        account = plan.account(SUBJECT)
        lived = list(history)
        for key in range(rnd.randrange(4)):
            date = rnd.choice(
                [START + rnd.randrange(14 * 24) * HOUR, START + rnd.randrange(14 * DAY), "soon"]
            )
            call = group(f"call {key}", at=rnd.randrange(14 * 24) * HOUR, started=date)
            lived.insert(rnd.randint(0, len(lived)), call)
        for one in lived:
            step(plan, account, one)
        (scope,), clock = plan.scopes.values(), account.clock
        stored = unpack(plan, SUBJECT, pack(plan, account))
        slow = slow_value(plan.signals[0].signal, lived, clock)
        undated = slow_value(plan.signals[0].signal.model_copy(update={"since": None}), lived, clock)
        seen |= {"some"} if slow and undated != slow else {"all"} if slow else set()

        assert (number, slow) == (number, scope.value("s", account.values, clock))
        assert (number, slow) == (number, scope.value("s", stored.values, clock))

    assert {"some", "all"} == seen


def test_no_signal_goes_without_a_reference() -> None:
    """Whoever adds an element adds it to the histories and to the reference."""
    compared = {
        type(plan_with(text + windows[0]).signals[0].signal) for text, windows in SIGNAL_TEXTS.items()
    }

    assert set(get_args(signals.Kinds)) == compared


def test_a_usual_run_looks_at_ten_thousand_histories() -> None:
    """Whoever takes one from the list makes up for it."""
    assert USUAL * len({**SIGNAL_TEXTS, **DATED_TEXTS}) >= 10_000
