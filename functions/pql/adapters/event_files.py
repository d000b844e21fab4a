"""Events in files: the archive as it is, or events as SDKs send them; one JSON object a line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pql.core.canonical import Arrival, canonical
from pql.core.errors import Poison, Refused
from pql.core.event import Event
from pql.core.places import finder
from pql.core.times import moment

_GZIP = b"\x1f\x8b"
_CLOCKS = ("receivedAt", "sentAt", "timestamp", "originalTimestamp")
_ACCOUNT_OF = finder()


class EventFiles:
    """The events of files and of whole directories, gzipped or not; `unread` counts lines that are none.

    A line is what the archive holds (`{"subject": …, "event": …}`), a canonical event alone, or an event
    as an SDK sends it. The latter was received when `receivedAt` or its own times say, else with the
    line before; without any of them it is no event.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = [*paths]
        self.unread = 0

    def events(self) -> list[Event]:
        """Return all events in the order in which they were received."""
        found = [event for path in self._files() for event in self._of_file(path)]
        return sorted(found, key=lambda event: event.received)

    def _files(self) -> Iterator[Path]:
        for path in self._paths:
            yield from (
                sorted(one for one in path.rglob("*.json*") if one.is_file()) if path.is_dir() else (path,)
            )

    def _of_file(self, path: Path) -> Iterator[Event]:
        with path.open("rb") as opened:
            zipped = opened.read(2) == _GZIP
        clock = 0
        with gzip.open(path) if zipped else path.open("rb") as lines:
            for index, line in enumerate(_whole(lines, path)):
                if not line.strip():
                    continue
                event = _event(line, index, clock, path.name)
                if event is None:
                    self.unread += 1
                else:
                    clock = event.received
                    yield event


def _whole(lines: Iterable[bytes], path: Path) -> Iterator[bytes]:
    """Yield the lines; raises `Poison` where a gzipped file breaks off."""
    try:
        yield from lines
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Poison(f"{path} is gzipped and cannot be read to its end") from error


def _event(line: bytes, index: int, clock: int, request: str) -> Event | None:
    for stored in (_archived, _canonical):
        try:
            return stored(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    try:
        item = msgspec.json.decode(line)
        said = [moment(item.get(one)) for one in _CLOCKS] if isinstance(item, dict) else []
        received = next((one for one in said if one is not None and one >= 0), clock)
        if not received:
            return None
        return canonical(item, index, Arrival(received, request, "file", _ACCOUNT_OF)).event
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Refused):
        return None


class _Line(msgspec.Struct):
    event: Event


_LINE = msgspec.json.Decoder(_Line)
_EVENT = msgspec.json.Decoder(Event)


def _archived(line: bytes) -> Event:
    return _LINE.decode(line).event


def _canonical(line: bytes) -> Event:
    return _EVENT.decode(line)
