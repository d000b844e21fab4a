"""What is kept of a subject, as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pql.cli.account.document import edition
from pql.cli.account.shown import Shown
from pql.core.clean_text import cleaned
from pql.core.keys import readable
from pql.core.lead_reference import reference
from pql.core.member import Member
from pql.core.plain_words import calendar, counted, measured, number, said
from pql.engine.contents import Contents, SignalContent, StandingContent

UNIT = 1024
_KINDS = {
    "a": "account",
    "u": "user, in an account's place",
    "n": "anonymous id, in an account's place",
    "p": "user, as a person",
    "v": "visitor, as a person",
}


def text(found: Sequence[Shown]) -> Iterator[str]:
    """Yield the lines, an empty one between subjects; nothing of a sender's gets at the terminal."""
    for place, one in enumerate(found):
        if place:
            yield ""
        for line in _subject(one):
            margin = len(line) - len(line.lstrip(" "))
            yield line[:margin] + cleaned(line)


def _subject(shown: Shown) -> Iterator[str]:
    kept = shown.kept
    yield f"{readable(kept.subject)}: {_KINDS[kept.subject[0]]}, {kept.subject}"
    if kept.member is not None:
        yield from (f"  {line}" for line in _member(kept.member))
    if kept.row is not None:
        yield from (f"  {line}" for line in _row(shown))
    if shown.unreadable:
        yield f"  it cannot be read: {shown.unreadable}"
    if shown.contents is not None:
        yield from _contents(shown.contents)
    yield from _section("folded into it", [readable(one) for one in kept.origins])
    yield from _section("leads", [reference(key) for key in kept.leads])


def _row(shown: Shown) -> Iterator[str]:
    kept, row = shown.kept, shown.kept.row
    if row is None:
        return
    units = counted(-(-kept.size // UNIT), "unit")
    version = "" if row.newer else f"version {row.version}, "
    touched = "" if kept.touched is None else f", last written for {calendar(kept.touched)}"
    yield f"{version}{number(kept.size)} bytes, {units} a write{touched}"
    if row.moved:
        yield f"it became part of {readable(row.moved)}: what is left are the ids of events"
    if row.wake is not None:
        yield f"to be looked at on {calendar(row.wake * 1_000)}, if nothing happens before"
    if kept.expires is not None:
        yield f"erased: its ids end on {calendar(kept.expires * 1_000)}"
    if not row.newer:
        filed = number(sum(kept.buckets.values())) + (" and more" if kept.has_more else "")
        places = counted(len(kept.buckets), "bucket")
        told = f"{filed} filed in {places}" if kept.buckets else "none filed"
        yield f"ids of events: {len(row.ledger.marks())} pending in the row, {told}"


def _member(member: Member) -> Iterator[str]:
    who = " ".join(part for part in (member.name, f"<{member.email}>" if member.email else None) if part)
    if who:
        yield f"known as {who}"
    if member.account is not None:
        yield f"belongs to the account {member.account} since {calendar(member.account_at)}"
    if member.user is not None:
        yield f"became the user {member.user} on {calendar(member.user_at)}"
    if member.former:
        yield f"was counted before under {', '.join(member.former)}"


def _contents(contents: Contents) -> Iterator[str]:
    yield f"  as of {calendar(contents.as_of)}; it was last judged at {calendar(contents.clock)}"
    for file in dict.fromkeys(one.file for one in contents.signals):
        yield from _signals(file, [one for one in contents.signals if one.file == file])
    yield from _section(
        "scores", [f"{one.name}: {number(one.value)}" for one in contents.scores if one.value]
    )
    traits = [f"{one.name}: {said(one.value)}{_event(one.event, one.at)}" for one in contents.traits]
    yield from _section("traits", traits)
    people = [
        f"{one.id}: {counted(one.events, 'event')}, the last on {calendar(one.last)}"
        for one in contents.people
    ]
    yield from _section("people, the ones who are followed" if contents.crowded else "people", people)
    yield from _rules(contents.rules)
    editions = [
        f"{edition(one)}{' (the rules asked here)' if one == contents.own else ''}"
        for one in contents.editions
    ]
    yield from _section("editions of the rules that have judged it", editions)
    if contents.carried_signals or contents.carried_standings:
        signals, rules = (
            counted(len(contents.carried_signals), "signal"),
            counted(len(contents.carried_standings), "rule"),
        )
        yield f"  carried for other rules than these: {signals}, {rules}"
        yield "    --rules names those that are deployed, if it is not these"


def _signals(file: str, signals: Sequence[SignalContent]) -> Iterator[str]:
    held = [
        f"{one.name}: {one.words}: {measured(one.value, None)}{' or more' if one.is_floor else ''}"
        f"{_event(one.event, one.at or 0)}"
        for one in signals
        if one.event is not None
    ]
    nothing = [one.name for one in signals if one.event is None]
    rest = [f"nothing yet of {', '.join(nothing)}"] if nothing else []
    yield from _section(f"signals of {file}", [*held, *rest])


def _rules(rules: Sequence[StandingContent]) -> Iterator[str]:
    told = [(one, [*_standing(one)]) for one in rules]
    never = [one.rule for one, words in told if not (words or one.leads or one.holds)]
    lines = [line for one, words in told if one.rule not in never for line in (_headline(one), *words)]
    rest = [f"no lead, and none held back: {', '.join(never)}"] if never else []
    yield from _section("rules", [*lines, *rest])


def _headline(one: StandingContent) -> str:
    leads = (
        f"{counted(one.leads, 'lead')}, the last on {calendar(one.fired or 0)}" if one.leads else "no lead"
    )
    return f"{one.rule}: {leads}{'; it holds now' if one.holds else ''}"


def _standing(one: StandingContent) -> Iterator[str]:
    """Yield what keeps a rule from making a lead of the account."""
    if one.cooldown_until is not None:
        yield f"  in its cooldown until {calendar(one.cooldown_until)}"
    if one.behind_baseline:
        yield f"  silent since {calendar(one.fired or 0)} about what held before the rule was there"
    elif not one.armed:
        grown = "" if one.mark is None else f" (its signal was at {number(one.mark)})"
        yield f"  waits for what ends a lead before there is another{grown}"
    if one.is_new:
        yield "  is new to the account: what holds at its next event is no news"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = [*lines]
    if found:
        yield f"  {title}"
        yield from (f"    {line}" for line in found)


def _event(event: str | None, at: int) -> str:
    return f" · event {event} of {calendar(at)}"
