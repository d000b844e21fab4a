"""Why the accounts that are named are leads on one side only: what the other side still wanted of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

from pql.adapters.event_pieces import is_read_once
from pql.backtest.changes.change import Change, Judged
from pql.backtest.changes.inquiry import Inquiry, Question
from pql.cli.diff.words import MOVES, Whys, examples
from pql.cli.lateness import horizon
from pql.cli.sources import open_chosen


class _Asked(NamedTuple):
    rule: str
    question: Question
    of_old: bool


def whys_of(chosen: argparse.Namespace, change: Change, was: Judged, now: Judged) -> Whys:
    """Return what was missing on the side that lacks a lead, at its moment on the other side.

    For those who are named, and rules that both sides have. The events are read once more, if they can be.
    """
    asked = [*_asked(change, chosen.examples)]
    if not asked or is_read_once(chosen.events):
        return {}
    late = horizon(chosen, chosen.events)
    inquiries = [
        Inquiry(
            side.pack,
            [one.question for one in asked if one.of_old is of_old],
            side.course,
            horizon=late,
        )
        for of_old, side in ((True, was), (False, now))
    ]
    for event in open_chosen(chosen, chosen.events).events():
        for inquiry in inquiries:
            inquiry.take(event)
        if all(inquiry.is_done for inquiry in inquiries):
            break
    before, after = (inquiry.finish() for inquiry in inquiries)
    told = ((one, (before if one.of_old else after).get(one.question)) for one in asked)
    return {
        (one.rule, one.question.subject): f"{'before' if one.of_old else 'now'} {words}"
        for one, words in told
        if words
    }


def _asked(change: Change, most: int) -> Iterator[_Asked]:
    for one in change.rules:
        for kind in MOVES if one.before and one.after else ():
            of_old = kind in ("gained", "earlier")
            name = one.formerly if of_old and one.formerly else one.rule
            for entry in examples(one, kind, most)[0]:
                yield _Asked(one.rule, Question(entry.at, entry.subject, name), of_old)
