"""Loading a directory of rule files: all of them, or every fault in them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pql.rules.check import faults_in, oversized, repeated
from pql.rules.faults import Fault, RulesRejected
from pql.rules.links import circular, dangling
from pql.rules.locations import keys_of, located
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

DURATIONS = ("within", "lasting", "cooldown", "after", "fired_within")


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
            faults += [_fault(sources[name], one) for one in _told(error.errors(include_url=False))]
        else:
            faults += faults_in(files[name], sources[name])
    faults += repeated(files, sources)
    faults += oversized(files, sources)
    if len(files) == len(texts):  # a rule of a file that does not load is not unknown
        faults += dangling(files, sources)
    faults += circular(files, sources)
    if faults:
        raise RulesRejected(faults)
    return Pack(files)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesRejected([Fault(path.name, 1, 1, f"cannot be read: {error}")]) from error


def _told(errors: Iterable[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Yield the errors without those that say that a list is short of its faulty items."""
    every = list(errors)
    for error in every:
        here = error["loc"]
        below = any(one["loc"][: len(here)] == here and len(one["loc"]) > len(here) for one in every)
        if error["type"] != "too_short" or not below:
            yield error


def _fault(source: Source, error: ErrorDetails) -> Fault:
    """Return pydantic's error at its place in the file, in our words."""
    loc, kind, message = error["loc"], error["type"], error["msg"]
    path, _ = located(loc)
    if kind == "extra_forbidden":
        _, element = located(loc[:-1])
        legal = sorted(set(keys_of(element)))
        near = difflib.get_close_matches(str(loc[-1]), legal, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"expected one of {', '.join(legal)}"
        return source.fault(path, f"unknown key `{loc[-1]}`; {hint}", key=True)
    if loc[-1:] == ("[key]",):
        if kind == "string_pattern_mismatch":
            message = "a name is lower-case letters, digits and _, beginning with a letter"
        return source.fault(path, message, key=True)
    if kind == "missing":
        return source.fault(path, f"`{loc[-1]}` is missing here")
    if kind == "string_type" and loc[-1] in DURATIONS:
        return source.fault(path, "expected a number of days, hours or minutes such as 7d, 24h or 30m")
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
