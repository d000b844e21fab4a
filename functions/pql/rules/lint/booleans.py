"""Texts that look like booleans and are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pql.rules.conditions import Condition, SignalCondition, TraitCondition
from pql.rules.lint.findings import Finding, finding
from pql.rules.pack import RuleFile
from pql.rules.source import Path, Source

_LOOKS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}


def booleans(file: RuleFile, source: Source) -> Iterator[Finding]:
    """Yield the texts without quotes that traits and properties are held against, and that look boolean."""
    paths = [at for name in file.signals for at in _filters(source.at(("signals", name)), ("signals", name))]
    leaves = [at for path, one in file.conditions() for at, leaf in one.below(path) if _is_plain(leaf)]
    values = [("signals", name, key) for name in file.signals for key in ("from", "to", "order")]
    compared = [(*path, name) for path in (*paths, *leaves) for name in ("is", "in")]
    for path in (*paths, *values, *compared):
        found = source.at(path)
        for place, text in [(path, found), *(((*path, i), one) for i, one in enumerate(_listed(found)))]:
            boolean = _LOOKS.get(text.lower()) if isinstance(text, str) else None
            if boolean and not source.is_quoted(place):
                words = f"this is the text `{text}`; for the boolean write `{boolean}`, for the text quote it"
                yield finding(source, place, "boolean-text", words)


def _filters(node: Any, path: Path) -> Iterator[Path]:
    """Yield the places of all filters on properties in a signal, those of its steps among them."""
    for key, one in node.items() if isinstance(node, dict) else enumerate(_listed(node)):
        if key == "where" and isinstance(one, dict):
            yield from ((*path, key, name) for name in one)
        else:
            yield from _filters(one, (*path, key))


def _is_plain(leaf: Condition) -> bool:
    return isinstance(leaf, (SignalCondition, TraitCondition))


def _listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
