"""The objects of an archive in memory, to put in order, to read and to erase from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from pql.core.archived import Line, order_of
from pql.flows.replay import Delivery, Stored
from pql.flows.shelf import Body

_LINES = msgspec.json.Decoder(Line)
_ENCODER = msgspec.json.Encoder()


@dataclass
class MemoryShelf:
    """The `Shelf`, `Log` and `Pages` ports over a dictionary; a key is `day/name`.

    Objects without a moment in their name were `written` then, in epoch ms.
    """

    held: dict[str, Body] = field(default_factory=dict)
    written: int = 0

    def stored(self, first: str = "", last: str = "") -> Iterator[Stored]:
        """Yield the objects of these days."""
        for key, body in sorted(self.held.items()):
            day, _, name = key.partition("/")
            if first <= day and (not last or day <= last):
                order = order_of(name, self.written)
                yield Stored(key, day, order, sum(map(len, body.lines)), body.tag)

    def expect(self, keys: Sequence[str]) -> None:
        """Do nothing: everything is here."""

    def body(self, key: str) -> Body | None:
        """Return what an object holds."""
        return self.held.get(key)

    def put(self, day: str, name: str, lines: Sequence[bytes]) -> str:
        """Store lines under a day and a name."""
        key = f"{day}/{name}"
        self.held[key] = _body(lines)
        return key

    def between(self, first: str, last: str) -> Mapping[str, str]:
        """Return the tags from key to key."""
        return {key: body.tag for key, body in self.held.items() if first <= key <= last}

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, one after the other."""
        for key in keys:
            self.held.pop(key, None)

    def lines(self, key: str) -> Sequence[Line]:
        """Return the lines of an object."""
        body = self.held.get(key)
        return [_LINES.decode(line) for line in body.lines] if body else []

    def keep(self, key: str, lines: Sequence[Line]) -> None:
        """Leave nothing but these lines of an object; one that is gone stays so."""
        if key not in self.held:
            return
        self.held[key] = _body([_ENCODER.encode(line) for line in lines])

    def deliveries(self, first: str = "", last: str = "") -> Iterator[Delivery]:
        """Yield what was counted, in the order of counting."""
        for one in sorted(self.stored(first, last), key=lambda one: one.order):
            yield Delivery(one.key, [line.event for line in self.lines(one.key)])


def _body(lines: Sequence[bytes]) -> Body:
    """Return what an object holds, with the tag that S3 gives it: a hash of what it holds."""
    return Body([*lines], hashlib.sha256(b"\n".join(lines)).hexdigest())
