"""What pydantic refuses, at its place in the file and in our words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pql.core.plain_words import said
from pql.rules.faults import Fault
from pql.rules.locations import keys_of, located
from pql.rules.names import misnamed
from pql.rules.nearest import nearest, negation
from pql.rules.pack import RuleFile
from pql.rules.source import Path, Source

_MEMBERS = {"float_type", "int_type", "string_type", "bool_type"}
_EXPECTED = {
    "string_too_short": "expected text, and not an empty one",
    "int_type": "expected a whole number, without quotes",
    "int_from_float": "expected a whole number",
    "dict_type": "expected names with something behind each, such as `name: {...}`",
    "none_required": "this is of no use here; leave it out",
}
_CONDITION = "expected a condition such as {signal: NAME, at_least: 3}"
_EXAMPLES = {
    ("signals", 2): "expected a signal such as {count: Report Created, within: 30d}",
    ("scores", 3): "expected points such as {points: 25, when: {signal: NAME, at_least: 3}}",
}
# Behind these no list of names is expected.
_UNNAMED = ("tests", "all", "any", "in", "channels", "card", "suppress", "timeline")
# What is not written like a condition.
_ELEMENTS = {
    "RuleFile": "expected a rule file: signals, scores, rules and tests",
    "Rule": "expected a rule: `when`, `title` and `reason` behind its name",
    "Requalify": "expected `{after: 90d}` or `{signal: NAME, more: 10}`",
    "Step": "expected an event's name, a list of names, or {event: NAME, where: {...}}",
    "Timeline": "expected a test: `name`, `timeline` and `expect`",
}
_SEVERAL = "expected one condition; for several write `all: [...]` or `any: [...]`"


def refusals(error: ValidationError, source: Source) -> Iterator[Fault]:
    """Yield every fault that pydantic found in a file."""
    for one in _told(error.errors(include_url=False)):
        yield _fault(source, one)


def _told(errors: Iterable[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Yield the errors without those that say the same again.

    That a list is short of its faulty items, and what else a value is not that may be of several types.
    """
    every = list(errors)
    several: set[tuple[str | int, ...]] = set()
    for error in every:
        here = error["loc"]
        below = any(one["loc"][: len(here)] == here and len(one["loc"]) > len(here) for one in every)
        beside = [one for one in every if one["loc"][:-1] == here[:-1] and one["type"] in _MEMBERS]
        if error["type"] in _MEMBERS and len({one["type"] for one in beside}) == len(_MEMBERS):
            if here[:-1] not in several:
                several.add(here[:-1])
                yield {**error, "type": "scalar_type"}
        elif error["type"] == "string_type" and isinstance(error["input"], dict) and "timeline" in here:
            pass  # it need not be text, and what else is wrong with it is told as well
        elif error["type"] != "too_short" or not below:
            yield error


def _fault(source: Source, error: ErrorDetails) -> Fault:
    loc, kind = error["loc"], error["type"]
    path, _ = located(loc)
    if kind == "extra_forbidden":
        return source.fault(path, _unknown_key(loc, path, source), key=True)
    if loc[-1:] == ("[key]",):
        is_name = kind == "string_pattern_mismatch"
        return source.fault(path, misnamed(str(path[-1])) if is_name else error["msg"], key=True)
    return source.fault(path, _words(error, path))


def _unknown_key(loc: tuple[str | int, ...], path: Path, source: Source) -> str:
    key = str(loc[-1])
    _, element = located(loc[:-1])
    legal = sorted(set(keys_of(element)))
    around = source.at(path[:-1]) or {}
    free = [one for one in legal if one not in around]
    opposite = negation(key)
    if opposite in legal and "signal" not in legal and "trait" not in legal:
        mend = f"a filter has no `not`; {_one_of(legal)}"
    elif opposite in legal:
        mend = f"put the condition behind `not`: {{not: {{..., {opposite}: ...}}}}"
    elif key == "between" and "at_least" in legal:
        mend = "write `at_least` and `at_most`, in a condition as two inside of `all`"
    elif near := nearest(key, free):
        mend = f"did you mean `{near}`?"
    elif re.fullmatch(r"[0-9]{3}", key) and around.get(key) is None:
        mend = "a number is written without commas"
    elif any(key.startswith(f"{one} ") for one in legal):
        mend = f"a colon is missing after `{key.split(maxsplit=1)[0]}`"
    elif element is RuleFile and isinstance(around.get(key), dict):
        mend = f"{_one_of(legal)}; what belongs to one of them is indented below it"
    else:
        mend = _one_of(legal)
    return f"unknown key `{key}`; {mend}"


def _one_of(legal: list[str]) -> str:
    return f"expected one of {', '.join(legal)}"


