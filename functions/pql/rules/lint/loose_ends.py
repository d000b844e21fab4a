"""Names that lead nowhere: what nothing looks at, events that nobody sends, drafts that make no leads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pql.rules.conditions import RuleCondition
from pql.rules.lint.findings import Finding, finding
from pql.rules.names import folded
from pql.rules.nearest import alike
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Path, Source

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
Names = Mapping[str, Mapping[str, str]]


def event_names(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return event names given one a line, by type and folded name; `page/Pricing` is a page."""
    names: dict[str, dict[str, str]] = {}
    for line in lines:
        kind, slash, name = line.strip().partition("/")
        if not slash or kind not in ("page", "screen"):
            kind, name = "track", line.strip()
        if name and not name.startswith("#"):
            names.setdefault(kind, {})[folded(name)] = name
    return names


def unused(file: RuleFile, source: Source) -> Iterator[Finding]:
    """Yield the signals and scores that nothing in their file names."""
    sections = ("signals", "scores", "rules", "suppress")
    data = source.data or {}
    for section in ("signals", "scores"):
        for name in getattr(file, section):
            path: Path = (section, name)
            elsewhere = {part: data.get(part) for part in sections}
            elsewhere[section] = {key: one for key, one in data[section].items() if key != name}
            if name not in set(_texts(elsewhere)):
                words = f"nothing looks at {section.removesuffix('s')} `{name}`"
                yield finding(source, path, "unused", words, key=True)


def _texts(node: Any) -> Iterator[str]:
    """Yield every text below a node, and every placeholder in one; names themselves are no texts."""
    if isinstance(node, str):
        yield node
        yield from _PLACEHOLDER.findall(node)
    elif isinstance(node, (dict, list)):
        for one in node.values() if isinstance(node, dict) else node:
            yield from _texts(one)


def unknown_events(file: RuleFile, source: Source, known: Names) -> Iterator[Finding]:
    """Yield the names that a file listens to and nobody sends; a type that is not known at all is let be."""
    named: list[tuple[Path, Sequence[str], Sequence[str]]] = [
        (("signals", name), signal.calls, signal.names if signal.keys else ())
        for name, signal in file.signals.items()
    ]
    named.append((("conversions",), ("track",), file.conversions))
    for path, calls, events in named:
        there = {key: spelt for call in calls for key, spelt in known.get(call, {}).items()}
        for event in events if there else ():
            if folded(event) not in there:
                near = alike(folded(event), there, cutoff=0.6)
                hint = f"; did you mean `{there[near]}`?" if near else ""
                place = _place_of(event, source.at(path), path)
                yield finding(source, place, "unknown-event", f"nobody sends `{event}`{hint}")


def _place_of(text: str, node: Any, path: Path) -> Path:
    """Return where `text` stands below a node, or the node itself."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, one in inner:
        if one == text:
            return (*path, key)
        found = _place_of(text, one, (*path, key))
        if len(found) > len(path) + 1:
            return found
    return path


def of_drafts(pack: Pack, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Yield what waits for leads of a draft: its own tests see them, and nobody makes them."""
    every = [(file, name, rule) for file in pack.files.values() for name, rule in file.rules.items()]
    drafts = {name for _, name, rule in every if rule.status == "draft"}
    for name, file in pack.files.items():
        for path, condition in file.conditions():
            mine = file.rules.get(str(path[1])) if path[0] == "rules" else None
            if mine is not None and mine.status == "draft":
                continue
            for at, leaf in condition.below(path):
                if isinstance(leaf, RuleCondition) and leaf.fired_within and leaf.rule in drafts:
                    words = f"`{leaf.rule}` is a draft and makes no leads but in tests: this never holds"
                    yield finding(sources[name], at, "of-draft", words)
