"""A change of rules as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from pql.backtest.changes.change import Change, RuleChange
from pql.cli.diff import words
from pql.cli.diff.words import MOVES, Whys
from pql.core.plain_words import number


def text(change: Change, sides: tuple[str, str], whys: Whys, examples: int) -> Iterator[str]:
    """Yield the lines: what is announced, each rule that changes anything, and the rest in one line.

    `sides` name both packs, `examples` is how many accounts are named of each list, `whys` say of
    some why they are there.
    """
    yield f"{sides[0]} → {sides[1]}"
    yield words.scene(change)
    yield ""
    yield from words.headline(change)
    for one in words.lines(change.shared):
        yield f"for all rules: {one}"
    for rule in filter(words.is_news, change.rules):
        yield ""
        yield from _rule(rule, whys, examples)
    if words.unmoved(change):
        yield ""
        yield words.unmoved(change)


def _rule(one: RuleChange, whys: Whys, examples: int) -> Iterator[str]:
    entries = one.entries
    yield f"{one.rule}: {words.kind(one)}"
    yield from (f"    {line}" for line in words.lines(one.differences))
    moved = [
        f"gained {words.won(entries.gained)}",
        f"lost {words.won(entries.lost)}",
        f"earlier {words.shifted(entries.earlier)}",
        f"later {words.shifted(entries.later)}",
        f"unchanged {number(entries.unchanged)}",
    ]
    yield f"  accounts      {words.accounts(entries)}: {', '.join(moved)}"
    yield f"  precision     {words.both(one.before, one.after, 'precision')}"
    yield f"  recall        {words.both(one.before, one.after, 'recall')}"
    yield f"  leads a week  {words.weekly(words.of_week(one.before), words.of_week(one.after))}"
    for kind in MOVES:
        shown, more = words.examples(one, kind, examples)
        for entry in shown:
            why = words.why(whys, one, entry)
            yield f"  {kind:<7} {words.who(entry)}, {words.when(entry)}{why and f'; {why}'}"
        if more and shown:
            yield f"  {kind:<7} and {number(more)} more"
