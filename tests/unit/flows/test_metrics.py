"""Metrics: what has become of the leads that were really made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fakes.leads import CREATED, northwind
from pql.adapters.memory_leads import MemoryLeads
from pql.backtest.figures.velocity import ALL
from pql.backtest.figures.wilson import share
from pql.core.errors import Poison
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life
from pql.core.window import DAY
from pql.flows.metrics import Metrics, metrics, read
from pql.flows.metrics.answers import Handling
from pql.flows.metrics.backdrop import Backdrop

NOW = CREATED + 100 * DAY


def lead(account: str, standing: Life | None = None, **changed: Any) -> LeadRecord:
    """Return a lead as it stands."""
    made = northwind(account_id=account, **changed)
    return LeadRecord(made, standing=standing or Life())


def handled(*records: LeadRecord) -> Handling:
    """Return what people have made of these leads of one rule."""
    return metrics(records, NOW).rules[0].handling


def claimed(by: str, days: int = 1) -> Life:
    """Return the standing of a lead claimed some days after it was made."""
    return Life("claimed", by, changed=CREATED + days * DAY)


def test_every_live_lead_stands_somewhere() -> None:
    """As of now: what was open too long is expired, a snooze may be over; shadows are shown to nobody."""
    found = handled(
        lead("a"),
        lead("b", created=NOW - DAY),
        lead("c", claimed("kim", 50)),
        lead("d", Life("dismissed", "lee", reason="too small", changed=CREATED + 3 * DAY)),
        lead("e", Life("dismissed", "lee", changed=CREATED + 3 * DAY)),
        lead("f", Life("converted", "kim", changed=NOW, converted_at=CREATED + DAY)),
        lead("g", Life("snoozed", "kim", until=CREATED + 20 * DAY, changed=CREATED + 5 * DAY)),
        lead("h", status="shadow"),
    )

    expected = {"open": 2, "claimed": 1, "snoozed": 0, "dismissed": 2, "converted": 1, "expired": 1}
    assert (7, expected) == (found.live, found.states)
    assert (5, 7) == (found.answered.hits, found.answered.of)
    assert {"": 1, "too small": 1} == found.reasons


def test_the_time_to_answer_is_that_of_the_first_answer_where_it_is_known() -> None:
    """Of leads that were answered before that was kept a conversion has written over it."""
    found = handled(
        lead("a", claimed("kim", 1)),
        lead("b", Life("converted", "kim", changed=NOW, converted_at=NOW, answered=CREATED + 2 * DAY)),
        lead("c", Life("dismissed", "lee", changed=CREATED + 9 * DAY, answered=CREATED + 8 * DAY)),
        lead("d", Life("converted", "kim", changed=NOW, converted_at=NOW)),
        lead("e"),
        lead("f", Life(changed=CREATED + 9 * DAY, answered=CREATED + 3 * DAY)),
    )

    assert (4, 2.5) == (found.timed, found.days_to_answer)
    assert (5, 6) == (found.answered.hits, found.answered.of)


def won(account: str, days: int, **changed: Any) -> LeadRecord:
    """Return a lead whose account converted so many days after it."""
    made = changed.get("created", CREATED)
    return lead(account, Life("converted", changed=NOW, converted_at=made + days * DAY), **changed)


def test_conversions_are_held_against_the_base_rate_of_whom_the_rule_is_about() -> None:
    """A rule about people has that of people; all rules together have none where they differ."""
    bases = {"accounts": share(10, 100), "people": share(1, 10)}
    person = {"subject": "user", "subject_key": "p:ada", "rule": "keen"}
    found = metrics([won("a", 5), lead("b"), won("ada", 5, **person)], NOW, backdrop=Backdrop(bases))
    lifts = {one.rule: one.lift and one.lift.times for one in found.rules}

    assert {"classic": 5.0, "keen": 10.0, ALL: None} == lifts


def test_without_a_base_rate_there_is_no_lift() -> None:
    """Unknown is not one."""
    assert [None, None] == [one.lift for one in metrics([won("a", 5)], NOW).rules]


def test_leads_of_introduced_rules_are_no_growth() -> None:
    """They came all at once; their conversions count."""
    found = metrics([won("a", 5, introduced=True), lead("b")], NOW, first=CREATED - 60 * DAY)

    assert (1, 2) == (found.rules[0].introduced, found.rules[0].leads.made)
    assert 1 == sum(one.leads.made for one in found.months if one.rule == "classic")


def test_whoever_had_a_lead_has_it_in_the_week_in_which_it_was_made() -> None:
    """Whatever has become of it since; one in shadow is shown to nobody, and nobody's."""
    found = metrics(
        [
            lead("a", claimed("kim")),
            lead("b", Life("converted", "kim", changed=NOW, converted_at=NOW)),
            lead("c", claimed("lee"), created=CREATED + 7 * DAY),
            lead("d"),
            lead("e", claimed("mia"), status="shadow"),
        ],
        CREATED + 14 * DAY,
    )

    assert [("kim", 2, 1.0), ("lee", 1, 0.5)] == [(one.name, one.leads, one.per_week) for one in found.owners]
    assert {"2026-W47": 0, "2026-W48": 1, "2026-W49": 0} == found.owners[1].weeks


