"""The recorded requests of real clients as gateway events, and what became of each."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from fakes.front_door import WRITE_KEY, FrontDoor, gateway_event

CAPTURES = Path(__file__).parent.parent / "data" / "sdk-captures"
FILES = sorted(path.name for path in CAPTURES.glob("*.jsonl"))
_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")


class Recording(NamedTuple):
    """One recorded request; `events` is how many events its body holds."""

    client: str
    seq: int
    label: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    events: int

    @property
    def plain(self) -> bytes:
        """Return the body without its compression."""
        return gzip.decompress(self.body) if self.body[:2] == b"\x1f\x8b" else self.body

    @property
    def is_text(self) -> bool:
        """Return whether an HTTP API would hand the body over as text."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip()
        return self.body == self.plain and (kind.startswith("text/") or kind in _TEXT_TYPES)

    def event(self, *, as_base64: bool | None = None, with_key: bool = False) -> dict[str, Any]:
        """Return the request as an HTTP API event, with the write key added if asked for."""
        path, _, query = self.path.partition("?")
        key = {"x-write-key": WRITE_KEY} if with_key else {}
        packed = not self.is_text if as_base64 is None else as_base64
        return gateway_event(
            path,
            self.body,
            method=self.method,
            headers={**self.headers, **key},
            query=query,
            as_base64=packed,
            request_id=f"{self.client}-{self.seq}",
        )


class Fate(NamedTuple):
    """What a request was answered, and how many events the queue got from it."""

    recording: Recording
    status: int
    accepted: int
    reason: str


def recordings(file: str) -> Iterator[Recording]:
    """Yield the recorded requests of one file in order."""
    for line in (CAPTURES / file).read_text().splitlines():
        found = json.loads(line)
        headers: dict[str, str] = {}
        for name, value in found["headers"]:
            known = headers.get(name.lower())
            headers[name.lower()] = value if known is None else f"{known},{value}"
        body = base64.b64decode(found["body_b64"])
        client = file.removesuffix(".jsonl")
        one = Recording(
            client, found["seq"], found["label"], found["method"], found["path"], headers, body, 0
        )
        yield one._replace(events=_events_in(one.plain))


def replayed(recording: Recording, **how: bool) -> Fate:
    """Return what becomes of a recorded request at a fresh front door."""
    door = FrontDoor()
    status, answer = door.knock(recording.event(**how))
    rejected = [entry["code"] for entry in (answer or {}).get("rejected", [])]
    reason = ", ".join(sorted(set(rejected))) or (answer or {}).get("code", "")
    return Fate(recording, status, len(door.queue.events), reason)


def table(fates: list[Fate]) -> str:
    """Return accepted / total per client, and the reason of each request that was refused."""
    lines = [f"{'client':<45} {'requests 200':>14} {'events':>13}"]
    for client in sorted({fate.recording.client for fate in fates}):
        mine = [
            fate for fate in fates if fate.recording.client == client and fate.recording.method != "OPTIONS"
        ]
        good = sum(fate.status == 200 for fate in mine)
        accepted, total = sum(fate.accepted for fate in mine), sum(fate.recording.events for fate in mine)
        lines.append(f"{client:<45} {f'{good}/{len(mine)}':>14} {f'{accepted}/{total}':>13}")
        preflights = [f for f in fates if f.recording.client == client and f.recording.method == "OPTIONS"]
        if preflights:
            answered = sum(fate.status == 204 for fate in preflights)
            lines.append(f"{'  preflights (204)':<45} {f'{answered}/{len(preflights)}':>14}")
        lines += [
            f"  {fate.status} {fate.recording.label} (request {fate.recording.seq}): {fate.reason}"
            for fate in mine
            if fate.status != 200 or fate.reason
        ]
    return "\n".join(lines)


def _events_in(plain: bytes) -> int:
    """Count the events in a body with nothing but the standard library's reader."""
    if not plain:
        return 0
    document = json.loads(plain)
    if isinstance(document, list):
        return len(document)
    return len(document["batch"]) if "batch" in document else 1
