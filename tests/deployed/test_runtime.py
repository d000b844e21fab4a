"""The built `process` under Lambda's own runtime: how it starts, and what its violent end leaves behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.deployed_stack import DeployedStack
from fakes.events import event
from fakes.runtime_emulator import RuntimeEmulator, emulated
from fakes.tapped_endpoint import Cut, TappedEndpoint, When
from lambda_like import built
from pql.core.envelope import encode

pytestmark = [
    pytest.mark.artifact,
    pytest.mark.skipif("PQL_STACK" not in os.environ, reason="nothing deployed: run python3 infra rehearse"),
    pytest.mark.skipif(sys.platform != "linux", reason="the emulator is a program for Linux"),
]
Running = Callable[[int], AbstractContextManager[tuple[RuntimeEmulator, TappedEndpoint]]]


@pytest.fixture
def process(stack: DeployedStack, tmp_path: Path) -> Running:
    """Return a way to run `process`, with a time limit, on the stack's own table, queues and archive."""
    variables = stack.function("Process")["Environment"]["Variables"]
    caller = {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    region = os.environ["AWS_DEFAULT_REGION"]

    @contextmanager
    def running(timeout: int) -> Iterator[tuple[RuntimeEmulator, TappedEndpoint]]:
        with TappedEndpoint(stack.endpoint, os.environ["AWS_CA_BUNDLE"]) as wire:
            own = {"AWS_ENDPOINT_URL": wire.url, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
            with emulated(built(), "Process", variables | caller | own, timeout, tmp_path) as emulator:
                yield emulator, wire

    return running


def delivery(account: str) -> dict[str, Any]:
    """Return what Lambda hands over for one message with three events, the same on every delivery."""
    now = int(time.time() * 1000)
    events = [
        msgspec.structs.replace(event((account, number), account=account), time=now, received=now, own=now)
        for number in range(3)
    ]
    return {"Records": [{"messageId": account, "body": encode(events)}]}


def test_a_handler_starts_once_and_serves_many(process: Running, stack: DeployedStack) -> None:
    """The second delivery of a message finds the handler warm, and its events counted."""
    sent = delivery("rie-warm")
    with process(30) as (emulator, wire):
        answers = [emulator.invoke(sent) for _ in range(2)]
        log, calls = emulator.log, wire.calls

    assert [{"batchItemFailures": []}] * 2 == answers
    assert 1 == len(emulator.starts)
    # The row once, and once in an hour the note of which events still arrive.
    assert ["UpdateItem", "PUT", "UpdateItem"] == [one for one in calls if one in ("UpdateItem", "PUT")][:3]
    assert 2 == calls.count("UpdateItem")
    assert "INIT_REPORT" in log or "INIT REPORT" in log
    assert 3 == stack.counted("rie-warm")


@pytest.mark.parametrize("when", ["before", "after"])
def test_fault_049_a_crash_at_the_write_counts_once(
    process: Running, stack: DeployedStack, when: When
) -> None:
    """Whether the write got through or not: the message comes again, to a handler that starts anew."""
    account = f"rie-crash-{when}"
    sent = delivery(account)
    with process(30) as (emulator, wire):
        wire.cut = Cut("UpdateItem", when, emulator.kill)
        crashed = emulator.invoke(sent)
        left = stack.counted(account)
        again = emulator.invoke(sent)

    assert "Runtime.ExitError" == crashed["errorType"]
    assert {"before": 0, "after": 3}[when] == left
    assert {"batchItemFailures": []} == again
    assert 2 == len(emulator.starts)
    assert 3 == stack.counted(account)


def test_fault_041_a_handler_that_overruns_is_killed_and_counts_once(
    process: Running, stack: DeployedStack
) -> None:
    """The answer to its write never comes, Lambda's time is over, and the next delivery reads what stands."""
    sent = delivery("rie-slow")
    # More than process wants to have left before it writes, less than three attempts of its client.
    with process(8) as (emulator, wire):
        emulator.invoke(delivery("rie-before"))
        wire.cut = Cut("UpdateItem", "after", wire.fall_silent)
        killed = emulator.invoke(sent)
    # Another emulator: this one may end what it starts next together with what it has just killed.
    with process(8) as (emulator, _):
        again = emulator.invoke(sent)

    assert "Task timed out after 8.00 seconds" in killed
    assert {"batchItemFailures": []} == again
    assert 2 == len(emulator.starts)
    assert 3 == stack.counted("rie-slow")
