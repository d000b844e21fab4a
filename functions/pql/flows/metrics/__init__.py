"""Metrics: what has become of the leads that were really made, rule by rule, month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from pql.backtest.figures.population import About
from pql.backtest.figures.velocity import ALL, Made, Month, Yield, beginning, monthly, yielded
from pql.backtest.figures.wilson import Lift, Share, lift
from pql.core.keys import LeadKey, is_person
from pql.core.lead import LeadRecord
from pql.flows.legible import legible
from pql.flows.metrics.answers import Handling, Owner, handling, owners
from pql.flows.metrics.backdrop import Backdrop
from pql.flows.ports import Leads

_NOTHING = Backdrop()


class RuleMetrics(msgspec.Struct, frozen=True):
    """The leads of one rule, or of all together; `introduced` of them by the command that introduces rules.

    All together are those that somebody was told of, if any: leads in shadow are their rule's alone. `lift`
    is their conversion rate over the base rate, None if either is not known.
    """

    rule: str
    leads: Yield
    introduced: int
    handling: Handling
    lift: Lift | None


class Metrics(msgspec.Struct, frozen=True):
    """All of it: leads from the `first`, with conversions `within` ms of them as far as known by `until`.

    Leads made after `last` were not asked for, None for all. Times are epoch ms.
    `months` leave out the leads that were introduced: these came all at once. `bases` are the base rates,
    and `unknown` says why there is none. `owners` are of `live` leads alone.
    """

    first: int | None
    until: int
    within: int | None
    bases: dict[str, Share]
    rules: list[RuleMetrics]
    months: list[Month]
    owners: list[Owner]
    unknown: dict[str, str] = {}
    last: int | None = None


def read(
    leads: Leads, first: int, until: int, passed: Callable[[LeadKey], object] = lambda _: None
) -> Iterator[LeadRecord]:
    """Yield the leads made from `first` to before `until` (epoch ms), the newest first.

    One query of the index, and a read of each lead; no account is looked at, and nothing is scanned. `passed`
    is told of leads that nobody can read.
    """
    return (one for one in legible(leads, leads.newest(first), passed) if one.lead.created < until)


def metrics(
    records: Iterable[LeadRecord],
    now: int,
    *,
    first: int | None = None,
    before: int | None = None,
    within: int | None = None,
    backdrop: Backdrop = _NOTHING,
) -> Metrics:
    """Return what has become of leads as they stand at `now`, epoch ms.

    They were made from `first` (the oldest of them, if it is not said) to `before`. When the events of the
    `backdrop` began tells whether the month of the oldest lead is a whole one.
    """
    every = sorted(records, key=lambda one: (one.lead.created, one.lead.key))
    rates = dict(backdrop.bases)
    oldest = every[0].lead.created if every else None
    since = oldest if first is None else first
    opened = _opened(since, backdrop.began) if first is None else first
    last = None if before is None or before > now else before - 1
    grouped: dict[str, list[LeadRecord]] = defaultdict(list)
    for one in every:
        grouped[one.lead.rule].append(one)
    live = [one for one in every if one.lead.status == "live"]
    grouped = {**{rule: grouped[rule] for rule in sorted(grouped)}, **({ALL: live or every} if every else {})}
    coming = [_made(one) for one in every if not one.lead.introduced]
    return Metrics(
        first=oldest,
        until=now,
        within=within,
        bases=rates,
        rules=[_of_rule(rule, several, now, within, rates) for rule, several in grouped.items()],
        months=[] if opened is None else monthly(coming, opened, now, within, before),
        owners=[] if since is None else owners(live, since, now if last is None else last),
        unknown=dict(backdrop.unknown),
        last=last,
    )


def _opened(oldest: int | None, began: int | None) -> int | None:
    """Return since when in the month of the oldest lead there can have been any, as far as that is known."""
    if oldest is None or began is None or began > oldest:
        return oldest
    return max(began, beginning(oldest))


def _made(record: LeadRecord) -> Made:
    lead = record.lead
    return Made(lead.rule, lead.created, record.standing.converted_at, lead.status == "live")


def _of_rule(
    rule: str, records: list[LeadRecord], now: int, within: int | None, bases: Mapping[str, Share]
) -> RuleMetrics:
    came = yielded(map(_made, records), now, within)
    kinds: set[About] = {"people" if is_person(one.lead.subject_key) else "accounts" for one in records}
    base = bases.get(next(iter(kinds))) if len(kinds) == 1 else None
    return RuleMetrics(
        rule,
        came,
        sum(one.lead.introduced for one in records),
        handling(records, now),
        None if base is None else lift(came.rate, base),
    )
