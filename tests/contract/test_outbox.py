"""The outbox: one contract, in memory and on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fakes.engines import ENGINES, TABLE
from fakes.leads import CREATED, northwind
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_pages import PAGE
from pql.adapters.lead_items import lead_put
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.errors import Poison, Unavailable
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_item import lead_key, sort_key
from pql.flows.ports import Outbox

LEAD = northwind()
KEY = LEAD.key
NOW = CREATED + 1_000
SOON = NOW + 60_000
Made = Callable[..., Outbox]


@pytest.fixture(params=["memory", *ENGINES])
def outbox_of(request: pytest.FixtureRequest) -> Made:
    """Return a maker of the outbox over the leads it is given."""
    if request.param == "memory":
        return lambda *leads: MemoryOutbox({lead.key: LeadRecord(lead) for lead in leads})
    client = request.getfixturevalue(request.param)

    def make(*leads: Lead) -> Outbox:
        for lead in leads:
            client.put_item(TableName=TABLE, **lead_put(lead))
        return DynamoOutbox(client, TABLE)

    return make


def test_a_lead_is_read_whole(outbox_of: Made) -> None:
    """A fresh lead has been neither published nor sent."""
    assert LeadRecord(LEAD) == outbox_of(LEAD).lead(KEY)


def test_an_unknown_lead_is_none(outbox_of: Made) -> None:
    """What was never written is not there."""
    assert outbox_of().lead(KEY) is None


def test_publishing_is_remembered_once(outbox_of: Made) -> None:
    """The first mark stands; a repeat changes nothing, and neither raises for a lead that is gone."""
    outbox = outbox_of(LEAD)

    outbox.mark_published(KEY, NOW)
    outbox.mark_published(KEY, NOW + 1)
    outbox.mark_published(northwind(cycle=9).key, NOW)

    assert LeadRecord(LEAD, published=NOW) == outbox.lead(KEY)
    assert outbox.lead(northwind(cycle=9).key) is None


def test_one_claim_wins(outbox_of: Made) -> None:
    """Until the lease ends the second comer finds it leased; at its end it has it, in doubt of the first."""
    outbox = outbox_of(LEAD)

    assert "won" == outbox.claim(KEY, "slack", NOW, SOON)
    assert "leased" == outbox.claim(KEY, "slack", SOON - 1, SOON + 1)
    assert "doubt" == outbox.claim(KEY, "slack", SOON, SOON + 1)


def test_channels_are_claimed_apart(outbox_of: Made) -> None:
    """One channel's lease does not keep another waiting."""
    outbox = outbox_of(LEAD)
    outbox.claim(KEY, "slack", NOW, SOON)

    assert "won" == outbox.claim(KEY, "crm", NOW, SOON)


def test_what_was_sent_is_never_claimed_again(outbox_of: Made) -> None:
    """Sent is for good, however much later somebody asks."""
    outbox = outbox_of(LEAD)
    outbox.claim(KEY, "slack", NOW, SOON)

    outbox.mark_sent(KEY, "slack", NOW + 5)

    assert "sent" == outbox.claim(KEY, "slack", SOON * 2, SOON * 3)
    assert LeadRecord(LEAD, sent={"slack": NOW + 5}) == outbox.lead(KEY)


def test_a_release_frees_the_lead_at_once(outbox_of: Made) -> None:
    """After a failed delivery the next attempt need not wait for the lease."""
    outbox = outbox_of(LEAD)
    outbox.claim(KEY, "slack", NOW, SOON)

    outbox.release(KEY, "slack", SOON)

    assert "won" == outbox.claim(KEY, "slack", NOW, SOON)


def test_an_unknown_outcome_stays_in_doubt(outbox_of: Made) -> None:
    """It is free at once, and every claim says so until it is sent or a claim without doubt is released."""
    outbox = outbox_of(LEAD)
    outbox.claim(KEY, "slack", NOW, SOON)

    outbox.unsure(KEY, "slack", SOON + 1)
    assert "leased" == outbox.claim(KEY, "slack", NOW, SOON + 5)
    outbox.unsure(KEY, "slack", SOON)

    assert "doubt" == outbox.claim(KEY, "slack", NOW, SOON)
    assert "won" == outbox.claim(KEY, "other", NOW, SOON)


