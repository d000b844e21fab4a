"""What is wrong with the rest of a rule file of which a part is not grammatical."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError

from pql.rules.check import faults_alone, name_faults, placeholder_faults
from pql.rules.faults import Fault
from pql.rules.locations import located
from pql.rules.pack import RuleFile
from pql.rules.reach import reach_faults
from pql.rules.source import Path, Source
from pql.rules.tested import faults_in_tests

# In the place of what is not grammatical: of no name, and nobody's.
_CONDITION = {"trait": "-", "exists": True}
_RULE = {"when": _CONDITION, "title": "-", "reason": "-"}
_NOTHING = "0d nothing"
_TEST = {"name": "-", "timeline": [_NOTHING], "expect": "silent"}


class Remainder(NamedTuple):
    """What is left of a file without its faulty parts.

    `lost` are the sections that lack something, `untold` the tests that say nothing any more, all of them
    if it is None.
    """

    file: RuleFile
    lost: Collection[str]
    untold: Collection[int] | None


def remainder(error: ValidationError, source: Source) -> Remainder | None:
    """Return a file without the parts that `error` is about, None if what is left is too little to be one."""
    places = [one["loc"] for one in error.errors(include_url=False)]
    faulty = {located(loc)[0] for loc in places}
    if not isinstance(source.data, dict) or () in faulty:
        return None
    data = {section: held for section, held in source.data.items() if (section,) not in faulty}
    misnamed = {located(loc)[0] for loc in places if loc[-1:] == ("[key]",)}
    untold: list[int] | None = None if ("tests",) in faulty else []
    for section, held in data.items():
        inside = _by_first([path[1:] for path in faulty if path[0] == section])
        if section == "tests" and isinstance(held, list) and untold is not None:
            told = [_test(one, inside[at]) if at in inside else one for at, one in enumerate(held)]
            untold += [at for at, one in enumerate(told) if one is None]
            data[section] = [_TEST if one is None else one for one in told]
        elif section == "rules" and isinstance(held, dict):
            rules = {name: _rule(one, inside[name]) if name in inside else one for name, one in held.items()}
            data[section] = {name: one for name, one in rules.items() if ("rules", name) not in misnamed}
        elif isinstance(held, dict):
            data[section] = {name: one for name, one in held.items() if name not in inside}
        elif inside:
            data[section] = []  # as a whole, so that places in it stay right
    try:
        file = RuleFile.model_validate({**data, "rules": data.get("rules") or {"rest": _RULE}})
    except ValidationError:
        return None
    return Remainder(file, {str(path[0]) for path in faulty}, untold)


def remaining(rest: Remainder, source: Source) -> Iterator[Fault]:
    """Yield the faults of a file that do not hang on its faulty parts.

    What a score can reach is only known where all scores are, that an event is misspelt where all signals
    are, and much where it is known whom the file is about.
    """
    file, lost = rest.file, rest.lost
    sections = [one for one in ("signals", "scores") if isinstance(source.at((one,)), dict | None)]
    names = {section: source.names(section) for section in sections}
    yield from name_faults(file, source, names)
    if "subject" not in lost:
        yield from placeholder_faults(file, source, names)
        yield from faults_alone(file, source)
        if "scores" not in lost:
            yield from reach_faults(file, source)
    if rest.untold is not None:
        is_whole = "signals" not in lost and "subject" not in lost
        yield from faults_in_tests(file, source, rest.untold, source.names("rules"), is_whole=is_whole)


def _by_first(paths: Iterable[Path]) -> dict[str | int, list[Path]]:
    """Return where the faults inside of each part of a section are."""
    found: dict[str | int, list[Path]] = {}
    for first, *others in paths:
        found.setdefault(first, []).append(tuple(others))
    return found


def _rule(rule: Any, faulty: Collection[Path]) -> dict[str, Any]:
    """Return a rule without its faulty keys; where it needs them, with what says nothing."""
    if not isinstance(rule, dict) or () in faulty:
        return _RULE
    keys = {path[0] for path in faulty}
    return _RULE | {key: value for key, value in rule.items() if key not in keys}


def _test(test: Any, faulty: Collection[Path]) -> dict[str, Any] | None:
    """Return a test without its faulty lines and with some name, None if anything else in it is faulty."""
    lines = {path[1] for path in faulty if path[:1] == ("timeline",) and len(path) > 1}
    if any(path[:1] not in (("name",), ("timeline",)) for path in faulty) or ("timeline",) in faulty:
        return None
    told = [_NOTHING if at in lines else line for at, line in enumerate(test["timeline"])]
    return {**test, "name": _TEST["name"], "timeline": told}
