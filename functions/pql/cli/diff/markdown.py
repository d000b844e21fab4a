"""A change of rules as a comment on a pull request, in GitHub's Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from pql.backtest.changes.change import Change, RuleChange
from pql.cli.diff import words
from pql.cli.diff.words import MOVES, Whys
from pql.core.plain_words import counted, number

# By this a bot finds its own comment again, to write over it.
MARKER = "<!-- pql diff -->"
# A comment holds 65,536 characters; the note that something was left out needs some of them.
LIMIT = 60_000
_MARKS = {ord(mark): f"&#{ord(mark)};" for mark in "\\`*_[]<>|~#@&"}
_HEAD = ("rule", "accounts", "gained", "lost", "earlier", "later", "precision", "recall", "leads a week")


def markdown(change: Change, sides: tuple[str, str], whys: Whys, examples: int) -> str:
    """Return the comment: a line that says it all, a table, and folded up what changed and who is moved.

    The same change gives the same text. What does not fit into a comment is left out, from the end.
    """
    news = [one for one in change.rules if words.is_news(one)]
    says = f"{number(len(news))} of {counted(len(change.rules), 'rule')}"
    head = [
        MARKER,
        f"**pql: {says} {'changes' if len(news) == 1 else 'change'} what happens**"
        if news
        else "**pql: no rule changes what happens**",
        "",
        *(f"* {one}" for one in words.headline(change)),
        *(f"* for all rules: {_code(one)}" for one in words.lines(change.shared)),
        "",
    ]
    if news:
        head += [f"| {' | '.join(_HEAD)} |", f"|---|{'---:|' * (len(_HEAD) - 1)}"]
    foot = ["", f"<sub>{_foot(change, sides)}</sub>"]
    rows = [_row(one) for one in news]
    folded = ["\n".join(_details(one, whys, examples)) for one in news]
    return "\n".join([*_fitting(head, rows, folded, foot), ""])


def _fitting(head: list[str], rows: list[str], folded: list[str], foot: list[str]) -> list[str]:
    room = LIMIT - sum(len(one) + 1 for one in (*head, *foot))
    shown = []
    for one in (*rows, *folded):
        room -= len(one) + 1
        if room < 0:
            break
        shown.append(one)
    left = len(rows) + len(folded) - len(shown)
    note = ["", "Not all of it fits into a comment: `--json` has the rest."] if left else []
    table, details = shown[: len(rows)], shown[len(rows) :]
    return [*head, *table, "", *details, *note, *foot]


def _row(one: RuleChange) -> str:
    entries = one.entries
    cells = (
        f"{_code(one.rule)} {words.kind(one)}",
        words.accounts(entries),
        words.won(entries.gained),
        words.won(entries.lost),
        words.shifted(entries.earlier),
        words.shifted(entries.later),
        words.both(one.before, one.after, "precision"),
        words.both(one.before, one.after, "recall"),
        words.weekly(words.of_week(one.before), words.of_week(one.after)),
    )
    return f"| {' | '.join(cells)} |"


def _details(one: RuleChange, whys: Whys, examples: int) -> Iterator[str]:
    listed = [*_listed(one, whys, examples)]
    if not one.differences and not listed:
        return
    yield f"<details><summary><code>{one.rule}</code>: {words.kind(one)}</summary>"
    yield ""
    if one.differences:
        yield from ("```diff", *_as_diff(one.differences), "```", "")
    yield from listed
    yield "</details>"


def _as_diff(differences: list[str]) -> Iterator[str]:
    for line in words.lines(differences):
        path, _, values = line.partition(": ")
        old, arrow, new = values.partition(" → ")
        if line.startswith(("- ", "+ ")) or not arrow:
            yield line
        else:
            yield from (f"- {path}: {old}", f"+ {path}: {new}")


def _listed(one: RuleChange, whys: Whys, examples: int) -> Iterator[str]:
    for kind in MOVES:
        shown, more = words.examples(one, kind, examples)
        for entry in shown:
            why = _plain(words.why(whys, one, entry))
            yield f"* {kind}: {_code(words.who(entry))}, {words.when(entry)}{why and f'; {why}'}"
        if more and shown:
            yield f"* {kind}: and {number(more)} more"
        if shown:
            yield ""


def _foot(change: Change, sides: tuple[str, str]) -> str:
    notes = [f"{_code(sides[0])} → {_code(sides[1])}", words.scene(change), words.unmoved(change)]
    return ". ".join([*filter(None, notes), "In brackets: 95 % intervals."])


def _code(text: str) -> str:
    """Return text as a code span, in which nothing is a mention, a link or a tag."""
    return f"`{text.replace('`', chr(39)).replace('|', '¦')}`"


def _plain(text: str) -> str:
    """Return text with what Markdown and HTML would take for their own made harmless."""
    return text.translate(_MARKS)
