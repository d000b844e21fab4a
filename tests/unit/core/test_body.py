"""Bodies are told apart by their bytes, and undone within bounds."""

from __future__ import annotations

import base64
import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.body import INFLATED_LIMIT, MEMBERS_LIMIT, document, opened, text_of
from pql.core.errors import Refused

PLAIN = '{"type":"track","event":"Créé 🚀"}'


def packed(raw: bytes) -> str:
    """Return `raw` as a gateway hands binary bodies over."""
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    ("body", "is_base64"),
    [
        (PLAIN, False),
        (packed(PLAIN.encode()), True),
        (packed(gzip.compress(PLAIN.encode())), True),
        (packed(gzip.compress(PLAIN[:9].encode()) + gzip.compress(PLAIN[9:].encode())), True),
        (packed(gzip.compress(PLAIN.encode()) + bytes(8)), True),
        (PLAIN, True),  # a wrong flag
    ],
    ids=["text", "base64", "gzip", "two gzip members", "padded gzip", "wrongly flagged"],
)
def test_fault_014_every_wrapping_gives_the_same_bytes(body: str, *, is_base64: bool) -> None:
    """However a body travels, its bytes are those the client wrote."""
    assert PLAIN.encode() == opened(body, is_base64=is_base64)


@pytest.mark.parametrize(
    ("body", "is_base64", "status", "code"),
    [
        ("!!!", True, 400, "bad_encoding"),
        ("é", True, 400, "bad_encoding"),
        (packed(gzip.compress(PLAIN.encode())[:-9]), True, 400, "bad_encoding"),
        (packed(gzip.compress(PLAIN.encode())[:1] + b"\x8b"), True, 400, "bad_encoding"),
        (packed(b"\x1f\x8b\x08" + b"\xff" * 30), True, 400, "bad_encoding"),
        (packed(gzip.compress(b"{}") + b"junk"), True, 400, "bad_encoding"),
        (packed(gzip.compress(gzip.compress(b"{}"))), True, 400, "bad_encoding"),
        (gzip.compress(b"{}").decode("utf-8", "replace"), False, 400, "bad_encoding"),
        (packed(gzip.compress(bytes(INFLATED_LIMIT + 1), 1)), True, 413, "payload_too_large"),
        (packed(gzip.compress(bytes(2**24), 1) * 3), True, 413, "payload_too_large"),
        (packed(gzip.compress(b"") * (MEMBERS_LIMIT + 1)), True, 400, "bad_encoding"),
    ],
    ids=[
        "no base64",
        "no ASCII",
        "truncated",
        "magic only",
        "damaged",
        "trailing junk",
        "nested",
        "gzip as text",
        "bomb",
        "bomb in members",
        "one member too many",
    ],
)
def test_fault_013_what_cannot_be_undone_is_refused(
    body: str, *, is_base64: bool, status: int, code: str
) -> None:
    """Damaged, nested and exploding bodies are the sender's fault, by name."""
    with pytest.raises(Refused) as caught:
        opened(body, is_base64=is_base64)

    assert (status, code) == (caught.value.status, caught.value.code)


def test_the_limits_themselves_are_taken() -> None:
    """A body that inflates to exactly the limit is let through, and one of as many members as may be."""
    bodies = (gzip.compress(bytes(INFLATED_LIMIT), 1), gzip.compress(b"1") * MEMBERS_LIMIT)

    assert [INFLATED_LIMIT, MEMBERS_LIMIT] == [len(opened(packed(one), is_base64=True)) for one in bodies]


@pytest.mark.parametrize(
    "raw", [b"\xef\xbb\xbf{}", b"\xff{}", "{}".encode("utf-16"), b"\xed\xa0\x80", b"\xc0\x80"]
)
def test_fault_012_only_utf8_without_a_mark_is_text(raw: bytes) -> None:
    """Byte order marks, UTF-16, encoded surrogates and overlong forms are refused."""
    with pytest.raises(Refused) as caught:
        text_of(raw)

    assert (400, "bad_encoding") == (caught.value.status, caught.value.code)


@pytest.mark.parametrize(
    ("raw", "encoding", "status"),
    [
        (zlib.compress(PLAIN.encode()), "deflate", 415),
        (b"\x1b\x2f\x00\xf8\x8d\xd4", "br", 415),
        (b"[[[ no json", "zstd", 415),
        (b"no json", "gzip", 400),
        (b"no json", "", 400),
        (b"no json", "identity", 400),
    ],
)
def test_fault_013_a_foreign_coding_is_named_only_when_the_bytes_are_no_json(
    raw: bytes, encoding: str, status: int
) -> None:
    """A coding we do not undo is a 415; a header that does not matter does not matter."""
    with pytest.raises(Refused) as caught:
        document(raw, encoding)

    assert status == caught.value.status


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip", "GZIP", "utf-8", ""])
def test_json_is_json_whatever_a_header_says(encoding: str) -> None:
    """JSON bytes are read under any Content-Encoding."""
    assert {"a": 1} == document(b'{"a":1}', encoding)[1].value


def test_a_pasted_replacement_character_is_no_damage() -> None:
    """U+FFFD inside valid JSON is content."""
    assert {"a": "\ufffd"} == document('{"a":"\ufffd"}'.encode(), "")[1].value


def test_bytes_destroyed_on_the_way_are_named() -> None:
    """A body that is no JSON and holds U+FFFD is told what happened to it."""
    with pytest.raises(Refused, match="destroyed"):
        document("x\ufffd\ufffd".encode(), "")


@given(raw=st.binary(), is_base64=st.booleans())
def test_any_bytes_are_read_or_refused(raw: bytes, *, is_base64: bool) -> None:
    """No bytes raise anything but a refusal."""
    body = packed(raw) if is_base64 else raw.decode("utf-8", "surrogatepass" if not raw else "replace")
    with contextlib.suppress(Refused):
        document(opened(body, is_base64=is_base64), "")
