"""Overrides: which rules stand in shadow, and for how long."""

from __future__ import annotations

from pql.core.override import Override, Overrides

HELD = Overrides(3, {"over": Override(1, "ada", until=50), "keen": Override(1, "ada", until=51)})


def test_a_rule_is_in_shadow_until_its_time_has_come() -> None:
    """A millisecond before it is; without a time it is for good."""
    assert [{"over", "keen"}, {"keen"}, set()] == [HELD.holding(now) for now in (49, 50, 51)]
    assert Override(1, "ada").holds(2**62)


def test_what_is_over_makes_room_for_what_comes() -> None:
    """The item never grows by what nobody asks for any more; its version is left to who writes it."""
    more = HELD.having("new", Override(50, "bob"), 50)

    assert (3, {"keen", "new"}) == (more.version, {*more.rules})
    assert {"keen"} == {*more.without(["new", "unheard of"]).rules}
