"""The state machine of a backtest on several machines, started and waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pql.adapters.outages import outages
from pql.core.errors import PqlError

PAUSE = 5.0


class BacktestMachine:
    """A deployed machine by its ARN; `pause` waits so many seconds. All of it raises `Unavailable`."""

    def __init__(self, client: Any, arn: str, pause: Callable[[float], None]) -> None:
        self._client = client
        self._arn = arn
        self._pause = pause

    def run(self, run: str, concurrency: int) -> None:
        """Start a run of which the order lies in its bucket, and wait for its end.

        Raises `PqlError` for a run that came to no good end, with where that can be looked at.
        """
        given = msgspec.json.encode({"run": run, "concurrency": concurrency}).decode()
        with outages("Step Functions"):
            asked = {"stateMachineArn": self._arn, "name": run, "input": given}
            execution = self._client.start_execution(**asked)["executionArn"]
        while True:
            with outages("Step Functions"):
                found = self._client.describe_execution(executionArn=execution)
            if found["status"] == "SUCCEEDED":
                return
            if found["status"] != "RUNNING":
                raise PqlError(
                    f"the run ended as {found['status']} ({found.get('error', 'nothing says why')}); more by "
                    f"`aws stepfunctions get-execution-history --execution-arn {execution}`"
                )
            self._pause(PAUSE)
