"""What each signal means where it could be doubted."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from fakes.events import DAY, HOUR, START, event
from fakes.plans import plan_of
from pql.core.aggregates.distinct import hashed
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.judge import Fired
from pql.engine.lead import lead_of
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import slide, step
from pql.rules.faults import RulesRejected
from pql.rules.load import parse

RULES = "signals: {s: {%s}}\nrules: {r: {when: {signal: s, is: no}, title: t, reason: r}}"
MINUTE = 60_000


def plan_with(signal: str) -> Plan:
    """Return the plan of one signal and a rule that never fires."""
    return plan_of(RULES % signal)


def told(plan: Plan, *history: Event) -> Account:
    """Return the account after events in this order of arrival."""
    account = plan.account("a:acme")
    for one in history:
        step(plan, account, one)
    return account


def value(signal: str, *history: Event) -> Any:
    """Return the signal's value after events in this order of arrival."""
    return told(plan_with(signal), *history).values[0]


def reported(at: int, **properties: Any) -> Event:
    """Return a report with properties."""
    return event((at, properties), at=at, properties=properties)


def done(at: int, user: str | None = "ada", name: str = "Report Created") -> Event:
    """Return an event of a user."""
    return event((at, user, name), name, at=at, user=user)


def at_later(signal: str, later: int, *history: Event) -> Any:
    """Return the signal's value when nothing more has happened until `later`."""
    plan = plan_with(signal)
    account = told(plan, *history)
    slide(plan, account, START + later)
    return account.values[0]


def words_of(signal: str) -> str:
    """Return how a card speaks of a signal."""
    return plan_with(signal).signals[0].signal.words


