"""The JSON Schema and the reference say what the models say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from jsonschema import ValidationError as Underlined
from jsonschema.validators import extend
from pydantic import TypeAdapter, ValidationError

from pql.cli.rules.schema import schema_text
from pql.rules import conditions, parts, signals
from pql.rules.element import Element
from pql.rules.load import load
from pql.rules.pack import RuleFile
from pql.rules.reference import reference
from pql.rules.schema import examples, first_sentence, reachable, schema
from pql.rules.source import Source
from pql.rules.timeline import Timeline

ROOT = Path(__file__).parents[3]
MADE = schema()
TOLD = reference()
UNIONS = {
    "AnySignal": (signals.Kinds, signals.AnySignal),
    "AnyCondition": (conditions.Kinds, conditions.AnyCondition),
    "AnyPart": (parts.Kinds, parts.AnyPart),
}
ELEMENTS = [one for one in reachable(RuleFile) if examples(one)]
# Faults of a whole element that the schema knows of; others are between the values of its keys.
KNOWN_OF_WHOLES = {"missing", "comparison", "kind"}
VALUES = (5, -1, 1.5, True, "", "x", "7d", "30m", "fires at 2d", [], ["x"], {}, {"x": 1}, [{"x": "y"}])


def refers(validator: Any, place: str, data: Any, _: Any) -> Iterator[Underlined]:
    """Say no or nothing of what a reference leads to: who asks only whether needs no list of errors."""
    if not validator.evolve(schema=MADE["$defs"][place.removeprefix("#/$defs/")]).is_valid(data):
        yield Underlined(place)


def any_of(validator: Any, kinds: list[Any], data: Any, _: Any) -> Iterator[Underlined]:
    """Say no or nothing, without what is wrong under each of the kinds."""
    if not any(validator.evolve(schema=kind).is_valid(data) for kind in kinds):
        yield Underlined("of no kind")


Brief = extend(Draft202012Validator, {"$ref": refers, "anyOf": any_of})


def judge(element: type[Element]) -> tuple[TypeAdapter[Any], Draft202012Validator]:
    """Return what the models and what the schema say of data for an element."""
    name, kind = next(
        ((name, kind) for name, (union, kind) in UNIONS.items() if element in get_args(union)),
        (element.__name__, element),
    )
    part = {"$ref": f"#/$defs/{name}", "$defs": MADE["$defs"]}
    return TypeAdapter(kind), Draft202012Validator(MADE if element is RuleFile else part)


def is_taken(adapter: TypeAdapter[Any], data: Any) -> bool:
    """Return whether the models take `data`, and the timelines in it can be read."""
    try:
        found = adapter.validate_python(data)
        tests = [found] if isinstance(found, Timeline) else getattr(found, "tests", ())
        return all(test.moments() and test.expected() is not None for test in tests)
    except (ValidationError, ValueError):
        return False


def is_between_keys(adapter: TypeAdapter[Any], data: Any) -> bool:
    """Return whether the models refuse `data` only for how the values of several keys go together."""
    try:
        adapter.validate_python(data)
    except ValidationError as error:
        return all(
            isinstance(one["input"], dict) and one["type"] not in KNOWN_OF_WHOLES for one in error.errors()
        )
    return False


def broken(data: Any) -> Iterator[Any]:
    """Yield copies of `data` with one thing changed: a key too few or too many, or another value."""
    if isinstance(data, dict):
        yield {**data, "surprise": 1}
        for key, value in data.items():
            yield {other: one for other, one in data.items() if other != key}
            yield from ({**data, key: one} for one in (*VALUES, *broken(value)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from ([*data[:index], one, *data[index + 1 :]] for one in (*VALUES, *broken(value)))


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON document but the examples."""
    if isinstance(node, dict):
        yield node
        for key, one in node.items():
            if key != "examples":
                yield from nodes(one)
    elif isinstance(node, list):
        for one in node:
            yield from nodes(one)


def test_the_schema_file_is_the_one_of_the_models() -> None:
    """Whoever changes an element writes docs/rules.schema.json anew: `pql rules schema --out …`."""
    assert schema_text() == (ROOT / "docs" / "rules.schema.json").read_text(encoding="utf-8")


