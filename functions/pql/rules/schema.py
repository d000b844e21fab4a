"""The JSON Schema of rule files, made from the models: what an editor completes and underlines."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pql.rules import conditions, parts, signals
from pql.rules.comparison import LOWER, UPPER, WORDS, NumberComparison
from pql.rules.element import Element
from pql.rules.pack import RuleFile
from pql.rules.source import Source

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXAMPLE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z`])")
# Where a union stands in many places it is written once, under this name.
_UNIONS = {"AnySignal": signals.Kinds, "AnyCondition": conditions.Kinds, "AnyPart": parts.Kinds}


def schema(model: type[BaseModel] = RuleFile) -> dict[str, Any]:
    """Return the JSON Schema of `model`, a rule file unless said otherwise.

    It knows the grammar: what is well formed, not whether a name leads somewhere. It is stricter than
    `pql rules check` in one thing: a key with nothing behind it (`within:`) is underlined.
    """
    made = model.model_json_schema(by_alias=True, schema_generator=_Generator)
    definitions = made.pop("$defs", {})
    for name, union in _UNIONS.items():
        inlined = {"anyOf": [{"$ref": f"#/$defs/{one.__name__}"} for one in get_args(union)]}
        definitions = _replaced(definitions, inlined, {"$ref": f"#/$defs/{name}"})
        made = _replaced(made, inlined, {"$ref": f"#/$defs/{name}"})
        definitions[name] = inlined
    return {"$schema": DIALECT, **made, "$defs": dict(sorted(definitions.items()))}


def first_sentence(docstring: str | None) -> str:
    """Return the first sentence of a docstring, on one line."""
    paragraph = (docstring or "").strip().partition("\n\n")[0]
    return _SENTENCE_END.split(" ".join(paragraph.split()))[0]


def example_text(element: type[Element]) -> str | None:
    """Return the YAML example in an element's docstring, or None if it has none."""
    found = _EXAMPLE.search(textwrap.dedent("    " + (element.__doc__ or "")))
    return textwrap.dedent(found[1]) if found else None


def examples(element: type[Element]) -> list[Any]:
    """Return the elements in the docstring's example, without the names they are given there."""
    text = example_text(element)
    if text is None:
        return []
    data = Source(element.__name__, text).data
    if isinstance(data, dict) and not data.keys() & keys(element).keys():
        return list(data.values())
    return [data]


def keys(element: type[BaseModel]) -> dict[str, str]:
    """Return the keys of an element as they are written, each with the name of its field.

    The key that names the element comes first, then its own, then those it shares with others.
    """
    fields = {
        field.alias or name: name
        for name, field in element.model_fields.items()
        if name != "kind" and field.annotation is not NoneType  # what a subclass does not take
    }
    own = inspect.get_annotations(element)
    tag = title(element) if "kind" in element.model_fields else None
    return dict(sorted(fields.items(), key=lambda one: (one[0] != tag, one[1] not in own)))


class _Generator(GenerateJsonSchema):
    """Writes what people write: no `kind`, no null, shorthand forms included."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        element = schema["cls"]
        properties = made.get("properties", {})
        made["properties"] = {key: properties[key] for key in keys(element)}
        made["title"] = title(element)
        made["description"] = first_sentence(element.__doc__)
        if issubclass(element, Element) and (shown := examples(element)):
            made["examples"] = shown
        if issubclass(element, NumberComparison):
            _compare(made, element)
        return made

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        # Each requires its own key and knows no other's: no more than one can match.
        return {"anyOf": [self.generate_inner(choice) for choice in schema["choices"].values()]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
        return made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", ...) in (None, [], {}, ()):
            made.pop("default", None)
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the key says it all
        return False


def _compare(made: JsonSchemaValue, element: type[NumberComparison]) -> None:
    """Write down that exactly one operator is given, or a bound below and one above."""
    operators = [key for key, name in keys(element).items() if name in element.OPERATORS]
    for key in operators:
        made["properties"][key]["description"] = WORDS[keys(element)[key]]
    bounds = (*LOWER, *UPPER) if element.RANGES else ()
    choices: list[JsonSchemaValue] = [{"required": [key]} for key in operators if key not in bounds]
    if bounds:
        twice = [{"required": list(pair)} for pair in (LOWER, UPPER)]
        choices.append({"anyOf": [{"required": [key]} for key in bounds], "not": {"anyOf": twice}})
    made.setdefault("allOf", []).append({"oneOf": choices})


def title(element: type[BaseModel]) -> str:
    """Return what an element is called: the key that names it, else its name in plain words."""
    kind = element.model_fields.get("kind")
    if kind is not None:
        return str(kind.default)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", element.__name__).lower()


def _replaced(node: Any, old: Any, new: Any) -> Any:
    if node == old:
        return dict(new)
    if isinstance(node, dict):
        return {key: _replaced(one, old, new) for key, one in node.items()}
    return [_replaced(one, old, new) for one in node] if isinstance(node, list) else node


def reachable(model: type[BaseModel]) -> Iterable[type[Element]]:
    """Return every element that a file of this model can hold, in the order of reading."""
    found: dict[type[Element], None] = {}
    _reach(model, found)
    return found


def _reach(kind: Any, found: dict[type[Element], None]) -> None:
    if isinstance(kind, type) and issubclass(kind, Element):
        if kind not in found:
            found[kind] = None
            for field in kind.model_fields.values():
                _reach(field.annotation, found)
        return
    for inner in get_args(kind):
        _reach(inner, found)
