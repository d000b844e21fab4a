"""Claiming, snoozing and dismissing: one wins, and whoever loses is told who did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fakes.events import DAY
from fakes.leads import CREATED, northwind
from pql.adapters.memory_leads import MemoryLeads
from pql.core.errors import Conflict, Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life
from pql.flows.leads import NAME_LIMIT, REASON_LIMIT, Answer, claim, dismiss, snooze
from pql.flows.tries import TRIES

LEAD = northwind()
KEY = LEAD.key
NOW = CREATED + DAY
VERBS: dict[str, Callable[..., Answer]] = {
    "claim": lambda leads, by: claim(leads, KEY, by, NOW),
    "snooze": lambda leads, by: snooze(leads, KEY, by, NOW + DAY, NOW),
    "dismiss": lambda leads, by: dismiss(leads, KEY, by, "too small", NOW),
}


def one_lead() -> MemoryLeads:
    """Return leads with one of them."""
    return MemoryLeads({KEY: LeadRecord(LEAD)})


class Raced(MemoryLeads):
    """Leads before whose first change somebody else gets to work."""

    def __init__(self, first: Callable[[MemoryLeads], Any]) -> None:
        super().__init__(one_lead().leads)
        self._first: Callable[[MemoryLeads], Any] | None = first

    def change(self, key: LeadKey, before: Life, after: Life) -> None:
        """Let the other one change the lead, then try."""
        first, self._first = self._first, None
        if first:
            first(MemoryLeads(self.leads))
        super().change(key, before, after)


def test_each_verb_says_who_and_when() -> None:
    """Who claimed, until when, for what reason."""
    leads = one_lead()
    claimed = claim(leads, KEY, " Kim\n", NOW)
    snoozed = snooze(leads, KEY, "Kim", NOW + DAY, NOW + 1)
    dismissed = dismiss(leads, KEY, "Lee", " too\tsmall ", NOW + 2)

    assert ["done"] * 3 == [claimed.result, snoozed.result, dismissed.result]
    assert ["LeadsClaimed", "LeadsSnoozed", "LeadsDismissed"] == [
        one.metric for one in (claimed, snoozed, dismissed)
    ]
    assert Life("claimed", "Kim", changed=NOW, answered=NOW) == claimed.standing
    assert Life("snoozed", "Kim", NOW + DAY, None, NOW + 1, answered=NOW) == snoozed.standing
    assert Life("dismissed", "Lee", None, "too small", NOW + 2, answered=NOW) == dismissed.standing
    assert dismissed.standing == leads.leads[KEY].standing


@pytest.mark.parametrize("verb", VERBS)
def test_the_same_verb_again_changes_nothing(verb: str) -> None:
    """A button that is pressed twice, or told twice."""
    leads = one_lead()
    VERBS[verb](leads, "kim")
    held = leads.leads[KEY]

    again = VERBS[verb](leads, "kim")

    assert (Answer("repeated", held, held.standing), "LeadChangesRepeated") == (again, again.metric)
    assert held == leads.leads[KEY]


@pytest.mark.parametrize("verb", VERBS)
def test_what_somebody_claimed_first_stays_theirs(verb: str) -> None:
    """Whoever looked before and writes after is told who won."""
    leads = Raced(lambda others: claim(others, KEY, "lee", NOW))
    answer = VERBS[verb](leads, "kim")

    assert ("refused", "claimed", "lee") == (answer.result, answer.standing.state, answer.standing.owner)
    assert "LeadChangesRefused" == answer.metric
    assert "lee" == leads.leads[KEY].standing.owner


@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_that_was_lost_is_found_done(verb: str) -> None:
    """The write went through and nobody heard of it: the next try sees its own."""
    leads = Raced(lambda own: VERBS[verb](own, "kim"))

    assert "repeated" == VERBS[verb](leads, "kim").result


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("by", ["kim", "lee"])
def test_what_is_closed_stays_closed(verb: str, by: str) -> None:
    """Also for who claimed it: dismissed, converted and expired leads are told as such."""
    closed = [
        (Life("dismissed", "ana", changed=CREATED), "dismissed"),
        (Life("converted", "kim", changed=CREATED, converted_at=CREATED + 1), "converted"),
        (Life("claimed", "kim", changed=NOW - LEAD.expires), "expired"),
    ]
    for standing, state in closed:
        leads = MemoryLeads({KEY: LeadRecord(LEAD, standing=standing)})
        answer = VERBS[verb](leads, by)

        assert ("refused", state, standing) == (
            answer.result,
            answer.standing.state,
            leads.leads[KEY].standing,
        )


def test_a_lead_that_is_not_there_is_gone() -> None:
    """It may have been deleted, or never have been."""
    assert Answer("gone") == claim(MemoryLeads({}), KEY, "kim", NOW)


def test_nobody_and_the_past_are_refused() -> None:
    """A change needs somebody who makes it, a snooze an end that is still to come."""
    for refused in (
        lambda: claim(one_lead(), KEY, " \x00", NOW),
        lambda: snooze(one_lead(), KEY, "kim", NOW, NOW),
    ):
        with pytest.raises(ValueError, match=r"name|future"):
            refused()


def test_names_and_reasons_are_cut() -> None:
    """What a person writes is bounded."""
    told = dismiss(one_lead(), KEY, "x" * 10_000, "y" * 10_000, NOW).standing

    assert (NAME_LIMIT, REASON_LIMIT) == (len(told.owner or ""), len(told.reason or ""))


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_comes_after_a_snooze_may_take_the_lead_up(verb: str) -> None:
    """It is open again, though nobody has written that down."""
    over = Life("snoozed", "lee", NOW - 1, changed=CREATED)
    leads = MemoryLeads({KEY: LeadRecord(LEAD, standing=over)})

    assert ("done", "kim") == ((answer := VERBS[verb](leads, "kim")).result, answer.standing.owner)


def test_it_gives_up_where_others_win_for_ever() -> None:
    """After five lost writes, with nothing changed."""

    class Contended(MemoryLeads):
        tries = 0

        def change(self, *_: Any) -> None:
            self.tries += 1
            raise Conflict("somebody else")

    leads = Contended(one_lead().leads)
    with pytest.raises(Conflict):
        claim(leads, KEY, "kim", NOW)

    assert (TRIES, Life()) == (leads.tries, leads.leads[KEY].standing)


def test_an_outage_is_told() -> None:
    """Nobody is made to believe that the lead is theirs."""

    class Down(MemoryLeads):
        def change(self, *_: Any) -> None:
            raise Unavailable("down")

    with pytest.raises(Unavailable):
        claim(Down(one_lead().leads), KEY, "kim", NOW)
