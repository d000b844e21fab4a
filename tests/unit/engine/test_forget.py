"""Forgetting: an account is as if a person had never been counted, in whatever remembers people."""

from __future__ import annotations

import msgspec
import pytest

from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.core.aggregates.distinct import hashed
from pql.core.errors import NewerVersion, Unreadable
from pql.core.keys import anonymous_key, readable
from pql.engine.account import PERSON_ID_LIMIT
from pql.engine.forget import forget
from pql.engine.state import pack, unpack
from pql.engine.step import step

PLAN = plan_of(
    """
signals:
  people: {distinct: users, of: any}
  recent: {distinct: users, of: any, within: 2d}
  each: {users_each: any, times: 2}
  weekly: {users_each: any, days: 2, within: 7d}
  top: {top_share: any}
  active: {active_days: any, by: user, within: 7d}
  invited: {distinct: email, of: any}
  newest: {latest: email, of: any}
rules:
  busy: {when: {signal: people, at_least: 9}, title: t, reason: r}
"""
)
OTHERS = plan_of("rules: {none: {when: {trait: plan, is: none}, title: t, reason: r}}")
ADA = (["ada"], ["ada", "ada@acme.example"])


def state(*people: str) -> bytes:
    """Return an account in which people have done something, one after the other."""
    account = PLAN.account("a:acme")
    for index, user in enumerate(people):
        told = {"email": f"{user}@acme.example"}
        step(PLAN, account, event(index, at=index * 9 * HOUR, user=user, properties=told))
    return pack(PLAN, account)


def values(packed: bytes) -> list[object]:
    """Return what the signals say."""
    return unpack(PLAN, "a:acme", packed).values[:8]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (["ada", "bob", "ada", "bob", "cyd"], [2, 2, 1, 1, 2 / 3, 2, 2, "cyd@acme.example"]),
        (["bob", "ada"], [1, 1, 0, 0, 1.0, 1, 1, None]),
        (["ada"], [0, 0, 0, 0, None, 0, 0, None]),
    ],
    ids=str,
)
def test_the_signals_do_not_know_the_person(people: list[str], expected: list[object]) -> None:
    """Nor their address, where it was told apart or the last that was said."""
    forgotten = forget(state(*people), *ADA)

    assert forgotten is not None
    assert "ada" not in unpack(PLAN, "a:acme", forgotten).people
    assert expected == pytest.approx(values(forgotten))
    assert forgotten == pack(PLAN, unpack(PLAN, "a:acme", forgotten))


CROWDED = plan_of(
    """
signals: {share: {top_share: any, within: 2d, keep: 1}}
rules: {heavy: {when: {signal: share, at_least: 2}, title: t, reason: r}}
"""
)


def test_a_bucket_without_the_one_who_was_followed_leaves_its_window() -> None:
    """What others did in it is still counted, and ceases to be when the day is over."""
    low, *others = sorted(("ada", "bob", "cyd"), key=hashed)
    account = CROWDED.account("a:acme")
    for index, user in enumerate([low, *others]):
        step(CROWDED, account, event(index, at=0, user=user))
    left = unpack(CROWDED, "a:acme", forget(pack(CROWDED, account), [low], []) or b"")
    again = unpack(CROWDED, "a:acme", pack(CROWDED, left))
    totals = [getattr(one.aggregates[0], "total", None) for one in (left, again)]

    step(CROWDED, left, event("later", at=5 * DAY, user="dan"))

    assert ([2, 2], 1.0) == (totals, left.values[0])


def test_a_long_id_is_forgotten_though_only_its_beginning_is_kept() -> None:
    """Whoever erases says all of it."""
    long = "x" * (PERSON_ID_LIMIT + 1)
    forgotten = forget(state("bob", long), [long], [])

    assert forgotten is not None
    assert {"bob"} == set(unpack(PLAN, "a:acme", forgotten).people)
    assert 1 == values(forgotten)[0]


def test_somebody_whose_id_is_the_beginning_of_a_long_one_stays_counted() -> None:
    """Though those who are followed cannot be told apart by it."""
    long = "x" * (PERSON_ID_LIMIT + 1)
    forgotten = forget(state("bob", long, long[:-1]), [long], [])

    assert forgotten is not None
    assert 2 == values(forgotten)[0]


def test_a_device_whose_key_is_a_hash_is_forgotten() -> None:
    """Whoever erases may know nothing but the text of its key."""
    device = "日本" * 20
    forgotten = forget(state("bob", device), [readable(anonymous_key(device))], [])

    assert forgotten is not None
    assert forgotten == forget(state("bob", device), [device], [])
    assert {"bob"} == set(unpack(PLAN, "a:acme", forgotten).people)


def test_who_is_not_there_is_not_forgotten() -> None:
    """Nothing is written for an account that does not know them."""
    assert forget(state("bob", "cyd", "bob"), *ADA) is None


def test_what_other_rules_remember_is_forgotten_in_too() -> None:
    """An account that another version of the rules has packed carries their memories along."""
    carried = pack(OTHERS, unpack(OTHERS, "a:acme", state("bob", "ada")))
    forgotten = forget(carried, *ADA)

    assert forgotten is not None
    assert (1, None) == (values(forgotten)[0], values(forgotten)[-1])


def test_a_trait_that_is_an_address_goes() -> None:
    """Whoever the account names as its owner, in whatever letters."""
    plan = plan_of(
        "rules: {r: {when: {all: [{trait: owner, is: x}, {trait: plan, is: y}]}, title: t, reason: r}}"
    )
    account = plan.account("a:acme")
    step(plan, account, group("g", user=None, owner="Ada@acme.example", plan="trial"))
    forgotten = forget(pack(plan, account), ["ada"], ["ADA@Acme.example"])

    assert forgotten is not None
    assert {"plan"} == set(unpack(plan, "a:acme", forgotten).traits)


def test_a_trait_that_is_a_number_goes_if_it_is_an_id() -> None:
    """As the senders of numbers as ids send them elsewhere, too."""
    plan = plan_of(
        "rules: {r: {when: {all: [{trait: owner, is: 1}, {trait: size, is: 2}]}, title: t, reason: r}}"
    )
    account = plan.account("a:acme")
    step(plan, account, group("g", user=None, owner=12_345_678, size=240))
    forgotten = forget(pack(plan, account), ["12345678"], ["12345678"])

    assert forgotten is not None
    assert {"size"} == set(unpack(plan, "a:acme", forgotten).traits)


def test_no_trace_stays_of_the_event_that_told() -> None:
    """What is left is packed as if nothing had been told: the id of that event stands nowhere."""
    plan = plan_of("rules: {r: {when: {trait: owner, is: x}, title: t, reason: r}}")
    account = plan.account("a:acme")
    told = group("g", at=5, user=None, owner="Ada@acme.example")
    step(plan, account, event("a", user="bob"))
    step(plan, account, told)
    forgotten = forget(pack(plan, account), *ADA)

    assert forgotten is not None
    assert bytes.fromhex(told.id[:16]) not in forgotten
    assert pack(plan, unpack(plan, "a:acme", forgotten)) == forgotten


def test_a_newer_state_is_left_alone() -> None:
    """Nobody rewrites what they cannot read."""
    with pytest.raises(NewerVersion):
        forget(msgspec.msgpack.encode([99, START]), *ADA)


def test_what_is_no_state_is_told() -> None:
    """Bytes that were cut short, for example."""
    with pytest.raises(Unreadable):
        forget(state("ada", "bob")[:-3], *ADA)
