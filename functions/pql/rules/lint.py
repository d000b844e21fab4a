"""What is legal in rule files and yet can hardly be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pql.core.plain_words import compared
from pql.rules.comparison import NumberComparison
from pql.rules.conditions import Condition, RuleCondition, ScoreCondition, SignalCondition, TraitCondition
from pql.rules.conditions.derived import Derived
from pql.rules.element import digest
from pql.rules.logic import (
    WAYS_LIMIT,
    Conjunction,
    Domain,
    Subject,
    TooManyWays,
    blind_subject,
    children,
    conflict,
    domain,
    implies,
    ways,
)
from pql.rules.names import folded
from pql.rules.nearest import alike
from pql.rules.pack import Pack, RuleFile
from pql.rules.rule import Rule
from pql.rules.score import spans
from pql.rules.source import Path, Source

# Each way of the one is held against each of the other.
PAIRS_LIMIT = 10_000
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_LOOKS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
Names = Mapping[str, Mapping[str, str]]


class Finding(NamedTuple):
    """One thing worth a second look: where it is, the code of its kind, and what it is."""

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        """Return `file:line:column: code: message`."""
        return f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message}"


class _Known(NamedTuple):
    """A rule of the pack with the ways in which its condition can hold."""

    about: str
    file: str
    name: str
    rule: Rule
    ways: list[Conjunction]


def lint(pack: Pack, sources: Mapping[str, Source], known: Names | None = None) -> Iterator[Finding]:
    """Yield what is worth a second look; `known` are the events there are, by type and folded name."""
    rules: list[_Known] = []
    for name, file in pack.files.items():
        source, subject = sources[name], _subjects(name, file)
        yield from _unused(file, source)
        yield from _booleans(file, source)
        if known is not None:
            yield from _unknown_events(file, source, known)
        for path, condition in file.conditions():
            yield from _truths(condition, path, subject, source)
        for rule_name, rule in file.rules.items():
            try:
                found = ways(rule.when, subject, ("rules", rule_name, "when"))
            except TooManyWays:
                continue  # `_truths` has said so
            try:
                yield from _kept_silent(rule_name, rule, found, subject, source)
                yield from _never_again(rule_name, rule, found, subject, source)
            except TooManyWays:
                words = "`when` and what ends or bars it can hold in too many ways to be compared"
                yield finding(source, ("rules", rule_name), "too-many-ways", words, key=True)
            possible = [way for way in found if not conflict(way)]
            rules.append(_Known(file.subject, name, rule_name, rule, possible))
    yield from _of_drafts(pack, sources)
    yield from _shadowed(rules, sources)


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


def finding(source: Source, path: Path, code: str, message: str, *, key: bool = False) -> Finding:
    """Return a finding at `path` of a file, or at its key."""
    line, column = source.key_place(path) if key else source.place(path)
    return Finding(source.name, line, column, code, message)


def _subjects(file_name: str, file: RuleFile) -> Subject:
    """Return what tells the value that a comparison of this file looks at, and what it can be."""
    span = spans(file.scores, lambda name: file.signals[name].reach)

    def subject(leaf: Condition) -> tuple[str, Domain]:
        if isinstance(leaf, SignalCondition):
            signal = file.signals[leaf.signal]
            return digest(["signal", signal.meaning()]), domain(signal)
        if isinstance(leaf, ScoreCondition):
            least, most = span(leaf.score)
            return digest(["score", file_name, leaf.score]), Domain(numbers=True, least=least, most=most)
        if isinstance(leaf, TraitCondition):
            return digest(["trait", folded(leaf.trait)]), Domain()
        if isinstance(leaf, Derived):
            # Traits are the same in all files, signals of the same name are not.
            of_signals = any(one.what == "signal" for one in leaf.named())
            return digest([*leaf.axis, file_name if of_signals else ""]), Domain()
        return blind_subject(leaf)

    return subject


def _truths(condition: Condition, path: Path, subject: Subject, source: Source) -> Iterator[Finding]:
    """Yield the parts of a condition that never hold, and those that always do."""
    for turned, code in ((False, "never-true"), (True, "always-true")):
        try:
            found = ways(condition, subject, path, turned=turned)
        except TooManyWays:
            verb, rest = ("fail", "always holds") if turned else ("hold", "never does")
            words = f"this can {verb} in more than {WAYS_LIMIT} ways: what {rest} is not looked for"
            yield finding(source, path, "too-many-ways", words)
            return
        alive = {one.path for way in found if not conflict(way) for one in way}
        for at, part in _dead(condition, path, alive):
            inside = [way for way in found if any(one.path[: len(at)] == at for one in way)]
            if turned:
                yield finding(source, at, code, "this holds for every account; leave it out or raise it")
            else:
                yield finding(source, at, code, _contradiction(part, inside))


def _dead(condition: Condition, path: Path, alive: set[Path]) -> Iterator[tuple[Path, Condition]]:
    """Yield the outermost conditions nothing inside of which is ever part of a way that can be gone."""
    if not any(at[: len(path)] == path for at in alive):
        yield path, condition
        return
    for at, one in children(condition, path):
        yield from _dead(one, at, alive)


def _contradiction(part: Condition, found: list[Conjunction]) -> str:
    clash = next((clash for way in found if (clash := conflict(way))), ())
    words = [_words(one.leaf, turned=one.turned) for one in clash]
    if len(words) == 1:
        return f"this never holds: {words[0]} is out of reach"
    return f"this never holds: {' and '.join(words)} exclude each other" if words else f"{part} never holds"


def _words(leaf: Condition, *, turned: bool) -> str:
    kind = str(getattr(leaf, "kind", "condition"))
    named = getattr(leaf, "words", None) or str(getattr(leaf, kind, kind))
    if not isinstance(leaf, (NumberComparison, Derived)):
        return f"`{'not ' if turned else ''}{named}`"
    return f"`{named} {compared(leaf.opposite_words if turned else leaf.test_words, leaf.threshold)}`"


def _kept_silent(
    name: str, rule: Rule, found: list[Conjunction], subject: Subject, source: Source
) -> Iterator[Finding]:
    """Yield whether `unless` holds whenever `when` does."""
    if rule.unless is None or all(map(conflict, found)):
        return
    path: Path = ("rules", name, "unless")
    if _implies(found, ways(rule.unless, subject, path)):
        yield finding(source, path, "never-true", f"whenever `when` holds this does: `{name}` never fires")


def _never_again(
    name: str, rule: Rule, found: list[Conjunction], subject: Subject, source: Source
) -> Iterator[Finding]:
    """Yield whether the exit holds only while `when` does, which is when it arms nothing."""
    if rule.until is None or rule.requalify is not None:
        return
    path: Path = ("rules", name, "until")
    if _implies(ways(rule.until, subject, path), found):
        words = f"whenever this holds `when` does, too: `{name}` fires once and never again"
        yield finding(source, path, "never-again", words)


def _implies(strict: list[Conjunction], wide: list[Conjunction]) -> bool:
    if len(strict) * len(wide) > PAIRS_LIMIT:
        raise TooManyWays
    return implies(strict, wide)


def _shadowed(rules: list[_Known], sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Yield the rules that tell nothing which another does not tell already, or that may be such rules."""
    wide = set[str]()
    for place, one in enumerate(rules):
        for position, other in enumerate(rules):
            if one is other or one.about != other.about:
                continue
            path: Path = ("rules", one.name)
            if len(one.ways) * len(other.ways) > PAIRS_LIMIT:
                if place > position and one.name not in wide:
                    wide.add(one.name)
                    words = (
                        f"this and `{other.name}` in {other.file} can hold in too many ways to be compared"
                    )
                    yield finding(sources[one.file], path, "too-many-ways", words, key=True)
                continue
            if not one.ways or not implies(one.ways, other.ways):
                continue
            if implies(other.ways, one.ways):
                if place > position:
                    words = f"the condition of `{one.name}` is that of `{other.name}` in {other.file}"
                    yield finding(sources[one.file], path, "same-condition", words, key=True)
            elif _covers(other.rule, one.rule):
                words = (
                    f"whenever `{one.name}` holds `{other.name}` in {other.file} does, too, with the same "
                    "tier and channels: give it another tier, or narrow the other one"
                )
                yield finding(sources[one.file], path, "shadowed", words, key=True)


