"""Bodies of half a megabyte, each made to keep the front door at work for as long as it can."""

from __future__ import annotations

import json
from collections.abc import Callable

from fakes.front_door import track

_EVENT = '{"type":"track","userId":"u","event":"e","properties":'
_NOON = 1_795_348_800_000  # of the day of the other events
_DEEP = '{"a":' * 80_000 + "1" + "}" * 80_001


def _batch(count: int, event: Callable[[int], str]) -> str:
    return f'{{"batch":[{",".join(event(number) for number in range(count))}]}}'


HOSTILE = {
    "brackets": "[" * 500_000,
    "objects": '{"a":' * 100_000,
    "closed brackets": "[" * 250_000 + "]" * 250_000,
    "a deep event": _EVENT + _DEEP,
    "a deep event in a batch": f'{{"batch":[{json.dumps(track())},{_EVENT}{_DEEP}]}}',
    "endless numbers": "[" + "1e400," * 80_000 + "1]",
    "endless numbers in an event": _EVENT + '{"n":[' + "1e400," * 78_000 + "1]}}",
    "an endless integer": "[" + "9" * 499_000 + "]",
    "keys twice": _EVENT + "[" + ",".join(['{"a":1,"a":2}'] * 35_000) + "]}",
    "a wide event": json.dumps(
        track(properties={f"key{number}": {"v": [number]} for number in range(18_000)})
    ),
    "events that are none": json.dumps({"batch": [{"json": {}} for _ in range(9_999)]}),
    "events without an id": json.dumps(
        {"batch": [track(userId=f"u{number}", messageId=None, n=number) for number in range(3_000)]}
    ),
    "half characters": json.dumps(
        {"batch": [track(messageId=f"m{number}", properties={"t": "\ud800" * 20}) for number in range(1_700)]}
    ),
    "not a number": json.dumps(
        {"batch": [track(messageId=f"m{number}", properties={"n": float("nan")}) for number in range(2_500)]}
    ),
    "as many people as may come": _batch(9_999, lambda number: f'{{"type":"identify","userId":{number}}}'),
    "half an event's name": _batch(
        6_500,
        lambda number: f'{{"type":"track","event":"\\ud800","userId":{number},"timestamp":{_NOON + number}}}',
    ),
    "many deep events": _batch(
        4_000, lambda number: f'{{"type":"track","event":"e","userId":{number},"p":{"[" * 34}{"]" * 34}}}'
    ),
    "hills far below": _EVENT + "[" * 2_000 + "[]," * 155_000 + "[]" + "]" * 2_000 + "}",
    "a text without an end": _EVENT + "[" * 2_000 + "1" * 250_000 + '"' + "x" * 240_000 + "]}",
    "numbers beside none": _EVENT + '{"n":[NaN' + ",1" * 240_000 + "]}}",
    "objects beside half a name": _EVENT.replace('"e"', '"\\ud800"')
    + '{},"o":[0'
    + ',{"":{}}' * 55_000
    + "]}",
    "ids to be quoted": _batch(9_999, lambda number: f'{{"type":"identify","userId":"@{number}é"}}'),
}
