"""Loading a directory of rule files: all of them, or every fault in them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pql.rules import conditions, signals
from pql.rules.check import faults_in, oversized, repeated
from pql.rules.comparison import Comparison
from pql.rules.faults import Fault, RulesRejected
from pql.rules.pack import Pack, RuleFile
from pql.rules.rule import Rule
from pql.rules.score import Points
from pql.rules.source import Source
from pql.rules.tagged import kind_of
from pql.rules.timeline import Timeline


def load(directory: Path) -> Pack:
    """Return the pack in `directory`; raises `RulesRejected` with every fault, and if there is no rule."""
    texts = {path.name: _text(path) for path in sorted(directory.glob("*.y*ml"))}
    if not texts:
        raise RulesRejected([Fault(str(directory), 1, 1, "no rule files (*.yaml) here")])
    return parse(texts)


def parse(texts: Mapping[str, str]) -> Pack:
    """Return the pack made of rule files given as text, by file name; raises `RulesRejected`."""
    faults: list[Fault] = []
    sources: dict[str, Source] = {}
    files: dict[str, RuleFile] = {}
    for name, text in texts.items():
        try:
            sources[name] = Source(name, text)
            files[name] = RuleFile.model_validate(sources[name].data)
        except RulesRejected as rejected:
            faults += rejected.faults
        except ValidationError as error:
            faults += [_fault(sources[name], one) for one in error.errors(include_url=False)]
        else:
            faults += faults_in(files[name], sources[name])
    faults += repeated(files, sources)
    faults += oversized(files, sources)
    if faults:
        raise RulesRejected(faults)
    return Pack(files)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesRejected([Fault(path.name, 1, 1, f"cannot be read: {error}")]) from error


def _fault(source: Source, error: ErrorDetails) -> Fault:
    """Return pydantic's error at its place in the file, in our words."""
    path = _real_path(source.data, error["loc"])
    kind, message = error["type"], error["msg"]
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        legal = sorted(set(_legal_keys(error["loc"][:-1])))
        near = difflib.get_close_matches(key, legal, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"expected one of {', '.join(legal)}"
        return source.fault(path, f"unknown key `{key}`; {hint}", key=True)
    if error["loc"][-1:] == ("[key]",):
        return source.fault(
            path, "a name is lower-case letters, digits and _, beginning with a letter", key=True
        )
    if kind == "missing":
        return source.fault(path, f"`{error['loc'][-1]}` is missing here")
    if kind == "string_type" and error["loc"][-1] in ("within", "cooldown"):
        return source.fault(path, "expected a number of days or hours such as 7d or 24h")
    if kind == "model_type" and not path:
        return source.fault(path, "expected a rule file: signals, scores, rules and tests")
    if kind in _EXPECTED:
        return source.fault(path, _EXPECTED[kind])
    return source.fault(path, message[0].lower() + message[1:])


_EXPECTED = {
    "string_type": "expected text; put it in quotes",
    "tuple_type": "expected a list, such as [one, two]",
    "float_type": "expected a number, without quotes",
    "int_type": "expected a whole number, without quotes",
    "dict_type": "expected names with something behind each, such as `name: {...}`",
    "model_attributes_type": "expected an element such as {signal: NAME, at_least: 3}",
    "model_type": "expected an element such as {signal: NAME, at_least: 3}",
}


def _real_path(data: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return `loc` without the names of union members, which pydantic mixes in."""
    path: list[str | int] = []
    here = data
    tag_is_next = False
    for step in loc:
        inside = isinstance(here, dict) and step in here
        if tag_is_next or not (inside or (isinstance(here, list) and step in range(len(here)))):
            tag_is_next = False
            continue
        here = here[step]
        path.append(step)
        tag_is_next = _holds_union(path)
    return tuple(path)


def _holds_union(path: list[str | int]) -> bool:
    """Return whether a signal or a condition stands at `path`."""
    if len(path) == 2:
        return path[0] == "signals"
    listed = len(path) > 2 and isinstance(path[-1], int) and path[-2] in ("all", "any")
    return listed or (len(path) > 2 and path[-1] in ("when", "not"))


_HOLDERS: dict[str, type[BaseModel]] = {"rules": Rule, "scores": Points, "tests": Timeline}
_MODELS: dict[str, type[BaseModel]] = {
    kind_of(element): element for union in (signals.Kinds, conditions.Kinds) for element in get_args(union)
}


def _legal_keys(loc: tuple[str | int, ...]) -> Iterator[str]:
    """Yield the keys that the element at `loc` knows."""
    words = [step for step in loc if isinstance(step, str)]
    holder = _HOLDERS.get(words[0] if words else "", RuleFile)
    if "where" in words[2:]:
        holder = Comparison
    model = _MODELS.get(words[-1], holder) if len(words) > 2 else holder
    for name, field in model.model_fields.items():
        if name != "kind":
            yield field.alias or name
