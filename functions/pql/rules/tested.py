"""The tests of a rule file: readable, about its rules, and both ways for each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pql.rules.faults import Fault
from pql.rules.names import folded
from pql.rules.nearest import alike, unknown
from pql.rules.pack import RuleFile
from pql.rules.signals.changes import TELLS
from pql.rules.source import Path, Source
from pql.rules.timeline import NO_EVENTS, Moment
from pql.rules.where import CONTEXT

_MISREAD = re.compile(r" x[0-9]+\b| [0-9]+x\b| by(?: |$)")
# `Page Viewed` is an event like others, and `Page/Pricing` is none.
_CALL = re.compile(r"(page|screen|(?i:page|screen)(?= */))(?: */ *| +)(.+)")
_EXPECTED = "expected `silent` or `fires at <when>`, such as `fires at 2d`"
# A story may hold events that no signal is about: only what is very much alike is a slip of the pen.
_ALIKE = 0.75
# Whom the traits of a call are about.
_THEM = {"account": "accounts", "user": "people"}


def faults_in_tests(
    file: RuleFile,
    source: Source,
    faulty: Collection[int] = (),
    rules: Collection[str] | None = None,
    *,
    is_whole: bool = True,
) -> Iterator[Fault]:
    """Yield every fault of the file's tests, but for the `faulty` ones, which others have told of.

    `rules` are the names of all rules that stand in the file, if not all of them could be read. Unless it
    `is_whole`, not all that lines could be about could be. A test that is not read may be the one that its
    rule seems to lack.
    """
    names = [*(file.rules if rules is None else rules)]
    seen: dict[str, set[bool]] = {name: set() for name in names if name in file.rules}
    excused = {*seen} if faulty else set[str]()
    for index, test in enumerate(file.tests):
        if index in faulty:
            continue
        path: Path = ("tests", index)
        rule, expected = test.rule or next(iter(names), None), test.expected()
        if test.rule is None and len(names) > 1:
            excused |= {*seen}
            yield source.fault(path, "`rule` is missing here: the file has several rules")
        elif rule not in names:
            excused |= {*seen}
            if rule is not None and names:
                yield source.fault((*path, "rule"), unknown("rule", rule, names))
        elif expected is None:
            excused.add(str(rule))
        elif rule in seen:
            seen[rule].add(bool(expected))
        if expected is None:
            yield source.fault((*path, "expect"), _EXPECTED)
        yield from _line_faults(file, source, index, is_whole=is_whole)
    yield from _untested({name: found for name, found in seen.items() if name not in excused}, source)


def _line_faults(file: RuleFile, source: Source, index: int, *, is_whole: bool) -> Iterator[Fault]:
    for line, moment in file.tests[index].read():
        if isinstance(moment, str):
            reason: str | None = moment
        else:
            reason = (_misspelt(file, moment) or _pointless(file, moment)) if is_whole else None
            reason = reason or _unquoted(moment) or _dotted(file, moment)
        if reason:
            yield source.fault(("tests", index, "timeline", line), reason)


def _untested(seen: Mapping[str, set[bool]], source: Source) -> Iterator[Fault]:
    for name, outcomes in seen.items():
        for wanted, words in ((True, "fires"), (False, "stays silent")):
            if wanted not in outcomes:
                message = f"rule `{name}` has no test in which it {words}"
                yield source.fault(("rules", name), message, key=True)


def _pointless(file: RuleFile, moment: Moment) -> str | None:
    """Return what is wrong with a call that tells somebody else of traits that the file looks at."""
    about = TELLS.get(moment.type, file.subject)
    if about == file.subject:
        return None
    looked_at = {folded(name) for name in file.traits_named()}
    if not any(folded(name) in looked_at for name in moment.properties):
        return None
    return f"`{moment.type}` tells of {_THEM[about]}, and this file is about {file.subject}s: write `traits`"


def _unquoted(moment: Moment) -> str | None:
    for name, value in moment.properties.items():
        if isinstance(value, dict) and len(value) == 1 and None in value.values():
            (inner,) = value
            return f'put text that begins with {{ in quotes: {name}: "{{{inner}}}"'
    return None


def _dotted(file: RuleFile, moment: Moment) -> str | None:
    """Return what is wrong with a path into the context that stands as the name of one property.

    A path into properties may: senders flatten their objects, or not.
    """
    looked_at = {path for one in file.signals.values() for path in one.where if path.startswith(CONTEXT)}
    for name in moment.properties:
        if name in looked_at:
            *outer, last = name.split(".")
            inner = "".join(f"{{{one}: " for one in outer) + f"{{{last}: …}}" + "}" * len(outer)
            return f"`{name}` is one property here, and the filter looks inside of another: write {inner}"
    return None


def _misspelt(file: RuleFile, moment: Moment) -> str | None:
    """Return what is wrong with an event that nobody listens to but nearly somebody does.

    Others are fine: a story may hold events that no signal of the file is about.
    """
    if _MISREAD.search(moment.name) and not _is_heard(file, moment):
        return f"`{moment.name}` was read as the name of an event; write [x<times>] (to 9999) and [by <user>]"
    if (call := _CALL.fullmatch(moment.name)) and not _is_heard(file, moment):
        written = f"{call[1].lower()}/{call[2]}"
        return f"`{moment.name}` was read as the name of an event; for the call write `{written}`"
    if moment.name.lower() in NO_EVENTS and moment.type == "track" and not _is_heard(file, moment):
        return f"`{moment.name}` was read as the name of an event; write `{moment.name.lower()}`"
    signals = [signal for signal in file.signals.values() if moment.type in signal.calls]
    if moment.type in NO_EVENTS or any(not s.keys or folded(moment.name) in s.keys for s in signals):
        return None
    heard = {name for signal in signals for name in signal.names}
    near = alike(moment.name, [*heard, *NO_EVENTS], _ALIKE)
    return f"no signal listens to `{moment.name}`; did you mean `{near}`?" if near else None


def _is_heard(file: RuleFile, moment: Moment) -> bool:
    """Return whether a signal names the event, as it stands."""
    key = folded(moment.name)
    return any(key in signal.keys and signal.listens(moment.type, key) for signal in file.signals.values())