@pytest.mark.parametrize(
    ("days", "expected"),
    [(None, (False, None)), (30, (True, -0.5)), (1, (False, None)), (-1, (False, None))],
    ids=["unknown", "a month before", "the day before", "the day after"],
)
def test_the_month_of_the_first_lead_is_whole_if_the_events_began_before_it(
    days: int | None, expected: tuple[bool, float | None]
) -> None:
    """Then the month after it has its growth; no month is told of in which there was no lead before."""
    began = None if days is None else CREATED - days * DAY
    some = [lead("a"), lead("b"), lead("c", created=CREATED + 20 * DAY)]
    found = metrics(some, NOW, backdrop=Backdrop(began=began))
    first, second, *_ = (one for one in found.months if one.rule == "classic")

    assert ("2026-11", "2026-12", *expected) == (first.month, second.month, first.complete, second.velocity)


def test_of_no_leads_there_is_nothing_to_say() -> None:
    """No months, nobody, no rules."""
    assert Metrics(None, NOW, None, {}, [], [], []) == metrics([], NOW)


def test_leads_are_read_from_the_index_and_one_by_one() -> None:
    """From the first day asked for to before the day after the last."""
    stored = [lead(f"a{day}", created=CREATED + day * DAY) for day in range(250)]
    leads = MemoryLeads({one.lead.key: one for one in stored})

    assert stored[100:240][::-1] == [*read(leads, CREATED + 100 * DAY, CREATED + 240 * DAY)]


def test_a_lead_that_nobody_can_read_hides_no_other() -> None:
    """It is passed over, and told."""
    stored = [lead(f"a{day}", created=CREATED + day * DAY) for day in range(250)]
    damaged = stored[120].lead.key

    class Damaged(MemoryLeads):
        def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
            if damaged in keys:
                raise Poison("no lead")
            return super().records(keys)

    leads, passed = Damaged({one.lead.key: one for one in stored}), list[LeadKey]()
    found = [*read(leads, 0, NOW + 200 * DAY, passed.append)]

    assert [*stored[:120], *stored[121:]][::-1] == found
    assert [damaged] == passed


def test_leads_in_shadow_are_their_rules_alone() -> None:
    """Nobody was told of them: what all rules together were worth is what people were shown."""
    found = metrics([won("a", 5), lead("b", status="shadow", rule="trial")], NOW)
    rates = {one.rule: (one.leads.rate.hits, one.leads.made) for one in found.rules}
    months = {one.rule: one.leads.made for one in found.months if one.leads.made}

    assert {"classic": (1, 1), "trial": (0, 1), ALL: (1, 1)} == rates
    assert {"classic": 1, "trial": 1, ALL: 1} == months
