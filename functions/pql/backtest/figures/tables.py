"""The figures of a backtest as tables, for spreadsheets and notebooks: a file name each, with its rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pql.backtest.figures.figures import Figures
from pql.backtest.figures.group import First, Group
from pql.backtest.figures.weeks import name
from pql.core.keys import readable
from pql.core.plain_words import iso

Row = Sequence[Any]
# What a spreadsheet would take for a formula, if an id began with it; some look past blanks and quotes.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PASSED_OVER = " '\""
NAMES = (
    "rules.csv",
    "qualified.csv",
    "weeks.csv",
    "overlap.csv",
    "thresholds.csv",
    "unseen.csv",
    "misses.csv",
)


def tables(figures: Figures, first_leads: Iterable[First]) -> dict[str, str]:
    """Return the text of each CSV file by its name; moments are ISO 8601, shares between 0 and 1."""
    rows = (
        _groups(figures),
        _qualified(first_leads),
        _weeks(figures),
        _overlaps(figures),
        _thresholds(figures),
        _unseen(figures),
        _misses(figures),
    )
    return dict(zip(NAMES, map(_text, rows), strict=True))


def _text(rows: Iterable[Row]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([_cell(one) for one in row] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}"
    if not isinstance(value, str):
        return value
    safe = f"'{value}" if value.lstrip(_PASSED_OVER).startswith(_FORMULA) else value
    return safe.replace("\r", "\n")  # the writer quotes a cell for its own line end only


def _groups(figures: Figures) -> Iterator[Row]:
    plain = ("leads", "accounts", "again", "suppressed", "cooled", "first", "last")
    judged = ("hits", "late", "open", "unobservable", "caught")
    shares = [f"{what}{end}" for what in ("precision", "recall") for end in ("", "_low", "_high")]
    times = ("lift", "lift_low", "lift_high", "median_days", "mean_days", "leads_a_week")
    yield ("kind", "name", "about", *plain, *judged, *shares, *times)
    for kind, groups in (("rule", figures.rules), ("tier", figures.tiers), ("all", figures.all)):
        for one in groups:
            yield (kind, one.name, one.about, *_plain(one), *_judged(one))


def _plain(group: Group) -> Row:
    moments = (None if at is None else iso(at) for at in (group.first, group.last))
    return (group.leads, group.accounts, group.again, group.suppressed, group.cooled, *moments)


def _judged(group: Group) -> Row:
    shares = (
        value for share in (group.precision, group.recall) for value in (share.rate, share.low, share.high)
    )
    lift = (group.lift.times, group.lift.low, group.lift.high) if group.lift else (None, None, None)
    counts = (group.hits, group.late, group.open, group.unobservable, group.caught)
    return (*counts, *shares, *lift, group.lead_time.median, group.lead_time.mean, group.per_week)


def _qualified(first_leads: Iterable[First]) -> Iterator[Row]:
    yield ("account", "rule", "qualified_at", "tier", "score", "converted_at", "days", "outcome")
    for one in first_leads:
        converted = None if one.converted is None else iso(one.converted)
        lead, came = one.lead, one.outcome or "unobservable"
        yield (readable(one.key), lead.rule, iso(lead.at), lead.tier, lead.score, converted, one.days, came)


def _weeks(figures: Figures) -> Iterator[Row]:
    yield ("week", "monday", *(one.name for one in figures.rules))
    for place, week in enumerate(figures.weeks):
        yield (name(week), iso(week)[:10], *(one.weeks[place] for one in figures.rules))


def _overlaps(figures: Figures) -> Iterator[Row]:
    yield ("rule", "other", "accounts_of_rule", "accounts_of_other", "both", "jaccard")
    for one in figures.overlaps:
        yield (one.one, one.other, one.of_one, one.of_other, one.both, one.jaccard)


def _thresholds(figures: Figures) -> Iterator[Row]:
    yield ("score", "about", "threshold", "accounts", "hits", "precision", "low", "high", "recall")
    for curve in figures.curves:
        for one in curve.points:
            share = one.precision
            numbers = (share.of, share.hits, share.rate, share.low, share.high, one.recall.rate)
            yield (curve.score, curve.about, one.threshold, *numbers)


def _unseen(figures: Figures) -> Iterator[Row]:
    yield ("account", "first_event", "converted_at", "events", "nearest_rule", "met", "of", "missing")
    for one in figures.unseen:
        near = one.nearest
        told = (near.rule, near.met, near.of, "; ".join(near.words)) if near else (None,) * 4
        yield (one.name, iso(one.first), iso(one.converted), one.events, *told)


def _misses(figures: Figures) -> Iterator[Row]:
    yield ("rule", "account", "at", "converted", "met", "of", "nearness", "missing")
    for one in figures.misses:
        told = (readable(one.subject), iso(one.at), "yes" if one.converted else "no")
        yield (one.rule, *told, one.met, one.of, one.nearness, "; ".join(one.words))
