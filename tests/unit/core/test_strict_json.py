"""JSON is read strictly, but one bad value never costs the rest."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from pql.core.clean_text import scrubbed
from pql.core.errors import Refused
from pql.core.strict_json import (
    PRUNED_LIMIT,
    Flaw,
    Parsed,
    _decoder,
    _flawless,
    deep_ones,
    flaw_in,
    parse,
    slice_end,
    too_deep,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
PIECES = [
    '"a":1,',
    '{"a":1,"a":2}',
    ":",
    "\\u003a",
    "\\ud800",
    "1e400",
    "NaN",
    '"',
    "9" * 41,
    "-0.0",
    "1E-7",
    "{",
    "]",
    "\\u0000",
]
DAMAGED = st.builds(
    lambda text, at, piece: text[: at % len(text)] + piece + text[at % len(text) :],
    JSON.map(json.dumps),
    st.integers(0),
    st.sampled_from(PIECES),
)


@given(JSON)
def test_valid_json_reads_as_it_was_written(value: object) -> None:
    """Whatever JSON can say is read back unchanged and without a flaw."""
    assert (value, False) == parse(json.dumps(value))


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
def test_fault_010_numbers_that_json_does_not_have_are_null(literal: str) -> None:
    """Python SDKs emit NaN and Infinity: they become null and are no flaw."""
    assert ({"a": None}, False) == parse(f'{{"a": {literal}}}')


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1e400}', "bad_number"),
        ('{"a": -1e400}', "bad_number"),
        ('{"a": ' + "9" * 41 + "}", "bad_number"),
        ('{"a": ' + "9" * 5_000 + "}", "bad_number"),
        ('{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        ('[1, [{"x": 1, "\\u0078": 2}]]', "duplicate_key"),
    ],
)
def test_fault_010_011_a_flaw_stands_where_the_bad_value_was(text: str, code: str) -> None:
    """Numbers no float can hold and repeated keys are marked, and the document still reads."""
    value, flawed = parse(text)

    assert (True, code) == (flawed, flaw_in(value))


def test_a_flaw_keeps_to_its_place() -> None:
    """The neighbours of a flaw are what they were."""
    assert [{"a": 1}, Flaw("duplicate_key"), {"a": 2}] == parse('[{"a":1},{"b":1,"b":2},{"a":2}]').value


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", '{"a":1', "[1,]", "{'a':1}", "{} {}", "nul", '"\x01"', "\ufeff{}", "01", "1.", "+1"],
)
def test_fault_008_what_is_no_json_is_refused(text: str) -> None:
    """Broken documents are refused with a code, never with an accident."""
    with pytest.raises(Refused) as caught:
        parse(text)

    assert (400, "invalid_json") == (caught.value.status, caught.value.code)


@pytest.mark.parametrize("unit", ["[", '{"a":', '[{"a":'])
def test_fault_009_endless_nesting_is_too_deep(unit: str) -> None:
    """A hundred thousand opening brackets are refused, not recursed into."""
    with pytest.raises(Refused) as caught:
        parse(unit * 100_000)

    assert "too_deep" == caught.value.code


@pytest.mark.parametrize("depth", [33, 500, 2_000, 20_000, 100_000])
def test_fault_009_nesting_that_ends_is_left_to_judge_per_event(depth: int) -> None:
    """However deep a complete document is, it reads, and is seen to be too deep."""
    value, _ = parse('{"a":[' * depth + "]}" * depth)

    assert too_deep(value)


def test_a_deep_value_leaves_the_rest_readable() -> None:
    """Where the outer levels can be read, only the deep value is too deep."""
    value, _ = parse('[{"a":"]}{["},{"b":' + "[" * 50_000 + "]" * 50_000 + '},{"c":1}]')

    assert ({"a": "]}{["}, {"c": 1}) == (value[0], value[2])
    assert (False, True) == (too_deep(value[0]), too_deep(value[1]))


def test_fault_009_a_text_without_an_end_is_looked_for_once() -> None:
    """It took the square of its length: minutes for half a megabyte, of anybody who could send it."""
    with pytest.raises(Refused) as caught:
        parse("[" * 50_000 + "1" * 220_000 + '"' + "x" * 220_000 + "]")

    assert "too_deep" == caught.value.code


def test_a_huge_document_is_not_read_again_for_what_is_around_a_deep_value() -> None:
    """The good events of a body that size would cost more than half a second."""
    deep = f"[{'[' * 50_000}{']' * 50_000}]"
    padded = f"{deep[:-1]}{' ' * (PRUNED_LIMIT - len(deep))}]"

    assert too_deep(parse(padded).value)
    with pytest.raises(Refused) as caught:
        parse(f"{padded} ")
    assert "too_deep" == caught.value.code


@pytest.mark.parametrize(("depth", "expected"), [(31, False), (32, False), (33, True), (100, True)])
def test_depth_counts_objects_and_arrays(depth: int, *, expected: bool) -> None:
    """Thirty-two levels are taken, thirty-three are not."""
    value: object = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}

    assert expected == too_deep(value)


@given(st.lists(st.integers(30, 35) | st.none(), max_size=6))
def test_fault_009_of_many_the_deep_ones_are_found_at_once(depths: list[int | None]) -> None:
    """Those that are too deep by themselves, and their neighbours not."""
    items = [None if depth is None else json.loads('{"a":' * depth + "1" + "}" * depth) for depth in depths]
    items += [json.loads("[" * (depth or 0) + "]" * (depth or 0) or "0") for depth in depths]

    assert {index for index, item in enumerate(items) if too_deep(item)} == deep_ones(items)


@pytest.mark.parametrize(
    "text", ["[" + "{}," * 200_000 + "{}]", "[" + "0," * 500_001 + "0]"], ids=["objects", "numbers"]
)
def test_a_document_of_absurdly_many_values_is_too_large(text: str) -> None:
    """The memory and time a document takes are bounded before it is read."""
    with pytest.raises(Refused) as caught:
        parse(text)

    assert (413, "payload_too_large") == (caught.value.status, caught.value.code)


@given(JSON, st.text(alphabet=" \n\t"), st.text())
def test_the_end_of_a_value_is_found_in_the_raw_text(value: object, space: str, rest: str) -> None:
    """The slice of a value holds its exact characters."""
    text = json.dumps(value, indent=1)
    end = slice_end(f"[{text}{space},{rest}", 1)

    assert text == f"[{text}{space},{rest}"[1:end]


def test_an_unreadable_value_has_no_end() -> None:
    """Where no value can be read there is no slice."""
    assert None is slice_end('[{"a":', 1)
    assert None is slice_end("[" * 100_000, 0)


def test_fault_012_lone_surrogates_are_replaced_everywhere() -> None:
    """Keys and values lose what UTF-8 cannot hold, and nothing else."""
    assert {"a\ufffd": ["\ufffd", {"b": "🚀"}, 1, None]} == scrubbed(
        {"a\ud800": ["\udfff", {"b": "🚀"}, 1, None]}
    )


@given(st.one_of(JSON.map(json.dumps), DAMAGED))
@settings(max_examples=examples(270))
def test_fault_008_011_the_quick_reader_says_what_the_careful_one_says(text: str) -> None:
    """Or leaves the document to it: equal keys, numbers no float holds, half characters."""
    quick = _flawless(text)
    if quick is None:
        return
    flaws: list[Flaw] = []
    careful = _decoder(flaws).decode(text)

    assert [] == flaws
    assert repr(careful) == repr(quick.value)


@pytest.mark.parametrize(
    "power", ["", "e9", "E+99", "e-99", "E100", "e+0308", "E309", "e-400", "e0000000001"]
)
@pytest.mark.parametrize("digits", ["7", "-0", "9" * 40, "-" + "9" * 40, "9" * 41, "0." + "3" * 45])
def test_fault_010_numbers_beside_none_are_read_as_they_are_alone(digits: str, power: str) -> None:
    """Whether some number may be a bad one is asked of the whole document, and of each only then."""
    text = f"[NaN,1,{digits}{power}]"
    flaws: list[Flaw] = []
    careful = _decoder(flaws).decode(text)

    assert repr(Parsed(careful, bool(flaws))) == repr(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": {"c": ":"}}}',
        '{"a":1,"\\u0061":"\\u003a"}',
        '{"a":"x:y","a":":"}',
        '{"a": 1e400}',
        "[" + "9" * 41 + "]",
        '["' + "1" * 41 + '"]',
        "[NaN]",
        '["\\ud800"]',
        '["\\udc00\\ud800"]',
        # How deep is too deep for it, is for each Python to say: 3.13 goes down to some ten thousand.
        "[" * 90_000 + "]" * 90_000,
    ],
)
def test_fault_011_the_quick_reader_leaves_flaws_to_the_careful_one(text: str) -> None:
    """Nothing that is dropped or bent gets past it."""
    assert _flawless(text) is None


@pytest.mark.parametrize(
    "text", ['{"a":"b:c","d":[1,2.5,-0.0,null,true]}', '"x"', "[]", "18446744073709551615"]
)
def test_the_quick_reader_takes_what_has_no_flaw(text: str) -> None:
    """Else nobody would notice that it never reads anything."""
    assert Parsed(json.loads(text), flawed=False) == _flawless(text)
