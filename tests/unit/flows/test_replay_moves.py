"""Replaying: who moves in the archive moves in the new table at the same event."""

from __future__ import annotations

import random
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import chances, examples
from fakes.events import DAY, HOUR, event, group
from fakes.people import pack_of
from fakes.replaying import NOW, Days, Parts, counted, processor, replay
from fakes.towns import BARRED, PEOPLE_TOO, delivered, town
from pql.adapters.memory_archive import MemoryArchive
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.engine.plan import Plan
from pql.flows import replay as flow
from pql.flows.replay import TOGETHER

TOWN = Plan(pack_of(BARRED, PEOPLE_TOO))


@settings(max_examples=examples(30))
@given(chances(), st.integers(1, 4), st.sampled_from([3, TOGETHER]))
def test_who_moves_in_the_archive_moves_in_the_new_table_at_the_same_event(
    chance: random.Random, size: int, together: int
) -> None:
    """What a user or a device did before a call is counted where it was, however much is counted at once."""
    events = delivered(town(chance, 24))
    live, archive, built = MemoryStore(), MemoryArchive(), MemoryStore()
    for start in range(0, len(events), size):
        batch = events[start : start + size]
        processor(live, TOWN, archive).process([("m", encode(batch))], f"b{start}", NOW, lambda: 60.0)

    with patch.object(flow, "TOGETHER", together):
        replay(built, TOWN).archive(Days(archive), "", "", rebuild=True)

    assert counted(live) == counted(built)
    assert {k: one.lead for k, one in live.leads.items()} == {k: one.lead for k, one in built.leads.items()}


def test_what_lies_under_two_days_is_one_delivery() -> None:
    """All of its calls were learned before any of its events was counted: also the one after midnight."""
    order, joins = event("order", at=DAY - 1, account=None), group("joins", account="globex", at=DAY)
    home = group("home", at=HOUR)
    parts = {"day=1/0-a": [home], "day=1/1-b": [order], "day=2/1-b": [joins]}
    live, built = MemoryStore(), MemoryStore()
    for events in ([home], [order, joins]):
        processor(live).process([("m", encode(events))], "b", NOW, lambda: 60.0)

    replay(built).archive(Parts(parts), "", "", rebuild=True)

    assert counted(live) == counted(built)


def test_of_what_is_merged_each_event_comes_after_the_other() -> None:
    """Nobody knows which deliveries it was: what came before a call is counted where that was."""
    events = [group("home"), event("order", at=HOUR, account=None), group("joins", account="globex", at=DAY)]
    live, built = MemoryStore(), MemoryStore()
    for one in events:
        processor(live).process([("m", encode([one]))], "b", NOW, lambda: 60.0)
    name = "0000000000001-b_0000000000002-3-t-f.jsonl.gz"

    replay(built).archive(Parts({f"day=1/{name}": events}), "", "", rebuild=True)

    assert counted(live) == counted(built)
