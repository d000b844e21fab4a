"""The queue message: ASCII, versioned, and the same events on the other side."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.events import event
from pql.core.envelope import PACK_FROM, decode, encode
from pql.core.errors import NewerVersion, Poison


@given(st.lists(st.tuples(st.text(max_size=50), st.text(max_size=400)), max_size=40))
def test_what_was_encoded_is_decoded(texts: list[tuple[str, str]]) -> None:
    """Any text survives, small and packed alike, and the body is ASCII without control characters."""
    events = [event(i, name, properties={"text": text}) for i, (name, text) in enumerate(texts)]
    body = encode(events)

    assert [(e.id, e.name) for e in events] == [(e.id, e.name) for e in decode(body)]
    assert body.isascii()
    assert " " <= min(body)  # what SQS takes


def test_large_envelopes_are_packed() -> None:
    """From 8 KB on a message is gzipped."""
    body = encode([event(i) for i in range(100)])

    assert len(body) < PACK_FROM / 2
    assert not body.startswith("{")


@pytest.mark.parametrize(
    "body",
    ["", "x", "{}", "[]", "null", '{"v":1}', '{"v":1,"events":[{}]}', '{"v":"1","events":[]}', "\ud800", "AAAA",
     '{"v":0,"events":[]}', "[" * 100_000, '{"v":1,"events":[],"x":' + "[" * 100_000,
     '{"v":1,"events":[{"id":"%s","type":"track","received":1,"time":1}]}' % ("ab" * 15 + "  "),
     '{"v":1,"events":[{"id":"%s","type":"track","received":1,"time":1}]}' % ("g" * 32),
     '{"v":1,"events":[{"id":"ab","type":"track","received":1,"time":1}]}',
     '{"v":1,"events":[{"id":"%s","type":"track","received":9999999999999999,"time":1}]}' % ("a" * 32), base64.b64encode(gzip.compress(b"{", mtime=0))[:-4].decode(), base64.b64encode(gzip.compress(b"7", mtime=0)).decode()],
)  # fmt: skip
def test_what_encode_cannot_have_written_is_poison(body: str) -> None:
    """Nothing else than poison comes of a broken message."""
    with pytest.raises(Poison):
        decode(body)


def test_an_envelope_of_a_newer_deployment_is_left_for_it() -> None:
    """A newer version is never poison: it is tried again."""
    with pytest.raises(NewerVersion):
        decode('{"v":2,"events":"as they will be"}')


def test_a_bomb_is_poison() -> None:
    """A message that inflates beyond 32 MB is not inflated."""
    with pytest.raises(Poison, match="inflates"):
        decode(base64.b64encode(gzip.compress(b" " * (33 * 1024 * 1024))).decode())
