"""What is wrong with the rest of a rule file of which a part is not grammatical."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from pql.rules.check import name_faults, placeholder_faults
from pql.rules.faults import Fault
from pql.rules.locations import located
from pql.rules.pack import RuleFile
from pql.rules.source import Path, Source
from pql.rules.tested import unreadable


def remaining(error: ValidationError, source: Source) -> Iterator[Fault]:
    """Yield the faults beside those of `error` that do not hang on the faulty parts.

    Names, placeholders and lines of tests: what a rule can reach, or lacks a test of, is only known of a
    whole file. Nothing if too little of the file is left to be one.
    """
    faulty = {located(one["loc"])[0][:2] for one in error.errors(include_url=False)}
    try:
        file = RuleFile.model_validate(_without(source.data, faulty))
    except ValidationError:
        return
    also = {section: named(source, section) for section in ("signals", "scores")}
    yield from name_faults(file, source, also)
    yield from placeholder_faults(file, source, also)
    yield from unreadable(file, source)


def named(source: Source, section: str) -> list[str]:
    """Return the names that stand in a section of a file, grammatical or not."""
    found = source.at((section,))
    return [str(name) for name in found] if isinstance(found, dict) else []


def _without(data: Any, faulty: set[Path]) -> Any:
    """Return the data without its faulty elements; lists go as a whole, so that places stay right."""
    if not isinstance(data, dict):
        return data
    sound = {}
    for section, held in data.items():
        below = {path[1] for path in faulty if path[0] == section and len(path) > 1}
        if (section,) in faulty or (below and not isinstance(held, dict)):
            continue
        sound[section] = {name: one for name, one in held.items() if name not in below} if below else held
    return sound
