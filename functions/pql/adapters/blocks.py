"""Bytes in large pieces, gzipped or not, as blocks of whole lines."""

from __future__ import annotations

import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator

from pql.core.errors import Poison

GZIP = b"\x1f\x8b"
CHUNK = 256 * 1024
_WITH_HEADER = 31


def blocks(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield what `chunks` hold as blocks that end where a line does; the last may end without one.

    A byte order mark before the first line is passed over. Raises `Poison` where a gzipped file breaks off.
    """
    found = _whole_lines(unzipped(chunks, name))
    for first in found:
        yield first.removeprefix(BOM_UTF8)
        break
    yield from found


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if not end:
            rest.append(chunk)
            continue
        yield b"".join((*rest, memoryview(chunk)[:end]))
        rest = [chunk[end:]] if end < len(chunk) else []
    if rest:
        yield b"".join(rest)


def unzipped(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield the chunks, decompressed if they are gzipped; several gzip members follow each other."""
    first = next(chunks, b"")
    while len(first) < len(GZIP) and (more := next(chunks, b"")):
        first += more
    if not first.startswith(GZIP):
        yield first
        yield from chunks
        return
    try:
        yield from _members(first, chunks)
    except (EOFError, zlib.error) as error:
        raise Poison(f"{name} is gzipped and cannot be read to its end") from error


def _members(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    member, waiting = zlib.decompressobj(_WITH_HEADER), first
    while True:
        if not waiting:
            waiting = next(chunks, b"")
            if not waiting:
                break
        # A byte of gzip may stand for a thousand: what does not fit stays for the next round.
        yield member.decompress(waiting, 4 * CHUNK)
        waiting = member.unconsumed_tail
        if member.eof:
            waiting = member.unused_data.lstrip(b"\0") or next(chunks, b"").lstrip(b"\0")
            if not waiting:
                return
            member = zlib.decompressobj(_WITH_HEADER)
    if not member.eof:
        raise EOFError
