"""The ledger: an id that was counted is always found again."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import DAY, event
from pql.core.dedup import (
    EPOCH_DAYS,
    GRAIN_LIMIT,
    ID_BYTES,
    WRITTEN_BYTES,
    Ledger,
    Mark,
    mark_of,
    room_beside,
    unpacked,
)
from pql.core.window import MINUTE

FITTING = 48
ROOM = FITTING * WRITTEN_BYTES
# Where minutes begin and how many there are: of a fortnight, of ids without a time, and any.
MINUTES = ((29_000_000, 20_001), (2**31, 30_001), (0, 2**31))


def mark_from(drawn: bytes) -> Mark:
    """Return the mark that these bytes make: one draw for each of thousands."""
    first, many = MINUTES[drawn[0] % len(MINUTES)]
    return Mark(drawn[5:], first + int.from_bytes(drawn[1:5], "big") % many)


MARKS = st.binary(min_size=5 + ID_BYTES, max_size=5 + ID_BYTES).map(mark_from)


@given(st.lists(st.lists(MARKS, max_size=60, unique_by=lambda mark: mark.id), max_size=30))
@settings(max_examples=examples(130))
def test_an_id_that_was_counted_is_pending_or_filed_where_it_is_looked_for(batches: list[list[Mark]]) -> None:
    """counted(x) implies x in pend or in a bucket that the present ledger leads to."""
    ledger = Ledger()
    filed: dict[str, set[bytes]] = {}
    for number, batch in enumerate(batches):
        ledger, spill = ledger.counting(batch, ROOM, crowded=number % 4 == 3)
        for bucket, ids in spill.items():
            filed.setdefault(bucket, set()).update(ids)
    pending = {mark.id for mark in ledger.marks()}

    lost = [
        mark
        for batch in batches
        for mark in batch
        if mark.id not in pending and not any(mark.id in filed.get(b, ()) for b in mark.buckets(ledger.grain))
    ]

    assert [] == lost


def test_nothing_is_filed_while_pend_has_room() -> None:
    """A quiet account writes one item for each batch and no other."""
    marks = [Mark(index.to_bytes(ID_BYTES, "big"), 29_000_000) for index in range(FITTING)]
    ledger = Ledger()
    spills = []
    for mark in marks:
        ledger, spill = ledger.counting([mark], ROOM)
        spills.append(spill)

    assert [{}] * FITTING == spills
    assert not ledger.filed
    assert marks == ledger.marks()


def test_what_is_alone_in_its_bucket_waits_for_company() -> None:
    """The fullest buckets are filed, until half of the room beside the new ids is free."""
    day = 1440
    minutes = [29_000_000, 29_000_000 + day, *[29_000_000 + 2 * day] * 6]
    marks = [Mark(index.to_bytes(ID_BYTES, "big"), minute) for index, minute in enumerate(minutes)]
    pending, _ = Ledger().counting(marks, 8 * WRITTEN_BYTES)
    new = Mark(b"the next", 29_000_000 + 2 * day)

    ledger, spill = pending.counting([new], 7 * WRITTEN_BYTES)

    assert {marks[2].bucket(0): {mark.id for mark in marks[2:]}} == spill
    assert [*marks[:2], new] == ledger.marks()


def test_no_more_is_filed_than_makes_half_of_the_room_free() -> None:
    """Of three buckets the fullest is not enough, and the last one stays."""
    minutes = [29_000_000 + 1440 * day for day in (0, 0, 1, 1, 2, 2, 2)]
    marks = [Mark(index.to_bytes(ID_BYTES, "big"), minute) for index, minute in enumerate(minutes)]
    pending, _ = Ledger().counting(marks, 9 * WRITTEN_BYTES)
    new = Mark(b"the next", minutes[-1])

    ledger, spill = pending.counting([new], 6 * WRITTEN_BYTES)

    assert {marks[2].bucket(0), marks[-1].bucket(0)} == {*spill}
    assert [*marks[:2], new] == ledger.marks()


@given(st.lists(MARKS, max_size=60))
def test_a_ledger_is_read_as_it_was_written(marks: list[Mark]) -> None:
    """Whatever the minutes: those of untimed ids lie far from the others. Its size is what its ids take."""
    ledger, _ = Ledger(grain=2, filed=True).counting(marks, 10**6)

    assert ledger == unpacked(ledger.packed())
    assert marks == ledger.marks()
    assert 0 <= len(ledger.packed()) - ledger.size <= 8


@pytest.mark.parametrize("packed", [b"", b"\xc1", b"\x07", b"\x95\x01\xc4\x00\x90\x00\xc2", b"\x91\x02"])
def test_what_is_no_ledger_is_refused(packed: bytes) -> None:
    """Whether damaged, or of another schema."""
    with pytest.raises(ValueError, match="ledger"):
        unpacked(packed)


def test_a_full_bucket_makes_the_next_ids_go_into_finer_ones() -> None:
    """Whoever has read a full bucket commits the next grain with the ids it counts."""
    marks = [Mark(index.to_bytes(ID_BYTES, "big"), 29_000_000) for index in range(3)]
    ledger, _ = Ledger(filed=True).counting(marks[:1], 0, crowded=True)
    _, spill = ledger.counting(marks[1:2], 0)

    assert (1, GRAIN_LIMIT) == (
        ledger.grain,
        Ledger(grain=GRAIN_LIMIT).counting([], 0, crowded=True)[0].grain,
    )
    assert {marks[0].bucket(1): {marks[0].id}} == spill


def test_grain_only_grows() -> None:
    """Buckets of every earlier grain stay among those that are looked into."""
    mark = Mark(b"0123456789", 29_000_000)

    assert set(mark.buckets(2)) < set(mark.buckets(3))
    assert mark.bucket(3) in set(mark.buckets(3))


@given(st.integers(0, 10**13), st.integers(-EPOCH_DAYS * DAY, EPOCH_DAYS * DAY), st.integers(0, GRAIN_LIMIT))
def test_a_copy_without_a_time_of_its_own_is_found_for_ninety_days(at: int, apart: int, grain: int) -> None:
    """Whichever of both was received first, and however fine the buckets have become since."""
    first = mark_of(event(1, received=at, own=None))
    copy = mark_of(event(1, received=max(0, at + apart), own=None))

    assert first.bucket(grain) in set(copy.buckets(GRAIN_LIMIT))


@pytest.mark.parametrize(
    "held",
    [
        [2, b"12345678", [1.5], 0, False],
        [2, b"1234", [1], 0, False],
        [2, b"12345678", [1], None, False],
        [2, b"12345678", [1], GRAIN_LIMIT + 1, False],
        [2, b"12345678", 7, 0, False],
    ],
)
def test_damaged_bytes_are_no_ledger(held: list[object]) -> None:
    """And raise what readers of a row expect, wherever the damage is."""
    with pytest.raises(ValueError, match="no ledger"):
        unpacked(msgspec.msgpack.encode(held))


@given(st.integers(-(10**17), 10**17))
def test_fault_031_any_own_time_has_a_bucket(own: int) -> None:
    """The years 1 and 9999 and worse are filed like every other, and never among untimed ones."""
    mark = mark_of(event(1, own=own))

    assert mark.timed
    assert [mark.bucket(0)] == list(mark.buckets(0))


@given(st.integers(0, 10**13), st.integers(-(10**6), 10**13))
def test_nothing_is_of_a_later_time_than_its_mark_may_be(received: int, own: int) -> None:
    """Within the minute of its own time; without one until the end of the ninety days of its receipt."""
    untimed, timed = (event(1, received=received, own=one) for one in (None, own))

    assert untimed.received < mark_of(untimed).latest <= untimed.received + EPOCH_DAYS * DAY
    assert own < mark_of(timed).latest + MINUTE


def test_the_far_past_and_the_far_future_are_two_buckets() -> None:
    """One each, however far."""
    early, older, late, later = (mark_of(event(1, own=own)).minute for own in (-1, -(10**17), 10**16, 10**17))

    assert (early, late) == (older, later)
    assert early < late


@given(st.integers(0, 5_000), st.integers(1, 100))
def test_ids_fill_the_kilobyte_that_is_paid_for_anyway(size: int, new: int) -> None:
    """Beside the state they get what is free in its last unit, or one or two more where the new need it."""
    room, free = room_beside(size, new), -size % 1024

    assert room - free in (0, 1024, 2048)
    assert room >= new * WRITTEN_BYTES


@pytest.mark.parametrize(
    ("free", "new", "blocks"),
    [
        (1000, 1, 0),
        (20, 1, 0),
        (10, 1, 1),
        (0, 1, 1),
        (500, 10, 0),
        (100, 10, 1),
        (500, 50, 1),
        (0, 1_000, 0),
    ],
)
def test_another_kilobyte_is_paid_for_where_filing_costs_more(free: int, new: int, blocks: int) -> None:
    """A KB costs a unit a write, filing two each time the room is full; too many are filed in any case."""
    assert free + 1024 * blocks == room_beside(2 * 1024 - free, new)
