"""What a rule file must make sense of beyond its grammar: names, reach, and tests for every rule."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from pql.rules.conditions import All, Any, Condition, Not, ScoreCondition, SignalCondition
from pql.rules.faults import Fault
from pql.rules.names import folded
from pql.rules.pack import RuleFile
from pql.rules.plain import plain
from pql.rules.score import most
from pql.rules.source import Path, Source
from pql.rules.timeline import Moment

# 100 items a transaction, less the account's row and room for those who come after.
RULES_LIMIT = 80
STATE_LIMIT = 100_000
_MISREAD = re.compile(r" x[0-9]+\b| by ")


def faults_in(file: RuleFile, source: Source) -> list[Fault]:
    """Return every fault of a file that is grammatical."""
    faults = []
    for path, leaf in _leaves(file):
        reason = _name_fault(file, leaf) or _reach_fault(file, leaf)
        if reason:
            faults.append(source.fault(path, reason))
    return [*faults, *_placeholder_faults(file, source), *_test_faults(file, source)]


def repeated(files: Mapping[str, RuleFile], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield a fault for every rule or score whose name an earlier file has used."""
    owners: dict[tuple[str, str], str] = {}
    for file_name, file in files.items():
        for section, names in (("rules", file.rules), ("scores", file.scores)):
            for name in names:
                owner = owners.setdefault((section, name), file_name)
                if owner != file_name:
                    message = f"`{name}` stands among the {section} of {owner} already"
                    yield sources[file_name].fault((section, name), message, key=True)


def oversized(files: Mapping[str, RuleFile], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield faults for more rules or memory than one write of an account can carry."""
    rules = [(name, rule) for name, file in files.items() for rule in file.rules]
    for name, rule in rules[RULES_LIMIT:]:
        message = f"a pack may have {RULES_LIMIT} rules at most: all may fire in one transaction"
        yield sources[name].fault(("rules", rule), message, key=True)
    size = 0
    for name, file in files.items():
        for signal, element in file.signals.items():
            size += element.most_bytes
            if size > STATE_LIMIT:
                limit = f"{STATE_LIMIT // 1000} KB"
                message = f"with this signal an account could pass {limit}; narrow a window or `keep`"
                yield sources[name].fault(("signals", signal), message, key=True)
                return


def _leaves(file: RuleFile) -> Iterator[tuple[Path, Condition]]:
    for name, score in file.scores.items():
        for index, part in enumerate(score):
            yield from _below(part.when, ("scores", name, index, "when"))
    for name, rule in file.rules.items():
        yield from _below(rule.when, ("rules", name, "when"))


def _below(condition: Condition, path: Path) -> Iterator[tuple[Path, Condition]]:
    if isinstance(condition, Not):
        yield from _below(condition.inner, (*path, "not"))
    elif isinstance(condition, (All, Any)):
        key = condition.kind
        for index, one in enumerate(getattr(condition, key)):
            yield from _below(one, (*path, key, index))
    else:
        yield path, condition


def _name_fault(file: RuleFile, leaf: Condition) -> str | None:
    if isinstance(leaf, SignalCondition) and leaf.signal not in file.signals:
        return _unknown("signal", leaf.signal, file.signals)
    if isinstance(leaf, ScoreCondition) and leaf.score not in file.scores:
        return _unknown("score", leaf.score, file.scores)
    return None


def _reach_fault(file: RuleFile, leaf: Condition) -> str | None:
    """A bound that can never be reached is a mistake, not a strict rule."""
    if isinstance(leaf, ScoreCondition):
        reach: float | None = most(file.scores[leaf.score])
        what, remedy = f"score `{leaf.score}`", "give more points or lower the bound"
    elif isinstance(leaf, SignalCondition):
        reach = file.signals[leaf.signal].reach
        what, remedy = f"signal `{leaf.signal}`", f"set `keep` of the signal to {plain(leaf.threshold)}"
    else:
        return None
    beyond = (leaf.at_least is not None and reach is not None and leaf.at_least > reach) or (
        leaf.more_than is not None and reach is not None and leaf.more_than >= reach
    )
    if not beyond:
        return None
    return (
        f"{what} can reach {plain(reach)} at most, never {leaf.test_words} {plain(leaf.threshold)}; {remedy}"
    )


def _placeholder_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    legal = ["account", "score", *file.signals, *file.scores]
    for name, rule in file.rules.items():
        for field, placeholder in rule.placeholders:
            if placeholder not in legal and not placeholder.startswith("traits."):
                yield source.fault(("rules", name, field), _unknown("placeholder", placeholder, legal))


def _test_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    seen: dict[str, set[bool]] = {name: set() for name in file.rules}
    for index, test in enumerate(file.tests):
        path: Path = ("tests", index)
        rule = test.rule or next(iter(file.rules))
        if test.rule is None and len(file.rules) > 1:
            yield source.fault(path, "`rule` is missing here: the file has several rules")
        elif rule not in file.rules:
            yield source.fault((*path, "rule"), _unknown("rule", rule, file.rules))
        else:
            expected = test.expected()
            seen[rule].add(bool(expected))
            if expected is None:
                yield source.fault(
                    (*path, "expect"), "expected `silent` or `fires at <when>`, such as `fires at 2d`"
                )
        try:
            moments = test.moments()
        except ValueError as error:
            line, reason = error.args
            yield source.fault((*path, "timeline", line), reason)
        else:
            for line, moment in enumerate(moments):
                if reason := _misspelt(file, moment):
                    yield source.fault((*path, "timeline", line), reason)
    for name, outcomes in seen.items():
        for wanted, words in ((True, "fires"), (False, "stays silent")):
            if wanted not in outcomes:
                yield source.fault(
                    ("rules", name), f"rule `{name}` has no test in which it {words}", key=True
                )


def _misspelt(file: RuleFile, moment: Moment) -> str | None:
    """Return what is wrong with an event that nobody listens to but nearly somebody does.

    Others are fine: a story may hold events that no signal of the file is about.
    """
    signals = [signal for signal in file.signals.values() if signal.type == moment.type]
    heard = {name for signal in signals for name in signal.names}
    if moment.type == "traits" or any(not s.keys or folded(moment.name) in s.keys for s in signals):
        return None
    if _MISREAD.search(moment.name):
        return f"`{moment.name}` was read as the name of an event; write [x<times>] (to 9999) and [by <user>]"
    near = difflib.get_close_matches(moment.name, [*heard, "traits"], n=1, cutoff=0.75)
    return f"no signal listens to `{moment.name}`; did you mean `{near[0]}`?" if near else None


def _unknown(what: str, name: str, legal: Mapping[str, object] | list[str]) -> str:
    near = difflib.get_close_matches(name, list(legal), n=1, cutoff=0.5)
    hint = (
        f"did you mean `{near[0]}`?"
        if near
        else f"there {'is' if len(legal) == 1 else 'are'} {', '.join(legal) or 'none'}"
    )
    return f"unknown {what} `{name}`; {hint}"
