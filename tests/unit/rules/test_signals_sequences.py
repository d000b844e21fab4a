"""What sequences and changes mean where it could be doubted."""

from __future__ import annotations

from fakes.events import DAY, HOUR, event
from fakes.one_signal import CART, PAID, at_later, done, plan_with, reported, told, value
from pql.engine.step import step


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


def test_in_an_order_a_value_grows_to_one_that_stands_later() -> None:
    """Values that do not stand in it are passed over, whatever came before them and comes after."""
    tiers = ["free", "pro", "plus", "gone", "Pro", "pro", 1, 2, None, "plus"]
    history = [reported(at, tier=tier) for at, tier in enumerate(tiers)]
    signal = "changes: tier, of: any, order: [free, plus, pro], direction: "

    assert [2, 2] == [value(signal + direction, *history) for direction in ("up", "down")]


def test_a_word_of_a_rule_is_cut_as_a_reported_one_is() -> None:
    """Words are told apart by their first 64 characters, on either side."""
    long, longer = "x" * 64 + " as reported", "y" * 64 + " as reported"
    history = [reported(at, tier=tier) for at, tier in enumerate([long, longer, long])]
    named = [one.replace("reported", "named") for one in (long, longer)]

    assert 1 == value(f"changes: tier, of: any, from: {named[0]}, to: [{named[1]}]", *history)
    assert 1 == value(f"changes: tier, of: any, direction: up, order: [{', '.join(named)}]", *history)


def test_a_change_in_the_window_may_be_of_a_report_before_it() -> None:
    """A tier that was reported a month ago and has changed today has changed today."""
    signal = "changes: tier, of: any, within: 2d"
    history = [reported(0, tier="free"), reported(30 * DAY, tier="pro")]

    assert [1, 0] == [at_later(signal, day * DAY, *history) for day in (31, 32)]