def _words(error: ErrorDetails, path: Path) -> str:
    """Return what was expected in the place of what stands there."""
    kind, found = error["type"], error["input"]
    told: dict[str, Any] = error.get("ctx", {})
    if kind == "missing":
        return f"`{error['loc'][-1]}` is missing here"
    if kind == "string_type":
        return _text(found)
    if kind == "float_type":
        return _number(found)
    if kind == "scalar_type":
        return "expected one value: text, a number, true or false; for several write `in: [one, two]`"
    if kind == "tuple_type":
        return _listed(found, path)
    if bound := _bound(kind, told, found, path):
        return bound
    if kind == "literal_error":
        return _choice(str(told["expected"]), found)
    if kind == "bool_type":
        return _truth(found)
    if kind == "dict_type" and "timeline" in path:
        brace = "a colon is missing before the {"
        return brace if "{" in str(path[-1]) else "expected properties, such as {plan: trial}"
    if kind in ("model_type", "model_attributes_type"):
        return _element(found, path, str(told.get("class_name")))
    message = error["msg"]
    return _EXPECTED.get(kind, message[0].lower() + message[1:])


def _bound(kind: str, told: dict[str, Any], found: Any, path: Path) -> str | None:
    if kind == "too_short" and isinstance(found, dict):
        one = str(path[-1]).removesuffix("s")
        return f"expected at least {told['min_length']} {one}, such as `name: {{...}}`"
    if kind == "too_short":
        return f"expected at least {told['min_length']} in the list, found {told['actual_length'] or 'none'}"
    if kind == "too_long":
        where = f" {path[-1]}" if isinstance(found, dict) else " in the list"
        return f"expected at most {told['max_length']}{where}, found {len(found)}"
    if kind == "string_too_long":
        return f"expected at most {told['max_length']} letters"
    words = {
        "greater_than": "more than",
        "greater_than_equal": "at least",
        "less_than": "less than",
        "less_than_equal": "at most",
    }
    if kind not in words:
        return None
    (bound,) = told.values()
    return f"expected a number, {words[kind]} {said(bound)}"


def _element(found: Any, path: Path, name: str) -> str:
    if name == "Requalify" and isinstance(found, str) and re.fullmatch(r"[1-9][0-9]{0,3}[mhd]", found):
        return f"expected `{{after: {found}}}` or `{{signal: NAME, more: 10}}`"
    example = _EXAMPLES.get((str(path[0]), len(path)), _CONDITION) if path else _CONDITION
    if example == _CONDITION and name not in _ELEMENTS and isinstance(found, list):
        return _SEVERAL
    return _ELEMENTS.get(name, example)


def _text(found: Any) -> str:
    if isinstance(found, (dict, list)):
        return f"expected text; put text that begins with {'{' if isinstance(found, dict) else '['} in quotes"
    return "expected text; put it in quotes" if isinstance(found, (int, float)) else "expected text"


def _choice(expected: str, found: Any) -> str:
    text = said(found)
    shown = text if text.isprintable() else ascii(text)[1:-1]
    legal = re.findall(r"'([^']*)'", expected)
    near = nearest(text, legal)
    hint = f"; did you mean `{near}`?" if near else ""
    return f"expected {expected.replace(chr(39), '`')}, found `{shown}`{hint}"


def _truth(found: Any) -> str:
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(found).casefold())
    if meant:
        return f"expected true or false; for {found} write {meant}"
    return "expected true or false, without quotes"


def _number(found: Any) -> str:
    """Numbers are written without what other notations put around them."""
    text = str(found).strip()
    if _is_number(text.removesuffix("%")) and text.endswith("%"):
        return f"expected a number; {text} is {said(float(text[:-1]) / 100)}"
    if _is_number(text[:-1]) and text[-1] in "mhd":
        return "expected a number, without a unit; days are counted in days"
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*", text):
        return "expected a number; dates are compared with `since` and `until`"
    if isinstance(found, str) and text == _digits(text):
        return f"expected a number, without quotes: {text}"
    if isinstance(found, str) and _is_number(_digits(text)):
        return f"expected a number, in digits alone: {_digits(text)}"
    return f"expected a number, found `{text}`" if isinstance(found, str) and found else "expected a number"


def _digits(text: str) -> str:
    """Return a number as the language writes it: 1_000 and 1e3 as 1000, 010 as 10."""
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        return ""
    return f"{value:.15g}" if math.isfinite(value) else ""


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _in_quotes(text: str) -> str:
    """Return text as it may stand in a list: in quotes if YAML reads its first letter as something else."""
    return json.dumps(text, ensure_ascii=False) if text[:1] in {*"#@%{[*&!`|>'\""} else text


def _listed(found: Any, path: Path) -> str:
    if isinstance(found, (str, int, float)) and path[-1] in ("in", "channels", "card", "suppress", "traits"):
        return f"expected a list, such as [{_in_quotes(said(found))}]"
    if isinstance(found, (bool, int, float)):
        return "expected a name or a list of names; put it in quotes"
    if isinstance(found, dict) and "event" in found and path[0] == "signals":
        return f"expected a name or a list of names; `where` stands beside `{path[-1]}`"
    if isinstance(found, dict) and found and path[-1] not in ("conversions", "traits"):
        return "expected a list: put [ ] around it, or a dash before each"
    if found is None and path[-1] == "channels":
        return 'expected a list, such as ["#sales"]; this is empty: # begins a comment, except in quotes'
    if found is None and path[-1] in _UNNAMED:
        return "expected a list, such as [one, two]; this is empty"
    return "expected a name or a list of names" if found is None else "expected a list, such as [one, two]"
