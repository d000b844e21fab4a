"""How the figures were made, and what they leave out."""

from __future__ import annotations

from collections.abc import Iterator

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import counted, number

_AHEAD = """Every event was judged as it was received, by the code that runs live. A lead counts only if
it came strictly before the conversion; one that came at it or after counts as wrong."""
_RATES = """An account is judged by its first lead of a rule. The base rate is the share of all that convert
after their first event, {within}. Lift is precision over base rate."""
_NO_WINDOW = """Conversions count to the end of the data, so the newest leads had the least time to come true;
--within 90d would give each the same."""
_WINDOW = """A lead is right if the conversion came {within}. Who had less time than that before the data end
({left}) is in no precision, converted or not: to count those who did would flatter the rules."""
_UNOBSERVABLE = """had converted by {first}: nothing could have seen that coming, and they are in no share."""
_INTERVALS = """Of 95 %, by Wilson's score. They speak of chance alone, not of whether next year is like the
last."""


def method(figures: Figures) -> Markup:
    """Return the notes."""
    notes = [element("li", element("b", head), f" {told}") for head, told in _notes(figures)]
    return element(
        "section", element("h2", "How to read this"), element("ul", notes, class_="method"), class_="long"
    )


def _notes(figures: Figures) -> Iterator[tuple[str, str]]:
    within = say.length(figures.window)
    yield "No looking ahead.", _AHEAD
    yield "Precision, base rate and lift.", _RATES.format(within=within)
    if figures.window is None:
        yield "No window.", _NO_WINDOW
    else:
        left = " and ".join(say.several(one.open, one.about) for one in figures.all)
        yield "The window.", _WINDOW.format(within=within, left=left)
    for base in figures.bases.values():
        if base.unobservable and base.observable:
            amount = f"{number(base.unobservable)} of {say.several(base.all, base.about)}"
            why = _UNOBSERVABLE.format(first=say.first_event(base.about))
            yield "Who is left out.", f"{amount} {why}"
        if base.beyond:
            left = say.several(base.beyond, base.about)
            yield "After the data.", f"{left} converted after the last event, which counts as not yet."
        if base.visitors:
            yield "Unknown devices.", f"{counted(base.visitors, 'device')} of unknown owners are in no share."
    yield "Intervals.", _INTERVALS
    passed = [
        (figures.repeats, "repeat", "repeats"),
        (figures.late, "event that came too late", "events that came too late"),
        (figures.unread, "unreadable line", "unreadable lines"),
        (figures.unmatched, "conversion of nobody known", "conversions of nobody known"),
    ]
    told = [f"{number(amount)} {one if amount == 1 else many}" for amount, one, many in passed if amount]
    if told:
        yield "Passed over.", f"{', '.join(told)}."
