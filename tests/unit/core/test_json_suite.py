"""The public JSON test suite, judged where a body is read."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from fakes.front_door import WRITE_KEY, FrontDoor, gateway_event
from pql.core.body import document
from pql.core.errors import Refused
from pql.core.strict_json import _decoder, _flawless

FILE = Path(__file__).parent.parent.parent / "data" / "json-test-suite" / "test_parsing.jsonl"
SUITE = {
    found["name"]: base64.b64decode(found["body_b64"])
    for found in map(json.loads, FILE.read_text().splitlines())
}
# Every Python SDK sends these.
TAKEN = {"n_number_NaN.json", "n_number_infinity.json", "n_number_minus_infinity.json"}


@pytest.mark.parametrize("name", [name for name in SUITE if name.startswith("y_") or name in TAKEN])
def test_fault_008_what_is_json_parses(name: str) -> None:
    """Documents that must be accepted are read, and so are NaN and Infinity."""
    text, parsed = document(SUITE[name], "")

    assert text
    assert not parsed.flawed or "duplicated_key" in name


@pytest.mark.parametrize("name", [name for name in SUITE if name.startswith("n_") and name not in TAKEN])
def test_fault_008_what_is_no_json_is_refused(name: str) -> None:
    """Documents that must be rejected are a 400."""
    with pytest.raises(Refused) as caught:
        document(SUITE[name], "")

    assert 400 == caught.value.status


@pytest.mark.parametrize("name", SUITE)
def test_fault_008_no_document_is_our_fault(name: str) -> None:
    """None of the documents is an event, so each is a 400 at the door, in whatever way it is read."""
    event = gateway_event("/v1/batch", SUITE[name], headers={"x-write-key": WRITE_KEY})

    assert 400 == FrontDoor().knock(event)[0]


@pytest.mark.parametrize("name", SUITE)
def test_fault_008_both_readers_agree(name: str) -> None:
    """What the quick reader takes, the careful one takes for the same."""
    text = SUITE[name].decode("utf-8", "replace")
    quick = _flawless(text)

    assert quick is None or repr(_decoder([]).decode(text)) == repr(quick.value)


def test_the_suite_is_there() -> None:
    """The documents that the other laws here speak of exist."""
    assert (95, 186, 35) == tuple(sum(name.startswith(kind) for name in SUITE) for kind in ("y_", "n_", "i_"))
