"""Lines of events: the archive's, canonical ones, and events as SDKs send them; one JSON object a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Never, TypeVar

import msgspec

from pql.adapters.event_sent import QuickReader, Sent, Unusual, Wanted, has_skew_out, is_modest, stranger
from pql.core.canonical import Arrival, canonical
from pql.core.complaints import UNREADABLE
from pql.core.errors import Refused
from pql.core.event import Event
from pql.core.identity import id_text
from pql.core.places import DEFAULT_PLACES, finder
from pql.core.times import written_time
from pql.core.window import NEVER

_T = TypeVar("_T")
SHOWN = 5
_RECEIVED = attrgetter("received")
_CLOCKS = ("receivedAt", "sentAt", "timestamp", "originalTimestamp")
_NO_EVENT = "is no JSON object"
_NO_TIME = "says no time at which it could have been received"
_AHEAD = "says that it was received after the moment of this run"


class _Line(msgspec.Struct):
    event: Event


_LINES = msgspec.json.Decoder(_Line)
_EVENTS = msgspec.json.Decoder(Event)
_ITEMS = msgspec.json.Decoder()


@dataclass
class Unread:
    """Lines that are no events: how many, and where and why of the first few."""

    count: int = 0
    places: list[str] = field(default_factory=list)

    def add(self, place: str, why: str) -> None:
        """Count a line that is none."""
        self.count += 1
        if len(self.places) < SHOWN:
            self.places.append(f"{place}: {why}")

    def take(self, other: Unread) -> None:
        """Count the lines of another as well."""
        self.count += other.count
        self.places += other.places[: SHOWN - len(self.places)]


class LineReader:
    """Reads the lines of one file, block after block; what is no event is told to `unread`.

    An event as an SDK sends it was received when `receivedAt` or its own times say, else with the line
    before; without any of them it is no event. Of what is not `wanted` a `stranger` may stand in its place.
    What says that it was received after `now` (epoch ms) is no event either, whoever reads.
    """

    def __init__(
        self,
        name: str,
        unread: Unread,
        places: Sequence[str] = DEFAULT_PLACES,
        wanted: Wanted | None = None,
        now: int = NEVER,
    ) -> None:
        self._name = name
        self._now = now
        self._wanted = wanted
        self._unread = unread
        self._account_of = finder(places)
        self._quick = QuickReader(places, wanted)
        self._line = 0
        self._clock = 0
        self._whole: Callable[[bytes], list[Event]] | None = None

    def block(self, block: bytes) -> list[Event]:
        """Return the events of a block of whole lines, in their order."""
        if self._whole is not None and (events := self._at_once(block, self._whole)) is not None:
            return events
        return self._one_by_one(block)

    def _at_once(self, block: bytes, whole: Callable[[bytes], list[Event]]) -> list[Event] | None:
        """Return the events of a block that holds nothing but lines of the kind that came before."""
        try:
            events = whole(block)
        except UNREADABLE:
            return None
        if max(map(_RECEIVED, events), default=0) > self._now:
            return None
        self._line += len(events)
        if events:
            self._clock = events[-1].received
        return events

    def rows(self, sents: Sequence[Sent], line: Callable[[int], bytes]) -> list[Event]:
        """Return the events of a table's rows; `line` writes one of them as an SDK could have sent it."""
        return self._taken(sents, self._quick.row, line)

    def _one_by_one(self, block: bytes) -> list[Event]:
        lines = block.split(b"\n")
        if not lines[-1]:  # what follows the last line end is no line
            lines.pop()
        quick = self._quick if self._whole is None and is_modest(lines, block) else _pass
        return self._taken(lines, quick, lines.__getitem__)

    def _taken(
        self, things: Sequence[_T], quick: Callable[[_T], Event], line: Callable[[int], bytes]
    ) -> list[Event]:
        """Return the events of what can be read quickly, and of the lines of what cannot."""
        events: list[Event] = []
        for index, thing in enumerate(things):
            one: Event | str | None
            try:
                one = quick(thing)
            except Unusual:
                if events:
                    self._clock = events[-1].received
                one = self._from_line(line(index), self._line + index + 1)
            if isinstance(one, Event):
                if one.received <= self._now:
                    events.append(one)
                    continue
                one = _AHEAD
            if one is not None:
                self._unread.add(f"{self._name}:{self._line + index + 1}", one)
        self._line += len(things)
        if events:
            self._clock = events[-1].received
        return events

    def _from_line(self, line: bytes, number: int) -> Event | str | None:
        """Return the event of any line, None for a blank one, or why it is none."""
        if self._whole is None and is_modest([line], line):
            with suppress(Unusual):
                return self._quick(line)
        return self._careful(line, number) if line.strip() else None

    def _careful(self, line: bytes, number: int) -> Event | str:
        for kind, whole in _KINDS:
            try:
                event = kind(line)
            except UNREADABLE:
                continue
            self._whole = whole
            return event
        self._whole = None
        try:
            item = _ITEMS.decode(line)
        except UNREADABLE:
            return _NO_EVENT
        return self._from_item(item, number, deep=not is_modest([line], line))

    def _from_item(self, item: Any, number: int = 1, *, deep: bool = True) -> Event | str:
        if not isinstance(item, dict):
            return _NO_EVENT
        received = self._clock
        for name in _CLOCKS:
            if name in item and (said := written_time(item[name])) is not None and said >= 0:
                received = said
                break
        if not received:
            return _NO_TIME
        if self._wanted is not None and not self._is_wanted(item, self._wanted):
            return stranger(received)
        corrected = has_skew_out(item)
        arrival = Arrival(received, self._name, "file", self._account_of, corrected=corrected, deep=deep)
        try:
            return canonical(item, number - 1, arrival).event
        except Refused as refused:
            return str(refused)
        except UNREADABLE:
            return _NO_EVENT

    def _is_wanted(self, item: dict[str, Any], wanted: Wanted) -> bool:
        """Return whether somebody cares for an item; what may be no event is looked at by everybody."""
        kind, name = item.get("type"), item.get("event", "")
        user, anonymous = id_text(item.get("userId")), id_text(item.get("anonymousId"))
        is_plain = kind in ("track", "identify", "page", "screen") and isinstance(name, str)
        if not is_plain or (kind == "track" and not name.strip()) or not (user or anonymous):
            return True
        return wanted(kind, name, self._account_of(item), user, anonymous)  # type: ignore[arg-type] # a text


def _pass(_: Any) -> Never:
    raise Unusual


def _archived(line: bytes) -> Event:
    return _LINES.decode(line).event


def _all_archived(block: bytes) -> list[Event]:
    return [line.event for line in _LINES.decode_lines(block)]


_KINDS: tuple[tuple[Callable[[bytes], Event], Callable[[bytes], list[Event]]], ...] = (
    (_archived, _all_archived),
    (_EVENTS.decode, _EVENTS.decode_lines),
)