def test_the_reference_is_the_one_of_the_elements() -> None:
    """Whoever changes an element writes docs/rules-reference.md anew: `pql rules docs --out …`."""
    assert TOLD == (ROOT / "docs" / "rules-reference.md").read_text(encoding="utf-8")


def test_the_schema_is_a_schema() -> None:
    """It is valid under the dialect that it names."""
    Draft202012Validator.check_schema(MADE)

    assert Draft202012Validator.META_SCHEMA["$id"] == MADE["$schema"]


def test_the_schema_shows_only_what_people_write() -> None:
    """The tag that tells elements apart inside is not in it, and nothing may be null."""
    seen = list(nodes(MADE))

    assert [] == [one for one in seen if "kind" in one.get("properties", {})]
    assert [] == [one for one in seen if one.get("type") == "null" or one.get("default", "") is None]


@pytest.mark.parametrize("path", sorted((ROOT / "functions" / "rules").glob("*.yaml")), ids=lambda p: p.name)
def test_every_shipped_file_is_good_by_the_schema(path: Path) -> None:
    """No editor underlines what we ship."""
    data = Source(path.name, path.read_text(encoding="utf-8")).data

    assert [] == list(Draft202012Validator(MADE).iter_errors(data))


@pytest.mark.parametrize("path", sorted((ROOT / "functions" / "rules").glob("*.yaml")), ids=lambda p: p.name)
def test_every_shipped_file_leads_an_editor_to_the_schema(path: Path) -> None:
    """Its first line names the schema by a path that is there."""
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text(encoding="utf-8"))

    assert found is not None
    assert (ROOT / "docs" / "rules.schema.json") == (path.parent / found[1]).resolve()


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.__name__)
def test_the_schema_takes_every_example(element: type[Element]) -> None:
    """What the docstrings show is not underlined."""
    _, by_schema = judge(element)

    assert [] == [error.message for one in examples(element) for error in by_schema.iter_errors(one)]


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.__name__)
def test_the_schema_refuses_what_the_models_refuse(element: type[Element]) -> None:
    """Break each example in every place: both take it or both refuse it, but for values across keys."""
    adapter, by_schema = judge(element)
    brief = Brief(by_schema.schema)
    cases = [one for example in examples(element) for one in broken(example)]
    differing = [one for one in cases if is_taken(adapter, one) is not brief.is_valid(one)]

    assert [] == [one for one in differing if not is_between_keys(adapter, one)]
    assert [] == [one for one in cases[::29] if brief.is_valid(one) is not by_schema.is_valid(one)]
    assert any(not by_schema.is_valid(one) for one in cases)


def test_an_editor_is_told_what_each_element_is() -> None:
    """Every element of the schema has its first sentence and its example."""
    described = {name: one for name, one in MADE["$defs"].items() if name not in UNIONS}

    assert {
        one.__name__: first_sentence(one.__doc__) for one in reachable(RuleFile) if one is not RuleFile
    } == {name: one["description"] for name, one in described.items()}
    assert {one.__name__ for one in ELEMENTS} - {"RuleFile"} == {
        name for name, one in described.items() if "examples" in one
    }


def test_a_starter_file_is_good_by_the_schema(tmp_path: Path) -> None:
    """Shorthand and comments included."""
    from pql.cli.rules.new import STARTER  # noqa: PLC0415

    text = STARTER.read_text(encoding="utf-8").replace("NAME", "heavy_export")
    (tmp_path / "heavy_export.yaml").write_text(text)

    assert ["heavy_export.yaml"] == list(load(tmp_path).files)
    assert Draft202012Validator(MADE).is_valid(Source("heavy_export.yaml", text).data)


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.__name__)
def test_the_reference_shows_every_key_of_every_element(element: type[Element]) -> None:
    """No key is told nowhere."""
    keys = MADE["properties"] if element is RuleFile else MADE["$defs"][element.__name__]["properties"]

    assert [] == [key for key in keys if f"`{key}`" not in TOLD]
