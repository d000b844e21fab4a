"""Events are cut into few, small messages that SQS never refuses."""

from __future__ import annotations

import random
import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pql.core.canonical import SIZE_LIMIT, Sized
from pql.core.cutting import EVENTS_LIMIT, MESSAGES_LIMIT, group_of, messages
from pql.core.envelope import decode
from pql.core.event import Event

SQS_CHARACTERS = re.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
GROUP = re.compile(r"[!-~]{1,128}")
IDS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def event(number: int = 0, *, text: str = "", **fields: str | None) -> Sized:
    """Return an event of user u with its size."""
    made = Event(
        id=f"{number:032x}",
        type="track",
        received=1,
        time=1,
        **{"user": "u", **fields},
        properties=msgspec.Raw(msgspec.json.encode({"text": text})),
    )
    return Sized(made, len(msgspec.json.encode(made)))


@given(
    st.lists(
        st.tuples(
            IDS,
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
            st.text(st.characters(exclude_categories=["Cs"])),
        ),
        max_size=30,
    )
)
def test_fault_012_every_message_is_one_that_sqs_takes(parts: list[tuple[str | None, str, str]]) -> None:
    """Groups are 1 to 128 allowed characters, bodies hold no character that SQS refuses."""
    sent = [
        event(number, account=account, user=user, text=text)
        for number, (account, user, text) in enumerate(parts)
    ]

    for group, body in messages(sent):
        assert GROUP.fullmatch(group)
        assert SQS_CHARACTERS.fullmatch(body)
        assert body.isascii()


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from(["u", "v"])), max_size=300))
def test_a_message_holds_one_group_in_order(parts: list[tuple[str | None, str]]) -> None:
    """Nothing is lost or doubled, and the events of a group stay in their order."""
    sent = [event(number, account=account, user=user) for number, (account, user) in enumerate(parts)]
    cut = [(group, decode(body)) for group, body in messages(sent)]

    assert all({group} == {group_of(one) for one in events} for group, events in cut)
    for name in {group for group, _ in cut}:
        expected = [one.event for one in sent if group_of(one.event) == name]
        assert expected == [one for group, events in cut for one in events if group == name]


def test_the_group_is_the_account_else_the_user_else_the_stranger() -> None:
    """Two users of an account share a message, one user of two accounts does not."""
    sent = [event(1, account="x", user="u"), event(2, account="x", user="v"), event(3, account="y", user="u"),
            event(4, user="u"), event(5, user=None, anonymous="n")]  # fmt: skip

    assert ["a:x", "a:y", "u:u", "n:n"] == [group for group, _ in messages(sent)]


def test_a_long_or_strange_account_gets_a_short_group() -> None:
    """Ids of any length and alphabet keep apart under 128 characters."""
    groups = {group_of(event(account="é" * length).event) for length in (20, 40, 60, 5_000)}

    assert 4 == len(groups)
    assert all(GROUP.fullmatch(group) for group in groups)


def test_a_message_holds_a_hundred_events() -> None:
    """A batch of 250 events of one account travels in three messages."""
    sizes = [len(decode(body)) for _, body in messages([event(number) for number in range(250)])]

    assert [EVENTS_LIMIT, EVENTS_LIMIT, 50] == sizes


def test_fault_048_a_message_stays_below_the_old_limit_of_sqs() -> None:
    """Incompressible events of all sizes stay below 256 KiB a message, and a large one travels alone."""
    noise = random.Random(7)  # noqa: S311 - not a secret
    texts = [
        "".join(map(chr, noise.choices(range(0x20, 0x7F), k=size)))
        for size in [170_000, 100, 90_000, 90_000, 30_000, 150_000] * 2
    ]
    cut = messages([event(number, text=text) for number, text in enumerate(texts)])

    assert 12 == sum(len(decode(body)) for _, body in cut)
    assert max(len(body) for _, body in cut) < 256 * 1024
    assert SIZE_LIMIT < 256 * 1024


def test_thousands_of_users_share_a_bounded_number_of_messages() -> None:
    """Four thousand users in one body still come to few enough calls to answer in time, none lost."""
    sent = [event(number, user=f"user_{number}") for number in range(4_000)]
    cut = messages(sent)

    assert len(cut) <= MESSAGES_LIMIT + 4_000 // EVENTS_LIMIT
    assert {one.event.id for one in sent} == {one.id for _, body in cut for one in decode(body)}
    assert cut == messages(sent)


def test_a_hundred_users_keep_messages_of_their_own() -> None:
    """Up to the limit every user's events travel apart."""
    assert MESSAGES_LIMIT == len(
        messages([event(number, user=f"user_{number}") for number in range(MESSAGES_LIMIT)])
    )