def _of_drafts(pack: Pack, sources: Mapping[str, Source]) -> Iterator[Finding]:
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


def _covers(wide: Rule, strict: Rule) -> bool:
    """Return whether leads of the one go where those of the other go."""
    wide_terms, strict_terms = ((str(one.status), one.tier, one.channels) for one in (wide, strict))
    return wide_terms == strict_terms and wide_terms[0] != "draft" and wide.unless in (None, strict.unless)


def _unused(file: RuleFile, source: Source) -> Iterator[Finding]:
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


def _booleans(file: RuleFile, source: Source) -> Iterator[Finding]:
    """Yield the texts without quotes that traits and properties are compared with, and that look boolean."""
    paths = [at for name in file.signals for at in _filters(source.at(("signals", name)), ("signals", name))]
    leaves = [at for path, one in file.conditions() for at, leaf in one.below(path) if _is_plain(leaf)]
    compared = [(*path, name) for path in (*paths, *leaves) for name in ("is", "in")]
    for path in (*paths, *compared):
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


def _texts(node: Any) -> Iterator[str]:
    """Yield every text below a node, and every placeholder in one; names themselves are no texts."""
    if isinstance(node, str):
        yield node
        yield from _PLACEHOLDER.findall(node)
    elif isinstance(node, (dict, list)):
        for one in node.values() if isinstance(node, dict) else node:
            yield from _texts(one)


def _unknown_events(file: RuleFile, source: Source, known: Names) -> Iterator[Finding]:
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
