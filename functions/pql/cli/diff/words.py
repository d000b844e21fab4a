"""What a change of rules does, in the words that a terminal and a pull request share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from pql.backtest.changes.change import Change, Entries, Entry, RuleChange
from pql.backtest.figures.base import Base
from pql.backtest.figures.group import Group
from pql.backtest.figures.say import UNKNOWN, date, length, no_rate, rated, several, span
from pql.core.clean_text import cleaned, cut
from pql.core.keys import readable
from pql.core.plain_words import counted, number
from pql.core.window import DAY

ID_SHOWN = 60
MOVES = ("gained", "lost", "earlier", "later")
# Why an account is on one side only, by rule and subject.
Whys = Mapping[tuple[str, str], str]


def is_news(one: RuleChange) -> bool:
    """Return whether there is anything to say of a rule."""
    return one.kind != "same" or one.stages[0] != one.stages[1] or one.entries.moves


def unmoved(change: Change) -> str:
    """Return how many rules are and do what they did."""
    quiet = sum(not is_news(one) for one in change.rules)
    return f"{counted(quiet, 'rule')} as before" if quiet else ""


def kind(one: RuleChange) -> str:
    """Return in a few words what has become of a rule: `changed, shadow → live`."""
    words = {
        "added": f"added, {one.stages[1]}",
        "removed": f"removed, was {one.stages[0]}",
        "renamed": f"formerly {one.formerly}",
        "changed": "changed",
        "same": "" if one.stages[0] != one.stages[1] else "same rule",
    }[one.kind]
    moved = (
        "" if one.kind in ("added", "removed") or one.stages[0] == one.stages[1] else " → ".join(one.stages)
    )
    return ", ".join(filter(None, [words, moved]))


def accounts(entries: Entries) -> str:
    """Return how many accounts there were and are: `120 → 134`."""
    before = len(entries.lost) + len(entries.earlier) + len(entries.later) + entries.unchanged
    return arrow(number(before), number(before - len(entries.lost) + len(entries.gained)))


def arrow(before: str, after: str) -> str:
    """Return `before → after`, or one of them if both are the same."""
    return before if before == after else f"{before} → {after}"


def shifted(entries: Sequence[Entry]) -> str:
    """Return how many are earlier or later, and by how much: `9 (median 3 days)`."""
    if not entries:
        return "0"
    days = median(abs(one.shift) for one in entries) / DAY
    much = counted(round(days, 1), "day") if days >= 0.05 else "less than a day"
    return f"{number(len(entries))} ({'by' if len(entries) == 1 else 'median'} {much})"


def both(before: Group | None, after: Group | None, what: str) -> str:
    """Return a share among the figures on both sides: `21 % (15 to 28) → 24 % (18 to 31)`."""
    return arrow(*(UNKNOWN if one is None else rated(getattr(one, what)) for one in (before, after)))


def weekly(before: float | None, after: float | None) -> str:
    """Return leads a week on both sides."""
    return arrow(*(UNKNOWN if one is None else number(round(one, 2)) for one in (before, after)))


def of_week(one: Group | None) -> float | None:
    """Return leads a week, none of a rule that is not there."""
    return None if one is None else one.per_week


def examples(one: RuleChange, kind: str, most: int) -> tuple[list[Entry], int]:
    """Return those of the accounts moved like this that matter most, and how many more there are.

    Who converted stands first, and among these the newest.
    """
    entries: list[Entry] = getattr(one.entries, kind)
    shown = sorted(entries, key=lambda entry: (not entry.wins, -entry.at, entry.subject))
    return shown[:most], max(0, len(entries) - most)


def who(entry: Entry) -> str:
    """Return the account of an entry as it may be printed: a user in its place by the subject key."""
    name = readable(entry.subject) if entry.subject.startswith("a:") else entry.subject
    return cut(cleaned(name), ID_SHOWN)


def when(entry: Entry) -> str:
    """Return on which day it became a lead, before and after: `3 Mar 2025 → 1 Mar 2025`, and converted."""
    days = [date(at) for at in (entry.before, entry.after) if at is not None]
    return f"{arrow(days[0], days[-1])}{_converted(entry)}"


def _converted(entry: Entry) -> str:
    """Return when the account of an entry converted, and why that is none of its lead if it is not."""
    if entry.converted is None:
        return ""
    if entry.wins:
        return f", converted {date(entry.converted)}"
    if entry.converted <= entry.at:
        return f", had converted {date(entry.converted)}"
    return f", converted {date(entry.converted)}, after the window"


def why(whys: Whys, one: RuleChange, entry: Entry) -> str:
    """Return why an account is where it is: `before it needs 2 more reports created`; "" if nobody knows."""
    return cleaned(whys.get((one.rule, entry.subject), ""))


def won(entries: Sequence[Entry]) -> str:
    """Return how many there are, and how many of them converted afterwards: `12 (2 converted)`."""
    wins = sum(one.wins for one in entries)
    return f"{number(len(entries))} ({number(wins)} converted)" if entries else "0"


def scene(change: Change) -> str:
    """Return over what the rules were run: how long, over whom, and how they count."""
    if change.first is None or change.last is None:
        return "no events"
    bases = [f"{several(one.all, about)}, {_rate(change, one)}" for about, one in change.bases.items()]
    return "; ".join([f"events from {span(change.first, change.last)}", *bases])


def _rate(change: Change, base: Base) -> str:
    if base.rate.rate is None:
        return f"no base rate: {no_rate(base, change.within, change.first, change.last)}"
    window = "" if change.within is None else f" {length(change.within)}"
    return f"of which {rated(base.rate)} converted{window}"


def headline(change: Change) -> Iterator[str]:
    """Yield what is announced, in three figures: accounts, leads a week, precision."""
    moved = change.announced
    yield f"accounts announced {accounts(moved)}: gained {won(moved.gained)}, lost {won(moved.lost)}"
    yield f"leads a week {weekly(change.before.per_week, change.after.per_week)}"
    yield f"precision {arrow(rated(change.before.precision), rated(change.after.precision))}"


def lines(of: Iterable[str]) -> list[str]:
    """Return lines of rule files as they may be printed."""
    return [cleaned(one) for one in of]
