"""Leads as something to change: one contract, in memory and on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fakes.engines import ENGINES, TABLE
from fakes.leads import CREATED, northwind
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_pages import PAGE
from pql.adapters.lead_items import lead_put
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.errors import Conflict, Poison, Unavailable
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_state import Life
from pql.flows.ports import Leads, Outbox

LEAD = northwind()
KEY = LEAD.key
STANDINGS = [
    Life("claimed", "kim", changed=CREATED + 1, answered=CREATED + 1),
    Life("snoozed", "kim", until=CREATED + 9, changed=CREATED + 2),
    Life("dismissed", "lee", reason="too small, für uns", changed=CREATED + 3),
    Life("converted", "kim", changed=9, converted_at=CREATED + 4, conversion_event="0f" * 16),
    Life("converted", changed=9, converted_at=CREATED + 4, conversion_event="0f" * 16),
]
Made = Callable[..., tuple[Leads, Outbox]]


@pytest.fixture(params=["memory", *ENGINES])
def leads_of(request: pytest.FixtureRequest) -> Made:
    """Return a maker of the port over the leads it is given, with the outbox over the same."""
    if request.param == "memory":

        def remember(*leads: Lead) -> tuple[Leads, Outbox]:
            records = {lead.key: LeadRecord(lead) for lead in leads}
            return MemoryLeads(records), MemoryOutbox(records)

        return remember
    client = request.getfixturevalue(request.param)

    def put(*leads: Lead) -> tuple[Leads, Outbox]:
        for lead in leads:
            client.put_item(TableName=TABLE, **lead_put(lead))
        return DynamoLeads(client, TABLE), DynamoOutbox(client, TABLE)

    return put


def test_a_new_lead_is_open(leads_of: Made) -> None:
    """Nothing has been made of it."""
    leads, _ = leads_of(LEAD)

    assert LeadRecord(LEAD) == leads.lead(KEY)
    assert leads.lead(northwind(cycle=9).key) is None


@pytest.mark.parametrize("before", [Life(), *STANDINGS])
@pytest.mark.parametrize("after", STANDINGS)
def test_a_change_is_read_back_whole(leads_of: Made, before: Life, after: Life) -> None:
    """Whatever it was before: nothing of that stays behind."""
    leads, _ = leads_of(LEAD)
    leads.change(KEY, Life(), before)

    leads.change(KEY, before, after)

    assert LeadRecord(LEAD, standing=after) == leads.lead(KEY)


@pytest.mark.parametrize("held", STANDINGS)
def test_a_change_from_what_is_no_longer_so_changes_nothing(leads_of: Made, held: Life) -> None:
    """Whoever comes second is told, and so is who changes a lead that is not there."""
    leads, _ = leads_of(LEAD)
    leads.change(KEY, Life(), held)

    for stale in [Life(), *STANDINGS]:
        if stale != held:
            with pytest.raises(Conflict):
                leads.change(KEY, stale, Life("claimed", "somebody", changed=1))
    with pytest.raises(Conflict):
        leads.change(northwind(cycle=9).key, Life(), held)

    assert LeadRecord(LEAD, standing=held) == leads.lead(KEY)


def test_announcing_and_changing_never_meet(leads_of: Made) -> None:
    """What is made of a lead and how far its announcement got stand side by side."""
    leads, outbox = leads_of(LEAD)
    outbox.claim(KEY, "slack", CREATED, CREATED + 60)
    leads.change(KEY, Life(), STANDINGS[0])
    outbox.mark_published(KEY, CREATED + 5)
    outbox.mark_sent(KEY, "slack", CREATED + 6)
    leads.change(KEY, STANDINGS[0], STANDINGS[1])

    expected = LeadRecord(LEAD, CREATED + 5, {"slack": CREATED + 6}, STANDINGS[1])
    assert [expected] * 2 == [leads.lead(KEY), outbox.lead(KEY)]


def test_the_leads_of_a_subject_are_its_own(leads_of: Made) -> None:
    """All of its rules and cycles, and nobody else's."""
    mine = [northwind(), northwind(cycle=2), northwind(rule="zeal")]
    leads, _ = leads_of(*mine, northwind(account_id="northwind2"), northwind(account_id="north"))

    assert {one.key for one in mine} == {record.lead.key for record in leads.of(KEY.subject)}
    assert [] == list(leads.of("a:nobody"))


def test_every_lead_is_found_the_newest_first(leads_of: Made) -> None:
    """Whoever it is of, however many there are, announced or not, in shadow or not."""
    many = [
        northwind(
            account_id=f"account {i % 7}",
            cycle=i + 1,
            created=CREATED + i,
            status="shadow" if i % 5 == 0 else "live",
        )
        for i in range(PAGE + 20)
    ]
    leads, outbox = leads_of(*many)
    for lead in many[::3]:
        outbox.mark_published(lead.key, CREATED)

    assert [one.key for one in reversed(many)] == list(leads.newest())
    assert [one.key for one in reversed(many[90:])] == list(leads.newest(since=CREATED + 90))


def test_leads_are_read_together_in_the_order_they_are_named(leads_of: Made) -> None:
    """More than one call reads, and those that are gone meanwhile are left out."""
    many = [northwind(cycle=cycle) for cycle in range(1, PAGE + 3)]
    leads, _ = leads_of(*many)
    named = [one.key for one in many][::-1]

    assert named == [one.lead.key for one in leads.records([northwind(cycle=999).key, *named])]
    assert [] == leads.records([])


def test_only_leads_are_taken_for_leads(dynamodb: Any) -> None:
    """States, members and seen ids lie beside them."""
    dynamodb.put_item(TableName=TABLE, **lead_put(LEAD))
    for sk in ("state", "member", "seen#1", "leads"):
        dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": KEY.subject}, "sk": {"S": sk}})
    leads = DynamoLeads(dynamodb, TABLE)

    assert ([LeadRecord(LEAD)], [KEY]) == (list(leads.of(KEY.subject)), list(leads.newest()))


def test_every_page_of_a_subject_is_read(dynamodb: Any) -> None:
    """More leads than one page holds are all found."""
    many = [northwind(cycle=cycle) for cycle in range(1, PAGE + 3)]
    for lead in many:
        dynamodb.put_item(TableName=TABLE, **lead_put(lead))

    found = DynamoLeads(dynamodb, TABLE).of(KEY.subject)

    assert {lead.key for lead in many} == {record.lead.key for record in found}


@pytest.mark.parametrize("broken", [{"lead": {"B": b"{}"}}, {"lead_state": {"S": "asleep"}}])
def test_what_cannot_be_read_is_named(dynamodb: Any, broken: Any) -> None:
    """It is neither skipped nor taken for a lead."""
    dynamodb.put_item(TableName=TABLE, Item={**lead_put(LEAD)["Item"], **broken})
    leads = DynamoLeads(dynamodb, TABLE)

    for read in (lambda: leads.lead(KEY), lambda: list(leads.of(KEY.subject)), lambda: leads.records([KEY])):
        with pytest.raises(Poison, match=f"{KEY.subject}/lead#"):
            read()


def test_a_table_that_is_away_is_an_outage(dynamodb: Any) -> None:
    """No answer of DynamoDB is ever taken for "nothing there" or "somebody else was first"."""
    away = DynamoLeads(dynamodb, "elsewhere")

    for call in (
        lambda: away.lead(KEY),
        lambda: list(away.of(KEY.subject)),
        lambda: list(away.newest()),
        lambda: away.records([KEY]),
        lambda: away.change(KEY, Life(), STANDINGS[0]),
    ):
        with pytest.raises(Unavailable):
            call()
