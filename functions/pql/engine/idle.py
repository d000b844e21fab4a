"""Rule tests that could never fail: they expect no lead, and nothing in them is about their rule."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from pql.core.keys import readable
from pql.engine.demand import holds
from pql.engine.plan import Plan
from pql.engine.rehearsal import START, subject_of
from pql.engine.scope import Ruled
from pql.engine.words import Words
from pql.rules.conditions import RuleCondition
from pql.rules.lint.findings import Finding, finding
from pql.rules.names import folded
from pql.rules.pack import Pack
from pql.rules.signals.signal import Signal
from pql.rules.source import Source
from pql.rules.timeline import Moment, Timeline


class Interest(NamedTuple):
    """What a rule looks at, through scores and other rules: signals, and the folded names of traits."""

    signals: Collection[Signal]
    traits: Collection[str]

    def has(self, moment: Moment) -> bool:
        """Return whether a line of a story is about any of it."""
        if moment.type in ("traits", "group", "identify"):
            return any(folded(name) in self.traits for name in moment.properties)
        return any(one.listens(moment.type, folded(moment.name)) for one in self.signals)

    @property
    def events(self) -> list[str]:
        """Return the events it listens to, as timelines write them."""
        heard = [one for one in self.signals if one.trait is None]
        return [*dict.fromkeys(_written(one.type, name) for one in heard for name in one.names)]


def idle_tests(pack: Pack, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Yield the silent tests in which something happens, and nothing that their rule looks at.

    A story in which nothing happens at all says so itself, and is let be.
    """
    plan = Plan(pack.rehearsed())
    for file_name, file in pack.files.items():
        for index, test in enumerate(file.tests):
            rule = test.rule or next(iter(file.rules))
            judging = plan.judging(rule)
            ruled = judging.scopes[file_name].book.rules[rule]
            told = _told(judging, test)
            if test.expected() or not told or _holds_at_once(judging, ruled, test):
                continue
            interest = interest_of(ruled)
            if not any(map(interest.has, told)):
                events = " or ".join(f"`{one}`" for one in interest.events)
                heard = f": it listens to {events}" if events else ""
                words = f"nothing in this test is about `{rule}`, which stays silent whatever it says{heard}"
                yield finding(sources[file_name], ("tests", index), "idle-test", words)


def interest_of(ruled: Ruled) -> Interest:
    """Return what a rule's condition looks at."""
    signals: dict[int, Signal] = {}
    traits: set[str] = set()
    open_, seen = [ruled], set[int]()
    while open_:
        rule, scope = open_.pop()
        if id(rule) in seen:
            continue
        seen.add(id(rule))
        for where, element in scope.through(rule.when):
            if isinstance(element, RuleCondition):
                open_.append(where.book.rules[element.rule])
            for one in element.named():
                if one.what == "trait":
                    traits.add(folded(one.name))
                elif one.what == "signal":
                    signal = where.spoken[one.name]
                    signals[id(signal)] = signal
                    traits |= {folded(name) for name in (signal.dated_by, signal.trait) if name is not None}
    return Interest([*signals.values()], traits)


def _written(kind: str, name: str) -> str:
    return f"{kind}/{name}" if kind in ("page", "screen") else name


def _told(plan: Plan, test: Timeline) -> list[Moment]:
    """Return what happens in a test to whom it is about."""
    happens = [one for one in test.moments() if one.type != "nothing"]
    return happens if plan.subject == "account" else [one for one in happens if one.by == test.hero]


def _holds_at_once(plan: Plan, ruled: Ruled, test: Timeline) -> bool:
    """Return whether a rule holds of whom nothing is known: then any event makes a lead of them."""
    account = subject_of(plan, test)
    return holds(ruled.rule.when, Words(account, ruled.scope, readable(account.subject), START))
