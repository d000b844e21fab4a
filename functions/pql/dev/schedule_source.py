"""The schedule that invokes a function at a fixed rate."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from pql.dev.function import Function
from pql.dev.template import ACCOUNT, REGION, TemplateFault

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}


class ScheduleSource:
    """Invokes a function each time its rate has passed on `clock`, which counts seconds."""

    def __init__(
        self, function: Function, mapping: Mapping[str, Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        text = mapping.get("ScheduleExpression") or mapping.get("Schedule", "")
        rate = _RATE.fullmatch(text)
        if not rate:
            raise TemplateFault(f"{function.name}: the local world knows rate(...) schedules, not {text!r}")
        self._every = int(rate[1]) * _SECONDS[rate[2]]
        self._function = function
        self._clock = clock
        self._due = clock() + self._every

    def poll(self) -> bool:
        """Invoke the function if its time has come; return whether it had."""
        if self._clock() < self._due:
            return False
        self._due = self._clock() + self._every
        self.fire()
        return True

    def fire(self) -> None:
        """Invoke the function now."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "region": REGION,
            "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/pql-{self._function.name}"],
            "detail": {},
        }
        try:
            self._function.invoke(event)
        except Exception as error:  # noqa: BLE001 (a function may raise anything, and its time comes again)
            self._function.failed(error)
