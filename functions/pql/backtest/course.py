"""The course of a rerun: what rules made of a history of events, as everything that reports on it sees it."""

from __future__ import annotations

from typing import Any

import msgspec

from pql.core.lead import Scalar


class Qualified(msgspec.Struct, frozen=True):
    """A lead that a rule makes at `at` (epoch ms, the clock of its account), as the live engine would.

    `event` is the id of the event that made it, None where time alone did. `suppressed` says that a bar
    of the rule (`unless`, `suppress`) held it back: then it is no lead, and `cycle` is that of the last.
    """

    rule: str
    subject: str
    cycle: int
    at: int
    event: str | None = None
    tier: str = ""
    score_name: str | None = None
    score: float | None = None
    suppressed: bool = False


class Peak(msgspec.Struct, frozen=True):
    """The highest a score stood, above 0, before its subject converted, and when (epoch ms) it first did."""

    score: float
    at: int


class Miss(msgspec.Struct, frozen=True):
    """How near a subject without a lead of a rule came to one, as it stood at `at` (epoch ms).

    `met` of the rule's `of` conditions held; `words` say what was missing. `nearness` goes from 0 to 1.
    Who `converted` then is not near to it any more.
    """

    rule: str
    subject: str
    at: int
    met: int
    of: int
    words: list[str]
    nearness: float = 0.0
    converted: bool = False


class Subject(msgspec.Struct):
    """Who events were counted for, between the receipt of the first and of the last (epoch ms).

    `converted` is when they did, by the conversions given or by an event, None if they did not.
    `snapshot` are the values of the plan's signals, by their fingerprint, when the subject was as old as
    the rerun was asked for: before any later event, and None for who was never that old. They are as the
    folds have left them (`Account.values`), with windows slid to that moment; `traits` are those that
    rules look at as of the same moment, by folded name.
    """

    key: str
    first: int
    last: int
    events: int = 0
    converted: int | None = None
    peaks: dict[str, Peak] = {}
    snapshot: dict[int, Any] | None = None
    traits: dict[str, Scalar] = {}


class Course(msgspec.Struct):
    """Everything a rerun found. Courses of different subjects add up (`merged`).

    `moved` says into which subject one was folded when its account became known; its leads stay its own.
    `rules` are the names of all rules that were judged, in the order of the pack. Times are epoch ms of
    receipt. `misses` are the nearest of each rule. `cooled` counts how often each rule was seen to hold again
    within its cooldown, and so made no lead: what ends by time alone and begins anew is one with what was
    before. `unread` lines were no events, the first of them at `places`;
    `heard` are the events that convert, by their folded names, of which there was any. `stamps` tell by rule
    under which version of it (`pql.backtest.changes.ruling.stamps`).
    """

    rules: list[str]
    first: int | None = None
    last: int | None = None
    counted: int = 0
    repeats: int = 0
    late: int = 0
    unread: int = 0
    subjects: dict[str, Subject] = {}
    moved: dict[str, str] = {}
    qualified: list[Qualified] = []
    misses: list[Miss] = []
    cooled: dict[str, int] = {}
    places: list[str] = []
    heard: list[str] = []
    stamps: dict[str, str] = {}
