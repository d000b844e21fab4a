"""Processing: every event of every message is counted once, archived and acknowledged."""

from __future__ import annotations

from fakes.events import DAY, event, group, identify
from fakes.processing import World, reports


def test_events_are_counted_archived_and_acknowledged() -> None:
    """The plain case: every message is done, with what became of it."""
    world = World()
    outcome = world.run(reports(2), [event("x", account="globex")])

    assert [] == outcome.failed
    assert {
        "EventsCounted": 3,
        "EventsRepeated": 0,
        "EventsLate": 0,
        "LeadsCreated": 0,
        "Conflicts": 0,
    } == outcome.counts
    assert [("a:acme", "acme"), ("a:acme", "acme"), ("a:globex", "globex")] == [
        (subject, one.account) for subject, one in world.archive.batches["batch 0"]
    ]


def test_a_repeat_writes_nothing() -> None:
    """A pure duplicate costs reads only, within a batch and later."""
    world = World()
    world.run(reports(2), reports(2))
    writes = world.memory.writes
    outcome = world.run(reports(2))

    assert (2, 2, writes) == (world.reports(), outcome.counts["EventsRepeated"], world.memory.writes)


def test_fault_044_a_repeat_is_found_long_after_it_left_the_row() -> None:
    """Ids that were filed are looked up in their buckets."""
    world = World()
    events = [event(i, at=i * 60_000) for i in range(400)]
    for start in range(0, 400, 20):
        world.run(events[start : start + 20])
    outcome = world.run(events[:10], events[150:160])

    assert (400, 20) == (world.reports(), outcome.counts["EventsRepeated"])
    assert world.memory.accounts["a:acme"].ledger.grain > 0, "a bucket that was read was full"


def test_a_lead_is_made_once_with_the_names_of_its_people() -> None:
    """What identify calls have taught stands on the card."""
    world = World()
    world.run([identify("i", name="Ada Lovelace", email="ada@acme.test")])
    outcome = world.run(reports(5))
    (record,) = world.memory.leads.values()

    assert 1 == outcome.counts["LeadsCreated"]
    assert [("ada", "Ada Lovelace", "ada@acme.test")] == [(p.id, p.name, p.email) for p in record.lead.people]


def test_fault_065_a_lead_that_stands_already_is_adopted() -> None:
    """After a partial restore the lead is not made again, and counting goes on."""
    world = World()
    world.run(reports(3))
    del world.memory.accounts["a:acme"]
    outcome = world.run(reports(4))

    assert (4, 0, 1) == (world.reports(), outcome.counts["LeadsCreated"], len(world.memory.leads))


def test_events_without_an_account_follow_what_group_calls_taught() -> None:
    """Also what was counted of the user before, and what comes in the same batch."""
    world = World()
    world.run([event(1, account=None)])
    world.run([group("g", at=1), event(2, account=None)], [event(3, account=None)])

    assert (0, 3) == (world.reports("u:ada"), world.reports("a:acme"))


def test_a_copy_from_before_the_account_was_known_is_still_a_copy() -> None:
    """It is looked up under every subject its user has been counted under."""
    world = World()
    first = event(1, account=None)
    world.run([first])
    world.run([group("g", "one", at=1)])
    world.run([first, event(2, account=None)])
    world.run([group("h", "two", at=2)])
    outcome = world.run([first, event(2, account=None)])

    assert 2 == outcome.counts["EventsRepeated"]
    assert (0, 2, 0) == (world.reports("u:ada"), world.reports("a:one"), world.reports("a:two"))


def test_fault_032_a_late_event_is_archived_and_not_counted() -> None:
    """Older than the horizon on arrival: reported, kept for replay, left out of the counters."""
    world = World()
    outcome = world.run([event(1, at=0, received=7 * DAY + 1), event(2, at=0, received=7 * DAY)])

    assert (1, 1, 2) == (outcome.counts["EventsLate"], world.reports(), len(world.archive.batches["batch 0"]))


def test_fault_039_poison_is_set_aside_and_the_rest_goes_on() -> None:
    """One message that nobody can read never holds up or loses another."""
    world = World()
    outcome = world.run("not an envelope", reports(2))

    assert [("not an envelope", "poison_message")] == world.quarantine.kept
    assert ([], 2) == (outcome.failed, world.reports())


def test_fault_047_a_message_of_a_newer_deployment_stays_in_the_queue() -> None:
    """It is neither counted nor set aside."""
    world = World()
    outcome = world.run('{"v":2,"events":[]}', reports(1))

    assert (["0"], [], 1) == (outcome.failed, world.quarantine.kept, world.reports())
