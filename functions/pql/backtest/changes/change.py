"""What a change of rules does to a history: who is a lead only before it, only after it, sooner or later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from pql.backtest.changes.ruling import differences, pack_differences, rulings
from pql.backtest.course import Course, Qualified
from pql.backtest.figures.base import Base
from pql.backtest.figures.figures import benches_of, figures, of_rule
from pql.backtest.figures.group import Group, Which, group
from pql.backtest.figures.population import One, populations
from pql.backtest.figures.wilson import Share, share
from pql.rules.element import digest
from pql.rules.pack import Pack

Kind = Literal["added", "removed", "renamed", "changed", "same"]
Direction = Literal["gained", "lost", "earlier", "later", "unchanged"]
Firsts = dict[str, int]


class Entry(msgspec.Struct, frozen=True):
    """When a subject first became a lead of a rule (epoch ms), before the change and after it.

    `converted` is when it did, if it did; it counts if that is `within` so many ms of the lead.
    """

    subject: str
    before: int | None
    after: int | None
    converted: int | None = None
    within: int | None = None

    @property
    def at(self) -> int:
        """Return the earlier of both."""
        return min(one for one in (self.before, self.after) if one is not None)

    @property
    def kind(self) -> Direction:
        """Return what the change does to the subject."""
        if self.before is None:
            return "gained"
        if self.after is None:
            return "lost"
        return "earlier" if self.shift < 0 else "later" if self.shift else "unchanged"

    @property
    def wins(self) -> bool:
        """Return whether it converted after it had become a lead, and soon enough."""
        if self.converted is None or self.converted <= self.at:
            return False
        return self.within is None or self.converted - self.at <= self.within

    @property
    def shift(self) -> int:
        """Return by how many ms it is a lead later, below 0 for earlier, 0 where it is one on one side."""
        return 0 if self.before is None or self.after is None else self.after - self.before


class Entries(msgspec.Struct, frozen=True):
    """Whom a change moves, each list in the order of time, and how many it leaves as they were."""

    gained: list[Entry] = []
    lost: list[Entry] = []
    earlier: list[Entry] = []
    later: list[Entry] = []
    unchanged: int = 0

    @property
    def moves(self) -> bool:
        """Return whether it moves anybody."""
        return bool(self.gained or self.lost or self.earlier or self.later)


class RuleChange(msgspec.Struct, frozen=True):
    """What becomes of one rule: `rule` is its name after the change, or its last one if it is `removed`.

    A rule is `renamed` if nothing but its name is new (`formerly` has the old one), and the `same` if it
    means what it meant, whatever it says to people. `differences` are lines of what it asks, `- ` before
    and `+ ` after. `stages` are its status before and after, "" where it is not there. Figures are None
    on the side on which it is not.
    """

    rule: str
    kind: Kind
    stages: tuple[str, str]
    entries: Entries
    formerly: str | None = None
    differences: list[str] = []
    before: Group | None = None
    after: Group | None = None


class Side(msgspec.Struct, frozen=True):
    """What the rules that announce leads do together, on one side.

    `accounts` that anybody is told of, by so many `leads`; `precision` as that of a rule, of each account
    by its first. `per_week` is None for less than a week of events.
    """

    accounts: int
    leads: int
    per_week: float | None
    precision: Share


class Change(msgspec.Struct, frozen=True):
    """What a change of rules does, rule by rule in the order of the new pack, the removed ones last.

    `shared` are lines of what has changed for all rules, as `differences` of one. `announced` are those
    whom anybody is told of at all, by whatever rule: shadows and drafts tell nobody. `bases` are who there
    was to judge, `within` is the observation window in ms; `first` and `last` receipt are epoch ms.
    """

    rules: list[RuleChange]
    shared: list[str]
    announced: Entries
    before: Side
    after: Side
    bases: dict[str, Base]
    first: int | None
    last: int | None
    within: int | None = None


class Judged(NamedTuple):
    """A pack, and the course that its rules took."""

    pack: Pack
    course: Course


def change(old: Judged, new: Judged, within: int | None = None) -> Change:
    """Return what it does to replace the rules of `old` by those of `new`, over the same events.

    `within` is the observation window of the figures in ms, as `figures` takes it.
    """
    was, now = _Seen(old, within), _Seen(new, within)
    # Whom only the old rules are about has converted all the same.
    now.converted = {**was.converted, **now.converted}
    return Change(
        rules=[_of_rule(pair, was, now, within) for pair in matched(was.checksums, now.checksums)],
        shared=pack_differences(old.pack, new.pack),
        announced=compared(was.told, now.told, now.converted, within),
        before=was.side,
        after=now.side,
        bases=now.figures.bases,
        first=new.course.first,
        last=new.course.last,
        within=within,
    )


def matched(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str | None, str | None]]:
    """Return which rule has become which, given the checksums by name: (name before, name after).

    A name stays itself. Of the others those with the same meaning belong together, in the order of their
    packs. The order is that of `new`; what has no successor comes last.
    """
    left: dict[str, list[str]] = defaultdict(list)
    for name, checksum in old.items():
        if name not in new:
            left[checksum].append(name)
    pairs: list[tuple[str | None, str | None]] = []
    for name, checksum in new.items():
        former = left[checksum].pop(0) if name not in old and left[checksum] else None
        pairs.append((name if name in old else former, name))
    taken = {former for former, _ in pairs}
    return [*pairs, *((name, None) for name in old if name not in taken)]


def compared(
    before: Firsts, after: Firsts, converted: Firsts | None = None, within: int | None = None
) -> Entries:
    """Return whom a change moves, given when each subject first became a lead, before and after it.

    `converted` says when those did who did; `within` is the observation window in ms.
    """
    wins = converted or {}
    both = (Entry(one, before.get(one), after.get(one), wins.get(one), within) for one in {**before, **after})
    kinds: dict[str, list[Entry]] = {"gained": [], "lost": [], "earlier": [], "later": [], "unchanged": []}
    for entry in sorted(both, key=lambda one: (one.at, one.subject)):
        kinds[entry.kind].append(entry)
    unchanged = len(kinds.pop("unchanged"))
    return Entries(**kinds, unchanged=unchanged)


def firsts(among: Iterable[One], which: Which) -> Firsts:
    """Return when each of them first had one of those leads."""
    first = ((one.key, next((lead.at for lead in one.leads if which(lead)), None)) for one in among)
    return {key: at for key, at in first if at is not None}


class _Seen:
    """One side, with what is asked of it for each rule."""

    def __init__(self, judged: Judged, within: int | None) -> None:
        pack, course = judged
        self.rulings = rulings(pack)
        self.checksums = {name: digest(one.means) for name, one in self.rulings.items()}
        everybody = populations(course)
        leading = [one for population in everybody.values() for one in population.leading]
        self.figures = figures(course, within, everybody=everybody)
        self.of_rule = {one.name: one for one in self.figures.rules}
        self.firsts: dict[str, Firsts] = {}
        for population in everybody.values():
            for rule, several in population.by_rule.items():
                self.firsts.setdefault(rule, {}).update(firsts(several, of_rule(rule)))
        rules = {name: rule for file in pack.files.values() for name, rule in file.rules.items()}

        def is_told(lead: Qualified) -> bool:
            return rules[lead.rule].status_for(lead.rule, lead.subject) == "live"

        everyone = (one for population in everybody.values() for one in population.of.values())
        self.converted = {one.key: one.converted for one in everyone if one.converted is not None}
        self.told = firsts(leading, is_told)
        benches = benches_of(course, everybody, within).values()
        self.side = _side(
            len(self.told), [group("told", one, is_told, one.population.leading) for one in benches]
        )


def _side(accounts: int, groups: Sequence[Group]) -> Side:
    """Return the leads about accounts and those about people as one."""
    weekly = [one.per_week for one in groups if one.per_week is not None]
    hits, of = (sum(getattr(one.precision, part) for one in groups) for part in ("hits", "of"))
    return Side(accounts, sum(one.leads for one in groups), sum(weekly) if weekly else None, share(hits, of))


def _of_rule(pair: tuple[str | None, str | None], old: _Seen, new: _Seen, within: int | None) -> RuleChange:
    former, latter = pair
    before = old.rulings[former] if former else None
    after = new.rulings[latter] if latter else None
    return RuleChange(
        rule=latter or former or "",
        kind=_kind(
            former, latter, is_same=before is not None and after is not None and before.means == after.means
        ),
        formerly=former if latter and former != latter else None,
        stages=(before.status if before else "", after.status if after else ""),
        differences=differences(before.means, after.means) if before and after else [],
        entries=compared(
            old.firsts.get(former or "", {}), new.firsts.get(latter or "", {}), new.converted, within
        ),
        before=old.of_rule.get(former or ""),
        after=new.of_rule.get(latter or ""),
    )


def _kind(former: str | None, latter: str | None, *, is_same: bool) -> Kind:
    if former is None:
        return "added"
    if latter is None:
        return "removed"
    if former != latter:
        return "renamed"
    return "same" if is_same else "changed"
