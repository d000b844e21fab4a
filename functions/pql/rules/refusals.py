"""What pydantic refuses, at its place in the file and in our words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pql.rules.faults import Fault
from pql.rules.locations import keys_of, located
from pql.rules.plain import plain
from pql.rules.source import Path, Source

DURATIONS = ("within", "lasting", "half_life", "cooldown", "expires", "after", "fired_within")
# Other languages' words for ours.
MEANT = {
    **dict.fromkeys((">", "gt", "greater_than", "above", "over"), "more_than"),
    **dict.fromkeys((">=", "gte", "min", "minimum"), "at_least"),
    **dict.fromkeys(("<", "lt", "below", "under"), "less_than"),
    **dict.fromkeys(("<=", "lte", "max", "maximum"), "at_most"),
    **dict.fromkeys(("=", "==", "eq", "equals", "equal"), "is"),
    **dict.fromkeys(("one_of", "any_of"), "in"),
    **dict.fromkeys(("prefix", "begins_with"), "starts_with"),
    **dict.fromkeys(("includes", "has", "like", "matches", "regex", "pattern"), "contains"),
}
_MEMBERS = {"float_type", "int_type", "string_type", "bool_type"}
_EXPECTED = {
    "string_too_short": "expected text, and not an empty one",
    "int_type": "expected a whole number, without quotes",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false, without quotes",
    "dict_type": "expected names with something behind each, such as `name: {...}`",
    "none_required": "this is of no use here; leave it out",
}
_CONDITION = "expected an element such as {signal: NAME, at_least: 3}"
_EXAMPLES = {
    ("signals", 2): "expected a signal such as {count: Report Created, within: 30d}",
    ("scores", 3): "expected points such as {points: 25, when: {signal: NAME, at_least: 3}}",
}
# What is not written like a condition.
_ELEMENTS = {
    "RuleFile": "expected a rule file: signals, scores, rules and tests",
    "Rule": "expected a rule: `when`, `title` and `reason` behind its name",
    "Requalify": "expected `{after: 90d}` or `{signal: NAME, more: 10}`",
    "Step": "expected an event's name, a list of names, or {event: NAME, where: {...}}",
    "Timeline": "expected a test: `name`, `timeline` and `expect`",
}
_DURATION = "expected a number of days, hours or minutes such as 7d, 24h or 30m"


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
        elif error["type"] != "too_short" or not below:
            yield error


def _fault(source: Source, error: ErrorDetails) -> Fault:
    loc, kind = error["loc"], error["type"]
    path, _ = located(loc)
    if kind == "extra_forbidden":
        return source.fault(path, _unknown_key(loc), key=True)
    if loc[-1:] == ("[key]",):
        named = "a name is lower-case letters, digits and _, beginning with a letter"
        return source.fault(path, named if kind == "string_pattern_mismatch" else error["msg"], key=True)
    return source.fault(path, _words(error, path))


def _unknown_key(loc: tuple[str | int, ...]) -> str:
    key = str(loc[-1])
    _, element = located(loc[:-1])
    legal = sorted(set(keys_of(element)))
    meant = MEANT.get(key)
    begun = [one for one in legal if one.startswith(f"{key}_")]
    near = [meant] if meant in legal else begun or difflib.get_close_matches(key, legal, n=1, cutoff=0.5)
    return f"unknown key `{key}`; " + (f"did you mean `{near[0]}`?" if near else _one_of(legal))


def _one_of(legal: list[str]) -> str:
    return f"expected one of {', '.join(legal)}"


def _words(error: ErrorDetails, path: Path) -> str:
    """Return what was expected in the place of what stands there."""
    kind, found = error["type"], error["input"]
    told: dict[str, Any] = error.get("ctx", {})
    if kind == "missing":
        return f"`{error['loc'][-1]}` is missing here"
    if kind == "string_type":
        return _text(found, path)
    if kind == "float_type":
        return _number(found)
    if kind == "scalar_type":
        return "expected one value: text, a number, true or false; for several write `in: [one, two]`"
    if kind == "tuple_type":
        return _listed(found, path)
    if kind in ("too_short", "too_long"):
        bound = f"at least {told['min_length']}" if kind == "too_short" else f"at most {told['max_length']}"
        return f"expected {bound}, found {told['actual_length']}"
    if kind == "string_too_long":
        return f"expected at most {told['max_length']} letters"
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        (bound,) = told.values()
        words = {"greater_than": "more than", "greater_than_equal": "at least", "less_than": "less than"}
        return f"expected a number, {words.get(kind, 'at most')} {plain(bound)}"
    if kind == "literal_error":
        return f"expected {str(told['expected']).replace(chr(39), '`')}, found `{plain(found)}`"
    if kind in ("model_type", "model_attributes_type"):
        example = _EXAMPLES.get((str(path[0]), len(path)), _CONDITION) if path else _CONDITION
        return _ELEMENTS.get(str(told.get("class_name")), example)
    message = error["msg"]
    return _EXPECTED.get(kind, message[0].lower() + message[1:])


def _text(found: Any, path: Path) -> str:
    if path[-1] in DURATIONS or (path[-1] in ("at_least", "at_most") and not isinstance(found, str)):
        return _DURATION
    return "expected text; put it in quotes" if isinstance(found, (int, float)) else "expected text"


def _number(found: Any) -> str:
    """Numbers are written without what other notations put around them."""
    text = str(found).strip()
    if _is_number(text.removesuffix("%")) and text.endswith("%"):
        return f"expected a number; {text} is {plain(float(text[:-1]) / 100)}"
    if _is_number(text[:-1]) and text[-1] in "mhd":
        return "expected a number, without a unit; days are counted in days"
    return "expected a number, without quotes" if _is_number(text) else "expected a number"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _listed(found: Any, path: Path) -> str:
    if isinstance(found, (str, int, float)) and path[-1] in ("in", "channels", "card", "suppress", "traits"):
        return f"expected a list, such as [{plain(found)}]"
    if isinstance(found, (bool, int, float)):
        return "expected a name or a list of names; put it in quotes"
    if found is None:
        return "expected a name or a list of names"
    return "expected a list, such as [one, two]"