def test_nobody_releases_another_lease(outbox_of: Made) -> None:
    """A sender that overslept its lease does not free its successor's."""
    outbox = outbox_of(LEAD)
    outbox.claim(KEY, "slack", NOW, SOON)
    outbox.claim(KEY, "slack", SOON, SOON + 60_000)

    outbox.release(KEY, "slack", SOON)

    assert "leased" == outbox.claim(KEY, "slack", SOON + 1, SOON + 2)


def test_there_is_no_claim_on_nothing(outbox_of: Made) -> None:
    """A message about a lead that was never stored is poison."""
    with pytest.raises(Poison):
        outbox_of().claim(KEY, "slack", NOW, SOON)


def test_the_unpublished_are_found_oldest_first(outbox_of: Made) -> None:
    """Only leads older than the bound that the topic does not have, in order of creation."""
    leads = [
        northwind(cycle=cycle, created=CREATED + age) for cycle, age in ((1, 30), (2, 10), (3, 20), (4, 40))
    ]
    outbox = outbox_of(*leads)
    outbox.mark_published(leads[2].key, NOW)

    assert [leads[1].key, leads[0].key] == list(outbox.unpublished(CREATED + 40))


def test_every_page_is_read(dynamodb: Any) -> None:
    """More leads than one page of the index holds are all found."""
    leads = [northwind(cycle=cycle, created=CREATED + cycle) for cycle in range(1, PAGE + 3)]
    for lead in leads:
        dynamodb.put_item(TableName=TABLE, **lead_put(lead))

    found = list(DynamoOutbox(dynamodb, TABLE).unpublished(CREATED * 2))

    assert [lead.key for lead in leads] == found


def test_what_was_sent_is_leased_to_nobody(dynamodb: Any) -> None:
    """Its lease ends with it, and that of another channel goes on."""
    dynamodb.put_item(TableName=TABLE, **lead_put(LEAD))
    outbox = DynamoOutbox(dynamodb, TABLE)
    for channel in ("slack", "webhook"):
        outbox.claim(KEY, channel, NOW, SOON)
    outbox.mark_sent(KEY, "slack", NOW + 5)
    (item,) = dynamodb.scan(TableName=TABLE)["Items"]

    assert {"webhook": {"N": str(SOON)}} == item["lease"]["M"]


def test_publishing_takes_the_lead_out_of_what_waits(dynamodb: Any) -> None:
    """That part of the index holds only what waits, so that a sweep costs next to nothing."""
    dynamodb.put_item(TableName=TABLE, **lead_put(LEAD))

    DynamoOutbox(dynamodb, TABLE).mark_published(KEY, NOW)
    (item,) = dynamodb.scan(TableName=TABLE, IndexName="outbox")["Items"]

    assert "published" == item["outbox"]["S"]


def test_an_item_without_a_lead_is_poison(dynamodb: Any) -> None:
    """What cannot be decoded says so and is not taken for an absent lead."""
    item = {**lead_put(LEAD)["Item"], "lead": {"B": b"{}"}}
    dynamodb.put_item(TableName=TABLE, Item=item)

    with pytest.raises(Poison):
        DynamoOutbox(dynamodb, TABLE).lead(KEY)


def test_fault_068_a_table_that_is_away_is_an_outage(dynamodb: Any) -> None:
    """No answer of DynamoDB is ever taken for "not there"."""
    away = DynamoOutbox(dynamodb, "elsewhere")

    with pytest.raises(Unavailable):
        away.lead(KEY)
    with pytest.raises(Unavailable):
        away.claim(KEY, "slack", NOW, SOON)
    with pytest.raises(Unavailable):
        list(away.unpublished(NOW))


def test_a_lead_is_found_by_its_own_keys() -> None:
    """Sort keys and lead keys are each other's inverse, whatever the rule is called."""
    key = northwind(rule="a#b", cycle=12).key

    assert key == lead_key(key.subject, sort_key(key))


@pytest.mark.parametrize("sk", ["state", "lead#", "lead#a", "lead#a#", "lead#a#x", "lead#a#-1", "lead#a#٣"])
def test_other_sort_keys_are_poison(sk: str) -> None:
    """Nothing else passes for the key of a lead."""
    with pytest.raises(Poison):
        lead_key("a:x", sk)


def test_a_lead_in_shadow_waits_for_no_announcement(outbox_of: Made) -> None:
    """It is kept, for people to look at, and nobody is told."""
    quiet = northwind(cycle=2, status="shadow")
    outbox = outbox_of(LEAD, quiet)
    record = outbox.lead(quiet.key)

    assert [KEY] == list(outbox.unpublished(SOON))
    assert record is not None
    assert quiet == record.lead
