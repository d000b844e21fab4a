"""Who may send: a key in any place, or a signature over what was sent."""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pql.flows.admission
from fakes.front_door import basic, gateway_event
from fakes.memory_secrets import MemorySecrets
from pql.core.http_request import Request, request_from
from pql.flows.admission import (
    admitted_by_key,
    admitted_by_signature,
    holds,
    keys_beside_body,
    signed_slices,
)


def request(headers: dict[str, str] | None = None, query: str = "") -> Request:
    """Return a request with these headers and query."""
    return request_from(gateway_event("/v1/batch", headers=headers, query=query), "")


def signed(text: str, signature: str) -> bool:
    """Return whether `signature` admits a body of `text`."""
    secrets = MemorySecrets({"s": ["abc123"]})
    slices = signed_slices(text.encode(), text, json.loads(text))
    return admitted_by_signature(request({"x-signature": signature}), slices, secrets, "s")


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        (basic("key:"), ""),
        (basic("key"), ""),
        (basic("key:password"), ""),
        ({"authorization": "basic " + basic("key:")["authorization"].split()[1] + " "}, ""),
        ({"authorization": "Bearer key"}, ""),
        ({"x-write-key": " key "}, ""),
        ({"x-api-key": "key"}, ""),
        ({}, "writeKey=key"),
        ({"authorization": "Bearer some-token"}, "x=1&writeKey=key"),
    ],
)
def test_a_key_is_found_wherever_a_client_puts_it(headers: dict[str, str], query: str) -> None:
    """No place works for all clients, so all places count."""
    assert holds(keys_beside_body(request(headers, query)), [b"key"])


def test_a_key_may_contain_a_colon() -> None:
    """Jitsu's keys are `id:secret`."""
    assert holds(keys_beside_body(request(basic("id:secret"))), [b"id:secret"])
    assert holds(keys_beside_body(request(basic("id:secret:"))), [b"id:secret"])


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, ""),
        (basic(""), ""),
        (basic(":"), ""),
        (basic(":key"), ""),
        (basic("Key:"), ""),
        (basic("key "), ""),
        (basic("kéy"), ""),
        (basic(b"\xff\xfe\x00"), ""),
        ({"authorization": "Basic !!!!"}, ""),
        ({"authorization": "Basic é"}, ""),
        ({"authorization": "Basic"}, ""),
        ({"authorization": "key"}, ""),
        ({"x-write-key": "é\x00"}, ""),
        ({"x-write-key": "k" * 1_000_000}, ""),
        (basic("k" * 1_000_000), ""),
        ({"x-write-key": "\ud800"}, ""),
        ({}, "writekey=key"),
        ({}, "writeKey="),
    ],
)
def test_fault_019_anything_else_is_no_key(headers: dict[str, str], query: str) -> None:
    """Empty, wrong, non-ASCII and enormous credentials do not match, and do not raise."""
    assert not holds(keys_beside_body(request(headers, query)), [b"key", b""])


@given(st.text(), st.text())
def test_fault_019_no_credential_raises(authorization: str, key: str) -> None:
    """Any text in a header is a key or none."""
    keys = keys_beside_body(request({"authorization": authorization, "x-write-key": key}))

    assert not holds(keys, [b"a key that hypothesis does not find"])


def test_fault_026_an_empty_secret_matches_nothing() -> None:
    """A secret that was never set lets nobody in."""
    assert not holds([b"", b"key"], [b""])
    assert not admitted_by_signature(
        request({"x-signature": hmac.new(b"", b"{}", hashlib.sha1).hexdigest()}),
        [b"{}"],
        MemorySecrets({"s": [""]}),
        "s",
    )


def test_fault_025_the_previous_key_still_opens() -> None:
    """During a rotation both keys are valid."""
    secrets = MemorySecrets({"k": ["new", "old"]})

    assert admitted_by_key([b"old"], secrets, "k")
    assert admitted_by_key([b"new"], secrets, "k")
    assert 0 == secrets.refreshes


def test_a_key_that_was_just_rotated_opens() -> None:
    """A wrong key forces one look at the store."""
    secrets = MemorySecrets({"k": ["old"]})
    secrets.values("k")
    secrets.rotate("k", "new")

    assert admitted_by_key([b"new"], secrets, "k")
    assert not admitted_by_key([], secrets, "k")
    assert 1 == secrets.refreshes


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ('{"cool":true}', "5099cab379b3be52908387457007040cc934ef86"),
        ('[{"cool":false},{"cool":true}]', "c702b94a2569dd8d2f7185ce0ae951021bef4706"),
        (' [ {"cool":false} , {"cool":true}]', "c702b94a2569dd8d2f7185ce0ae951021bef4706"),
        ('[{"json":{"cool":false}},{"json":{"cool":true}}]', "c702b94a2569dd8d2f7185ce0ae951021bef4706"),
        ('[ { "json" : {"cool":false} }]', "c702b94a2569dd8d2f7185ce0ae951021bef4706"),
        ('{"b":1.0,"a":1e21,"10":1,"9":2,"u":"\\u00e9"}', "afdee1251750ab67ca92585c06b00670be268c8b"),
        ('[{"b":1.0,"a":1e21,"10":1,"9":2,"u":"\\u00e9"},{}]', "afdee1251750ab67ca92585c06b00670be268c8b"),
        ('{"cool":true}', "5099CAB379B3BE52908387457007040CC934EF86"),
    ],
)
def test_fault_022_a_signature_covers_the_raw_object_or_first_element(text: str, signature: str) -> None:
    """Segment's signature is checked over bytes cut out of the body, never over JSON written anew."""
    assert signed(text, signature)


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ('{"cool": true}', "5099cab379b3be52908387457007040cc934ef86"),
        ('[{"cool":true},{"cool":false}]', "c702b94a2569dd8d2f7185ce0ae951021bef4706"),
        ("[]", "c702b94a2569dd8d2f7185ce0ae951021bef4706"),
        ('{"cool":true}', ""),
        ('{"cool":true}', "é"),
        ('{"cool":true}', "5099cab379b3be52908387457007040cc934ef8"),
        (
            '{"cool":true}',
            "5099cab379b3be52908387457007040cc934ef86,5099cab379b3be52908387457007040cc934ef86",
        ),
    ],
)
def test_any_other_signature_is_wrong(text: str, signature: str) -> None:
    """A changed byte, a changed order or a damaged signature is refused without an exception."""
    assert not signed(text, signature)


def test_fault_020_secrets_are_compared_in_constant_time_only() -> None:
    """No comparison operator ever meets a credential: only compare_digest does."""
    tree = ast.parse(Path(pql.flows.admission.__file__).read_text())
    compared = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare)]

    assert {
        "scheme.lower() == 'basic'",
        "scheme.lower() == 'bearer'",
        "name == 'writeKey'",
        "end is not None",
    } == set(compared)
