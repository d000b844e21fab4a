"""How long a lead takes from the event that makes it to Slack, in the deployed stack.

A figure of this machine, printed and not judged. On AWS the time for which process waits for a batch to fill
comes on top (`BatchWindowSeconds`), which ministack does not wait for.
"""

from __future__ import annotations

import os
import statistics
import time

import pytest

from fakes.deployed_stack import DeployedStack, eventually

pytestmark = [
    pytest.mark.artifact,
    pytest.mark.skipif("PQL_STACK" not in os.environ, reason="nothing deployed: run python3 infra rehearse"),
]
LEADS = int(os.environ.get("PQL_REHEARSED_LEADS", "30"))


def test_from_event_to_slack(stack: DeployedStack, capsys: pytest.CaptureFixture[str]) -> None:
    """Every account becomes a lead by one last event, one after the other, and every lead is in Slack."""
    accounts = [f"timed-{number:03}" for number in range(LEADS)]
    with stack.sdk(upload_interval=0.05) as client:
        for account in accounts:
            at = {"context": {"groupId": account}}
            client.group(f"ava-{account}", account, {"plan": "trial"})
            client.track(f"ava-{account}", "Integration Connected", **at)
            client.track(f"ava-{account}", "Invite Sent", {"invitee_email": f"ben@{account}.example"}, **at)
            for _ in range(2):
                client.track(f"ben-{account}", "Report Created", **at)
    eventually(lambda: all(stack.counted(account) == 4 for account in accounts))
    taken = []
    with stack.sdk(sync_mode=True) as client:
        for account in accounts:
            started = time.monotonic()
            client.track(f"ben-{account}", "Report Created", context={"groupId": account})
            eventually(lambda name=account: stack.cards(name))
            taken.append(time.monotonic() - started)
    taken.sort()
    with capsys.disabled():
        print(  # noqa: T201 - a figure to report
            f"\nevent to Slack, {LEADS} leads one by one: p50 {statistics.median(taken):.2f} s, "
            f"p99 {taken[int(LEADS * 0.99)]:.2f} s, worst {taken[-1]:.2f} s"
        )

    assert LEADS == sum(len(stack.leads(account)) for account in accounts)
