"""Histories of a small town: people who log in, join accounts, leave them and send things twice."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from fakes.events import DAY, HOUR, START, event, identify
from pql.core.dedup import EPOCH_DAYS
from pql.core.event import Event

BARRED = """
suppress: [{trait: industry, is: testing}]
signals:
  reports: {count: Report Created, within: 2d}
  quiet: {days_since: Report Created}
  orders: {count: Order Completed}
  by_admins: {count: Report Created, where: {context.traits.role: admin}, within: 2d}
  bought: {changes: plan, type: group, from: trial, to: paid, within: 7d}
scores:
  heat: [{points: 3, when: {signal: reports, at_least: 1}}, {points: 4, when: {signal: orders, at_least: 2}}]
rules:
  busy:
    when: {signal: reports, at_least: 2}
    unless: {signal: orders, at_least: 3}
    cooldown: 1d
    title: t
    reason: r
  hot:
    when: {score: heat, at_least: 3}
    tier: {score: heat, warm: 3, hot: 7}
    cooldown: 6h
    title: t
    reason: r
  gone:
    {when: {all: [{signal: quiet, at_least: 3}, {not: {rule: busy, fired_within: 1d}}]}, title: t, reason: r}
  moved_up:
    {when: {signal: bought, at_least: 1}, unless: {trait: plan, is: trial}, cooldown: 1d, title: t, reason: r}
  led: {when: {signal: by_admins, at_least: 2}, cooldown: 1d, title: t, reason: r}
  draft_only: {status: draft, when: {signal: reports, at_least: 1}, title: t, reason: r}
  quietly: {status: shadow, when: {signal: orders, at_least: 1}, title: t, reason: r}
"""
PEOPLE_TOO = """
subject: user
conversions: [Other]
signals:
  mine: {count: Report Created, within: 2d}
  last: {days_since: Report Created}
  names: {changes: name, type: identify}
rules:
  keen: {when: {signal: mine, at_least: 2}, cooldown: 1d, title: "{user}", reason: "{mine}"}
  renamed: {when: {signal: names, at_least: 2}, title: t, reason: r}
  lost: {when: {signal: last, at_least: 2}, title: t, reason: r}
"""


def town(rnd: random.Random, most: int = 40) -> list[Event]:
    """Return the deliveries of people who log in, move between accounts and send things twice.

    What has no time of its own is sent again within ninety days: later, the live engine may know it longer.
    """
    users, devices, accounts = ["ada", "bob", None], ["x", "y", None], ["acme", "zeta", None, None]
    sent: list[Event] = []
    day_of_first: dict[str, int] = {}
    at = 0
    for key in range(rnd.randint(0, most)):
        at += rnd.choice([0, 1000, HOUR // 2, 5 * HOUR, DAY])
        if sent and rnd.random() < 0.15:
            old = rnd.choice(sent)
            if old.own is not None or (START + at) // DAY - day_of_first[old.id] <= EPOCH_DAYS:
                sent.append(_received(old, START + at))
            continue
        late = rnd.choice([0, 0, 0, HOUR, 3 * DAY, 8 * DAY])
        user, device = rnd.choice(users), rnd.choice(devices)
        if user is None and device is None:
            device = "x"
        told = rnd.random()
        account = rnd.choice(accounts)
        when = max(0, at - late)
        if told < 0.15:
            traits = {"plan": rnd.choice(["trial", "paid"]), "industry": rnd.choice(["testing", "steel"])}
            one = event(
                key,
                "",
                kind="group",
                account=account or "acme",
                user=user,
                anonymous=device,
                at=when,
                traits=traits,
            )
        elif told < 0.35:
            one = identify(key, user, at=when, account=account, anonymous=device, name=rnd.choice(["A", "B"]))
        else:
            name = rnd.choice(["Report Created", "Report Created", "Order Completed", "Other"])
            one = event(key, name, at=when, account=account, user=user, anonymous=device)
            if user == "ada":
                one = msgspec.structs.replace(one, context=msgspec.Raw(b'{"traits":{"role":"admin"}}'))
        if rnd.random() < 0.1:
            one = msgspec.structs.replace(one, own=None, time=START + at)
        sent.append(_received(one, START + at))
        day_of_first[one.id] = (START + at) // DAY
    return sent


def _received(one: Event, at: int) -> Event:
    return msgspec.structs.replace(one, received=at)


def delivered(events: Sequence[Event]) -> list[Event]:
    """Return the events in the order of their receipt."""
    return sorted(events, key=lambda one: one.received)
