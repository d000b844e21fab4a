"""The tests of a rule file: readable, about its rules, and both ways for each."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from pql.rules.faults import Fault
from pql.rules.names import folded
from pql.rules.nearest import unknown
from pql.rules.pack import RuleFile
from pql.rules.source import Path, Source
from pql.rules.timeline import Moment

_MISREAD = re.compile(r" x[0-9]+\b| by ")
# What a line may say in the place of an event.
_WORDS = ("traits", "nothing")


def test_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Yield every fault of the file's tests."""
    seen: dict[str, set[bool]] = {name: set() for name in file.rules}
    for index, test in enumerate(file.tests):
        path: Path = ("tests", index)
        rule = test.rule or next(iter(file.rules))
        if test.rule is None and len(file.rules) > 1:
            yield source.fault(path, "`rule` is missing here: the file has several rules")
        elif rule not in file.rules:
            yield source.fault((*path, "rule"), unknown("rule", rule, file.rules))
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
    if moment.type in _WORDS or any(not s.keys or folded(moment.name) in s.keys for s in signals):
        return None
    if _MISREAD.search(moment.name):
        return f"`{moment.name}` was read as the name of an event; write [x<times>] (to 9999) and [by <user>]"
    near = difflib.get_close_matches(moment.name, [*heard, *_WORDS], n=1, cutoff=0.75)
    return f"no signal listens to `{moment.name}`; did you mean `{near[0]}`?" if near else None
