"""Bodies of half a megabyte, each made to keep the front door at work for as long as it can."""

from __future__ import annotations

import json

from fakes.front_door import track

_EVENT = '{"type":"track","userId":"u","event":"e","properties":'
_DEEP = '{"a":' * 80_000 + "1" + "}" * 80_001

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
}