def faults_of(signal: str) -> str:
    """Return what is said of a file with a faulty signal."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": RULES % signal})
    return "\n".join(map(str, rejected.value.faults))


def test_minutes_make_a_window() -> None:
    """`within: 30m` is the current minute and the 29 before it."""
    signal = "count: Report Created, within: 30m"

    assert 2 == at_later(signal, 30 * MINUTE - 1, done(0), done(MINUTE))
    assert 1 == at_later(signal, 30 * MINUTE, done(0), done(MINUTE))


def test_the_smallest_number_leaves_the_next_smallest() -> None:
    """Within a window, the minimum rises when its day is over."""
    signal = "min: n, of: any, within: 2d"

    assert -3 == value(signal, reported(0, n=-3), reported(DAY, n=5), reported(DAY + 1, n="2.5"))
    assert 2.5 == at_later(signal, 2 * DAY, reported(0, n=-3), reported(DAY, n=5), reported(DAY + 1, n="2.5"))
    assert value(signal, reported(0, n="lots"), done(1)) is None


def test_fault_062_numbers_beyond_64_bits_are_stored_and_read_again() -> None:
    """Whole numbers that MessagePack cannot carry become decimals, in both directions."""
    plan = plan_with("min: n, of: any")
    account = told(plan, reported(0, n=-(2**70)), reported(1, n=2**63))

    assert [-(2.0**70)] == unpack(plan, "a:acme", pack(plan, account)).values[:1]


@pytest.mark.parametrize("signal", ["max: n, of: any", "latest: n, of: any", "gauge: n, of: any, within: 2d"])
def test_no_number_is_too_large_to_be_stored(signal: str) -> None:
    """A file of events may hold what `ingest` would have refused."""
    plan = plan_with(signal)
    account = told(plan, reported(0, n=10**400))
    held = unpack(plan, "a:acme", pack(plan, account)).values[0]

    assert sys.float_info.max == plan.signals[0].signal.value_at(held, account.clock)


def test_a_text_that_is_remembered_is_no_longer_than_the_signal_says() -> None:
    """The newest value may be a whole sentence."""
    plan = plan_with("latest: n, of: any")
    bare, full = (len(pack(plan, told(plan, one))) for one in (done(0), reported(0, n="x" * 999)))

    assert full - bare <= plan.signals[0].signal.most_bytes


def test_any_is_no_name_whatever_its_case() -> None:
    """Case matters nowhere in the names of events."""
    assert [2, 2] == [
        value(f"count: {listed}", done(0), done(1, name="Signed Up")) for listed in ("Any", "[ANY]")
    ]
    assert value("unfollowed: Signed Up, by: Any", done(0, name="Signed Up"), done(1)) is None


def test_a_space_that_does_not_break_the_line_is_a_space() -> None:
    """Names are copied from web pages."""
    assert 1 == value("count: Report\u00a0Created", done(0))


def test_the_first_value_is_that_of_the_oldest_event_however_late_it_comes() -> None:
    """The time of the events decides; one without the property says nothing."""
    assert "ads" == value(
        "first: from, of: any", reported(HOUR, **{"from": "web"}), reported(0, **{"from": "ads"})
    )
    assert "web" == value("first: from, of: any", reported(HOUR, **{"from": "web"}), reported(0))


def test_the_first_value_of_a_window_moves_on_with_it() -> None:
    """Seats a month ago become the oldest seats still in the window."""
    history = [reported(0, seats=5), reported(DAY, seats=8), reported(2 * DAY, seats=13)]

    assert [5, 8, None] == [
        at_later("first: seats, of: any, within: 3d", later, *history)
        for later in (2 * DAY, 3 * DAY, 9 * DAY)
    ]


def test_fault_064_a_day_counts_once_and_midnight_utc_parts_days() -> None:
    """Two events an hour apart may be two days, two a day apart are."""
    assert 2 == value("active_days: any", done(DAY - 1), done(DAY), done(2 * DAY - 1))


def test_the_newest_400_days_are_remembered_for_ever() -> None:
    """Beyond that the number says so."""
    plan = plan_with("active_days: any")
    signal = plan.signals[0].signal
    account = told(plan, *(done(day * DAY) for day in range(399)))

    assert (399, False) == (account.values[0], signal.is_floor(account.aggregates[0]))
    for day in (500, 600, 700):
        step(plan, account, done(day * DAY))

    assert (400, True) == (account.values[0], signal.is_floor(account.aggregates[0]))


def test_the_days_of_the_most_regular_person_are_not_those_of_everybody() -> None:
    """Three people on one day each are no habit."""
    signal = "active_days: any, by: user, within: 7d"
    apart = [done(0, "ada"), done(DAY, "bob"), done(2 * DAY, "cyd")]

    assert (1, 2) == (value(signal, *apart), value(signal, *apart, done(3 * DAY, "bob")))


def test_people_who_each_did_it_often_are_counted() -> None:
    """What one of them did often and the others once is not what all did often."""
    signal = "users_each: Report Created, times: 2, within: 14d"
    history = [done(0, "ada"), done(1, "ada"), done(2, "ada"), done(3, "bob"), done(4, "cyd"), done(5, "cyd")]

    assert 2 == value(signal, *history)
    assert 2 == value(signal, *history, done(6, None))


def test_people_on_several_days_are_counted() -> None:
    """Network adoption: many events on one day are one day."""
    signal = "users_each: any, days: 2, within: 14d"

    assert 1 == value(
        signal, done(0, "ada"), done(DAY, "ada"), done(0, "bob"), done(1, "bob"), done(2, "cyd")
    )


def test_in_a_crowd_people_are_counted_at_least() -> None:
    """Of more people than are followed, those with the lowest hash are, and the number says so."""
    plan = plan_with("users_each: any, times: 2, keep: 3")
    signal = plan.signals[0].signal
    people = sorted((f"user {index}" for index in range(9)), key=hashed)
    account = told(plan, *(done(index, who) for index, who in enumerate(people[:3] * 2)))

    assert (3, False) == (account.values[0], signal.is_floor(account.aggregates[0]))
    for index, who in enumerate(people[3:] * 2):
        step(plan, account, done(100 + index, who))

    assert (3, True) == (account.values[0], signal.is_floor(account.aggregates[0]))


def test_a_lead_says_that_there_may_be_more() -> None:
    """What is counted at least is told as such."""
    plan = plan_of((RULES % "users_each: any, times: 1, keep: 2").replace("is: no", "at_least: 2"))
    account = told(plan, *(done(index, f"user {index}") for index in range(2)))
    lines = []
    for index in (2, 3):
        fired = Fired(plan.rules[0], done(index, "user 2"), START + index, 1)
        lines.append(lead_of(plan, account, fired).evidence[0].words)
        step(plan, account, done(index, f"user {index}"))

    assert ["people with any event at least once", "people with any event at least once (2 or more)"] == lines


def test_people_who_have_left_make_room() -> None:
    """Whom a window follows is chosen anew each day: old hands do not hide new ones for ever."""
    people = sorted((f"user {index}" for index in range(4)), key=hashed)
    signal = "users_each: any, times: 1, within: 2d, keep: 2"
    old, new = ([done(at, who) for who in them] for at, them in ((0, people[:2]), (5 * DAY, people[2:])))

    assert 2 == value(signal, *old, *new)


def test_the_top_share_is_of_all_events_of_people() -> None:
    """Also of the events of those who are not followed; events of nobody have no share."""
    people = sorted((f"user {index}" for index in range(4)), key=hashed)
    history = [done(index, who) for index, who in enumerate([*people, people[0]])]

    assert 0.4 == value("top_share: any", *history, done(9, None))
    assert 0.4 == value("top_share: any, keep: 1", *history)
    assert value("top_share: any", done(9, None)) is None


CART, PAID = "Cart Viewed", "Checkout Started"


def test_a_step_must_come_after_the_one_before() -> None:
    """Not before it, and not at the same time."""
    signal = f"sequence: [{CART}, {PAID}]"

    assert [0, 0, 1] == [
        value(signal, done(HOUR, name=CART), done(paid, name=PAID)) for paid in (0, HOUR, HOUR + 1)
    ]


def test_the_span_is_exact_and_runs_from_the_first_step() -> None:
    """An hour is 3,600,000 ms, all steps included."""
    signal = f"sequence: [{CART}, Coupon Entered, {PAID}], within: 1h"
    first = [done(0, name=CART), done(HOUR - 5, name="Coupon Entered")]

    assert [1, 0] == [value(signal, *first, done(paid, name=PAID)) for paid in (HOUR, HOUR + 1)]


def test_an_earlier_step_that_arrives_late_still_completes_the_sequence() -> None:
    """The time of the events decides, not their arrival."""
    assert 1 == value(f"sequence: [{CART}, {PAID}]", done(HOUR, name=PAID), done(0, name=CART))


def test_one_kind_of_event_may_be_several_steps() -> None:
    """Three times the same is twice the second after the first."""
    thrice = [done(at, name=CART) for at in (0, 1, 2)]

    assert 2 == value(f"sequence: [{CART}, {CART}]", *thrice)
    assert 1 == value(f"sequence: [{CART}, {CART}], keep: 2", *thrice)


def test_a_step_may_have_several_events_and_a_filter() -> None:
    """Each step looks at its own events only."""
    signal = f"sequence: [[{CART}, Wishlist Viewed], {{event: {PAID}, where: {{method: card}}}}]"
    start = done(0, name="Wishlist Viewed")
    paid = [event(how, PAID, at=HOUR, properties={"method": how}) for how in ("card", "invoice")]

    assert [1, 0] == [value(signal, start, one) for one in paid]


def test_a_completed_sequence_lasts_as_long_as_it_is_told_to() -> None:
    """Its first step may be older than that."""
    signal = f"sequence: [{CART}, {PAID}], within: 3d, lasting: 2d"
    history = [done(0, name=CART), done(3 * DAY, name=PAID)]

    assert [1, 1, 0] == [at_later(signal, day * DAY, *history) for day in (3, 4, 5)]


def test_a_sequence_says_when_it_may_have_forgotten() -> None:
    """The newest moments of each step are kept."""
    plan = plan_with(f"sequence: [{CART}, {PAID}], keep: 2")
    signal = plan.signals[0].signal
    account = told(plan, done(0, name=CART), done(1, name=PAID))

    assert (1, False) == (account.values[0], signal.is_floor(account.aggregates[0]))
    for at in (2, 3):
        step(plan, account, done(at, name=CART))

    assert (0, True) == (account.values[0], signal.is_floor(account.aggregates[0]))


def test_a_change_is_from_the_report_before_in_time() -> None:
    """An upgrade that arrives late takes its place between the others."""
    signal = "changes: tier, of: any, from: free, to: [plus, pro]"
    free, plus, pro = (reported(at * DAY, tier=tier) for at, tier in enumerate(["free", "plus", "pro"]))

    assert 1 == value(signal, free, plus, pro)
    assert 1 == value(signal, pro, free)
    assert 1 == value(signal, pro, free, plus)
    assert 0 == value(signal, plus, pro, reported(3 * DAY, tier="free"))


def test_without_from_and_to_every_change_counts_and_only_changes() -> None:
    """True is not 1, and the same again is no change."""
    history = [reported(at, tier=tier) for at, tier in enumerate(["a", "a", 1, True, 1.0, None, 1])]

    assert 3 == value("changes: tier, of: any", *history)


def test_a_direction_looks_at_numbers_only() -> None:
    """What became a word neither grew nor shrank."""
    history = [reported(at, seats=seats) for at, seats in enumerate([1, 3, 2, "many", 9, 10])]

    assert 2 == value("changes: seats, of: any, direction: up", *history)
    assert 1 == value("changes: seats, of: any, direction: down", *history)


def test_a_change_in_the_window_may_be_of_a_report_before_it() -> None:
    """A tier that was reported a month ago and has changed today has changed today."""
    signal = "changes: tier, of: any, within: 2d"
    history = [reported(0, tier="free"), reported(30 * DAY, tier="pro")]

    assert [1, 0] == [at_later(signal, day * DAY, *history) for day in (31, 32)]


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        ("min: n, of: A, within: 30m", "smallest n of A in the last 30 minutes"),
        ("first: plan, of: Signed Up", "first plan of Signed Up"),
        ("active_days: any, within: 14d", "days with any event in the last 14 days"),
        (
            "active_days: A, by: user, within: 14d",
            "days with A by the most regular person in the last 14 days",
        ),
        ("users_each: A, times: 2, within: 1d", "people with A 2 or more times in the last day"),
        (
            "users_each: [A, B], days: 3, within: 14d",
            "people with A or B on 3 or more days in the last 14 days",
        ),
        ("top_share: any, within: 30d", "the most active person's share of all events in the last 30 days"),
        ("sequence: [A, [B, C]], within: 3d", "A then B or C within 3 days"),
        (
            "sequence: [A, {event: B, where: {f: x}}], within: 1h, lasting: 30d",
            "A then B where f is x within 1 hour, completed in the last 30 days",
        ),
        (
            "changes: tier, of: A, from: free, to: [plus, pro]",
            "changes of tier from free to plus or pro in A",
        ),
        ("changes: seats, of: A, direction: up, within: 7d", "increases of seats in A in the last 7 days"),
    ],
)
def test_a_signal_reads_well_on_a_card(signal: str, expected: str) -> None:
    """Plain words, with the window at the end."""
    assert expected == words_of(signal)


@pytest.mark.parametrize(
    ("signal", "fault"),
    [
        ("active_days: any, within: 24h", "r.yaml:1:41: expected a number of days such as 14d, got '24h'"),
        ("active_days: any, by: user", "r.yaml:1:14: `by: user` needs a window, such as `within: 30d`"),
        (
            "users_each: any",
            "r.yaml:1:14: expected either `times` or `days`, such as `times: 2` or `days: 3`",
        ),
        (
            "users_each: any, days: 2, within: 48h",
            "r.yaml:1:14: `days` needs a window of days, such as `within: 14d`",
        ),
        (
            "users_each: any, days: 8, within: 7d",
            "r.yaml:1:14: `within` has fewer days than `days`; widen it or lower `days`",
        ),
        (
            "changes: n, of: A, to: 1, direction: up",
            "r.yaml:1:14: expected either `from` and `to` or `direction`, not both",
        ),
        (
            "trend: any, within: 721m",
            "r.yaml:1:35: a trend remembers twice its window, so at most 720m, 372h or 200d, got '721m'",
        ),
        ("trend: any, within: 373h", "r.yaml:1:35: a trend remembers twice its window"),
        ("trend: any, within: 201d", "r.yaml:1:35: a trend remembers twice its window"),
        (
            "decayed: any, half_life: 41d",
            "r.yaml:1:40: ten half-lives are remembered, so one has at most 40d, got '41d'",
        ),
        ("sequence: [A, {evnt: B}]", "r.yaml:1:30: unknown key `evnt`; did you mean `event`?"),
        ("sequence: [A, B], lasting: 2w", "r.yaml:1:42: expected a number of days, hours or minutes"),
    ],
)
def test_a_fault_names_its_place(signal: str, fault: str) -> None:
    """Also inside steps, and for options that do not go together."""
    assert fault in faults_of(signal)


@pytest.mark.parametrize(
    ("signal", "bound", "remedy"),
    [
        ("active_days: any, within: 7d", 8, "widen `within` or lower the bound"),
        ("top_share: any", 80, "a share is written as 0.8, not as 80"),
        (f"sequence: [{CART}, {PAID}]", 65, "set `keep` of the signal to 65"),
        ("changes: tier, of: any", 64, "raise `keep` of the signal"),
        ("users_each: any, times: 2", 65, "set `keep` of the signal to 65"),
    ],
)
def test_a_bound_out_of_reach_comes_with_a_remedy(signal: str, bound: int, remedy: str) -> None:
    """A rule that can never fire does not load."""
    text = (RULES % signal).replace("is: no", f"at_least: {bound}")
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": text})

    assert remedy in "\n".join(map(str, rejected.value.faults))
