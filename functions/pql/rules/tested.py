"""The tests of a rule file: readable, about its rules, and both ways for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pql.rules.faults import Fault
from pql.rules.names import folded
from pql.rules.nearest import alike, unknown
from pql.rules.pack import RuleFile
from pql.rules.signals.changes import TELLS
from pql.rules.source import Path, Source
from pql.rules.timeline import NO_EVENTS, Moment
from pql.rules.where import CONTEXT

_MISREAD = re.compile(r" x[0-9]+\b| [0-9]+x\b| by ")
# `Page Viewed` is an event like others, and `Page/Pricing` is none.
_CALL = re.compile(r"(page|screen|(?i:page|screen)(?= */))(?: */ *| +)(.+)")
_EXPECTED = "expected `silent` or `fires at <when>`, such as `fires at 2d`"
# A story may hold events that no signal is about: only what is very much alike is a slip of the pen.
_ALIKE = 0.75
# Whom the traits of a call are about.
_THEM = {"account": "accounts", "user": "people"}


def test_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Yield every fault of the file's tests.

    While one of them is unreadable it may be the one that a rule seems to lack.
    """
    seen: dict[str, set[bool]] = {name: set() for name in file.rules}
    unread = False
    for index, test in enumerate(file.tests):
        path: Path = ("tests", index)
        rule = test.rule or next(iter(file.rules))
        expected = test.expected()
        wrong: Fault | None = None
        if test.rule is None and len(file.rules) > 1:
            wrong = source.fault(path, "`rule` is missing here: the file has several rules")
        elif rule not in file.rules:
            wrong = source.fault((*path, "rule"), unknown("rule", rule, file.rules))
        elif expected is None:
            wrong = source.fault((*path, "expect"), _EXPECTED)
        else:
            seen[rule].add(bool(expected))
        if wrong:
            unread = True
            yield wrong
        yield from _line_faults(file, source, index)
    if not unread:
        yield from _untested(seen, source)


def unreadable(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Yield what no test says that way, whatever its file is about: a line, or what it expects."""
    for index, test in enumerate(file.tests):
        path: Path = ("tests", index)
        if test.expected() is None:
            yield source.fault((*path, "expect"), _EXPECTED)
        try:
            test.moments()
        except ValueError as error:
            line, reason = error.args
            yield source.fault((*path, "timeline", line), reason)


def _line_faults(file: RuleFile, source: Source, index: int) -> Iterator[Fault]:
    path: Path = ("tests", index, "timeline")
    test = file.tests[index]
    try:
        moments = test.moments()
    except ValueError as error:
        line, reason = error.args
        yield source.fault((*path, line), reason)
        return
    for line, moment in enumerate(moments):
        reason = _misspelt(file, moment) or _pointless(file, moment) or _unquoted(moment)
        if reason := reason or _dotted(file, moment):
            yield source.fault((*path, line), reason)


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
