"""The figures of a backtest, against stories whose numbers can be counted on fingers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.chances import chances
from fakes.courses import course, day
from pql.backtest.course import Course, Miss, Qualified, Subject
from pql.backtest.figures.figures import figures, qualifications
from pql.backtest.figures.group import Group
from pql.backtest.figures.lead_time import EDGES, lead_time
from pql.backtest.figures.velocity import ALL
from pql.backtest.figures.weeks import name
from pql.core.window import DAY

# Four come, of whom two convert: one after its lead, one before it.
FOUR = {"a:early": (0, 20), "a:late": (1, 20), "a:never": (2, None), "a:quiet": (3, None)}


def rule(course: Course, window: int | None = None, place: int = 0) -> Group:
    """Return the figures of one rule of a course."""
    return figures(course, window).rules[place]


def test_a_lead_counts_only_strictly_before_its_conversion() -> None:
    """At the moment of the conversion is too late, and then it is a lead for nothing."""
    made = course(FOUR, {"keen": [("a:early", 19), ("a:late", 20), ("a:never", 5)]})
    found, base = rule(made), figures(made).bases["accounts"]

    assert (2, 1) == (base.qualified, base.caught)
    assert (1, 1, 1) == (found.hits, found.late, found.caught)
    assert (1, 3) == (found.precision.hits, found.precision.of)
    assert (1, 2) == (found.recall.hits, found.recall.of)


def test_the_base_rate_is_that_of_the_observable() -> None:
    """Two of four convert; a fifth had converted before anything was known of it, and is in no figure."""
    people = {**FOUR, "a:customer": (10, 4)}
    found = figures(course(people, {"keen": [("a:customer", 12), ("a:early", 12)]}))
    base = found.bases["accounts"]

    assert (5, 4, 1, 2, 0.5) == (base.all, base.observable, base.unobservable, base.converted, base.rate.rate)
    assert (2, 1, 1) == (found.rules[0].accounts, found.rules[0].unobservable, found.rules[0].precision.of)


def test_the_first_lead_decides_and_later_ones_are_counted_apart() -> None:
    """Two leads of one account are one account, which is told of again."""
    found = rule(course(FOUR, {"keen": [("a:early", 5), ("a:early", 12)]}))

    assert (2, 1, 1) == (found.leads, found.accounts, found.again)
    assert (15.0, 15.0) == (found.lead_time.median, found.lead_time.mean)


def test_lead_times_have_quartiles_and_bars_from_edge_to_edge() -> None:
    """A week to the moment stands in the bar that a week begins."""
    found = lead_time([days * DAY for days in (7, 1, 3, 2, 4)])

    assert (2.0, 3.0, 4.0, 3.4) == (found.low, found.median, found.high, found.mean)
    assert {1: 2, 3: 2, 7: 1} == {edge: n for edge, n in zip(EDGES, found.histogram, strict=True) if n}


def test_a_window_that_is_not_over_decides_nothing() -> None:
    """Of leads ten days before the end neither kind counts in a window of thirty: both would mislead."""
    people = {"a:won": (0, 95), "a:open": (0, None), "a:old": (0, None)}
    leads = {"keen": [("a:won", 90), ("a:open", 90), ("a:old", 10)]}
    found = rule(course(people, leads), 30 * DAY)

    assert (2, 0, 1) == (found.open, found.precision.hits, found.precision.of)
    assert (1, 1) == (found.recall.hits, found.recall.of)


def test_a_lead_that_came_too_late_waits_for_its_window_as_all_do() -> None:
    """If it were wrong at once, and others decided later, the newest leads would look worse than the rest."""
    people = {"a:new": (0, 90), "a:old": (0, 20), "a:never": (0, None)}
    leads = {"keen": [("a:new", 95), ("a:old", 25), ("a:never", 95)]}
    found = rule(course(people, leads), 30 * DAY)

    assert (1, 2, 1) == (found.late, found.open, found.precision.of)


def test_accounts_are_told_once_whatever_the_number_of_their_rules() -> None:
    """Two accounts wait by three first leads of two rules, and a third was late by two."""
    people = {"a:one": (0, None), "a:two": (0, None), "a:past": (0, 20), "a:seen": (0, 40)}
    again = [("a:one", 90), ("a:past", 25), ("a:seen", 30)]
    made = course(people, {"keen": [*again, ("a:two", 95)], "other": again})
    base = figures(made, 30 * DAY).bases["accounts"]

    assert (1, 2) == (base.late, base.undecided)


def test_what_comes_after_the_window_is_no_hit() -> None:
    """A conversion fifty days after the lead is none of a window of thirty; a nearer lead catches it."""
    people = {"a:slow": (0, 60)}
    once = rule(course(people, {"keen": [("a:slow", 10)]}), 30 * DAY)
    twice = rule(course(people, {"keen": [("a:slow", 10), ("a:slow", 55)]}), 30 * DAY)

    assert (0, 0) == (once.hits, once.caught)
    assert (0, 1, 5.0) == (twice.hits, twice.caught, twice.lead_time.median)


def test_the_base_rate_has_the_window_of_the_leads() -> None:
    """From the first event on, of those alone whose window is over."""
    people = {"a:fast": (0, 20), "a:slow": (0, 60), "a:new": (90, None), "a:no": (0, None)}
    base = figures(course(people, {"keen": []}), 30 * DAY).bases["accounts"]

    assert (1, 3, 1) == (base.rate.hits, base.rate.of, base.open)


def test_leads_of_who_was_folded_count_for_the_account() -> None:
    """A user's lead before the account was known is the account's, by way of whatever was in between."""
    people = {"n:phone": (0, None), "u:ada": (5, None), "a:acme": (10, 30)}
    made = course(people, {"keen": [("n:phone", 3)]}, moved={"n:phone": "u:ada", "u:ada": "a:acme"})
    found = figures(made)

    assert (1, 0) == (found.bases["accounts"].all, found.bases["accounts"].visitors)
    assert (1, 1) == (found.rules[0].caught, found.rules[0].accounts)


def test_devices_that_nobody_is_known_of_stand_outside() -> None:
    """No conversion could name them; they are counted, and in no rate."""
    found = figures(course({**FOUR, "n:phone": (0, None)}, {"keen": [("n:phone", 3), ("a:early", 3)]}))

    assert (4, 1) == (found.bases["accounts"].all, found.bases["accounts"].visitors)
    assert 1 == found.rules[0].precision.of
    assert [1, 1] == [
        sum(one.leads.made for one in found.months if one.rule == name) for name in ("keen", ALL)
    ]


def test_people_are_measured_against_people() -> None:
    """A rule about people has their base rate, and no account in its figures."""
    people = {"p:ada": (0, 9), "p:ben": (0, None), "a:acme": (0, None)}
    found = figures(course(people, {"person": [("p:ada", 2)], "firm": [("a:acme", 2)]}))

    assert [("people", 2), ("accounts", 1)] == [
        (one.about, found.bases[one.about].all) for one in found.rules
    ]
    assert [2.0, None] == [one.lift.times if one.lift else None for one in found.rules]


def test_weeks_without_leads_are_there() -> None:
    """Three weeks of data are three, with 2, 0 and 1 leads, a lead a week."""
    leads = {"keen": [("a:early", 0), ("a:late", 6.9), ("a:never", 14)]}
    found = figures(course(FOUR, leads, last=21 - 1 / DAY))

    assert ["1970-W02", "1970-W03", "1970-W04"] == [name(week) for week in found.weeks]
    assert ([2, 0, 1], 1.0) == (found.rules[0].weeks, round(found.rules[0].per_week or 0, 6))


def test_less_than_a_week_says_nothing_of_a_week() -> None:
    """Three leads in two days are no ten a week."""
    assert rule(course(FOUR, {"keen": [("a:early", 1)]}, last=2)).per_week is None
    assert 1.0 == rule(course(FOUR, {"keen": [("a:early", 1)]}, last=7)).per_week


def test_suppressed_leads_are_none() -> None:
    """They are counted, catch nobody, and fill no week."""
    made = course(FOUR, {"keen": []})
    made.qualified.append(Qualified("keen", "a:early", 0, day(5), suppressed=True))
    found = rule(made)

    assert (0, 1, 0, 0) == (found.leads, found.suppressed, found.caught, sum(found.weeks))


def test_overlap_is_of_accounts() -> None:
    """Two accounts of one rule and two of another, one of them both's: a third."""
    leads = {"one": [("a:early", 1), ("a:late", 1)], "two": [("a:late", 2), ("a:never", 2), ("a:never", 9)]}
    overlap = figures(course(FOUR, leads)).overlaps[0]

    assert (2, 2, 1, 1 / 3) == (overlap.of_one, overlap.of_other, overlap.both, overlap.jaccard)


def test_who_converted_unseen_is_named_with_the_nearest_rule() -> None:
    """A lead after the conversion did not see it; the miss that lacks least is the nearest."""
    made = course(FOUR, {"keen": [("a:late", 25)], "other": [("a:early", 3)]})
    made.misses = [
        Miss("keen", "a:late", day(20), 1, 4, ["reports: 0 (at least 3)"]),
        Miss("other", "a:late", day(20), 2, 3, ["seats: 4 (at least 5)"], converted=True),
    ]
    unseen = figures(made).unseen

    assert [("late", "other")] == [(one.name, one.nearest and one.nearest.rule) for one in unseen]


def test_misses_that_may_yet_come_true_stand_first() -> None:
    """Then whatever is nearest, and not what has most conditions."""
    made = course(FOUR, {"keen": []})
    made.misses = [
        Miss("keen", "a:late", day(20), 3, 4, ["1 report"], 0.9, converted=True),
        Miss("keen", "a:quiet", day(100), 1, 2, ["9 reports"], 0.5),
        Miss("keen", "a:never", day(100), 0, 2, ["1 report"], 0.8),
    ]

    assert ["a:never", "a:quiet", "a:late"] == [one.subject for one in figures(made).misses]


def test_a_score_is_cut_at_each_of_its_heights() -> None:
    """Of three that reach 10 two convert; of one that reaches 50 one does."""
    peaks = {"a:early": (50, 9), "a:late": (10, 3), "a:never": (10, 70)}
    curve = figures(course(FOUR, {"keen": []}, peaks=peaks)).curves[0]

    assert [(10, 2, 3, 1.0), (50, 1, 1, 0.5)] == [
        (one.threshold, one.precision.hits, one.precision.of, one.recall.rate) for one in curve.points
    ]


def test_a_height_that_comes_with_the_conversion_foretold_nothing() -> None:
    """Whoever of an account it was that converted: the height of a moment before counts."""
    people = {"a:acme": (0, None), "u:ada": (0, 20)}
    peaks = {"a:acme": (50, 20), "u:ada": (10, 19)}
    (curve,) = figures(course(people, {"keen": []}, peaks=peaks, moved={"u:ada": "a:acme"})).curves

    assert [10] == [one.threshold for one in curve.points]


@pytest.mark.parametrize(("after", "returned"), [(DAY - 1, 0), (DAY, 1)])
def test_who_came_again_a_day_later_has_returned(after: int, returned: int) -> None:
    """Whoever of an account it was."""
    people = {"u:bob": (0, None), "a:acme": (0, None), "u:ada": (0, None)}
    for who in people:
        made = course(people, {"keen": []}, last=0, moved={"u:ada": "a:acme", "u:bob": "a:acme"})
        made.subjects[who].last += after

        assert returned == figures(made).bases["accounts"].returned


def test_conversions_that_name_nobody_are_counted() -> None:
    """An id is an account, a user or a person; of a fourth nobody has heard."""
    made = course({"a:acme": (0, 5), "u:ada": (0, None), "p:ben": (0, None)}, {"keen": []})

    assert 1 == figures(made, given={"acme", "ada", "ben", "typo"}).unmatched


@pytest.mark.parametrize("window", [None, 30 * DAY])
def test_a_conversion_after_the_data_is_not_known_yet(window: int | None) -> None:
    """A date far ahead makes no window look over: figures are those without it, and it is counted."""
    leads = {"keen": [("a:early", 5), ("a:never", 90)]}
    found = figures(course({**FOUR, "a:never": (2, 36_500)}, leads), window)
    without = figures(course(FOUR, leads), window)

    assert (1, 0) == (found.bases["accounts"].beyond, without.bases["accounts"].beyond)
    assert (without.rules, without.all, without.unseen) == (found.rules, found.all, found.unseen)
    assert without.bases["accounts"].rate == found.bases["accounts"].rate


def test_the_first_leads_are_listed_in_their_order() -> None:
    """One line for each account and rule: who, when, and what came of it."""
    made = course(FOUR, {"b": [("a:late", 9), ("a:late", 10)], "a": [("a:early", 30), ("a:never", 2)]})

    assert [
        ("a", "a:never", "miss", None),
        ("b", "a:late", "hit", 11.0),
        ("a", "a:early", "late", -10.0),
    ] == [(one.lead.rule, one.key, one.outcome, one.days) for one in qualifications(made)]


def test_nothing_gives_nothing() -> None:
    """A course without events has figures, all of them empty."""
    found = figures(Course(["keen"]))

    assert ({}, [], [], []) == (found.bases, found.rules, found.weeks, found.unseen)


DAYS = st.integers(0, 100)


@given(
    st.lists(st.tuples(DAYS, st.none() | DAYS, st.lists(DAYS, max_size=3)), min_size=1, max_size=12),
    st.none() | st.integers(1, 120),
)
def test_every_account_of_a_rule_is_somewhere(
    cases: list[tuple[int, int | None, list[int]]], window: int | None
) -> None:
    """Hits, misses, late, open and unobservable are all; without a window hits are the caught."""
    people = {f"a:{place}": (first, when) for place, (first, when, _) in enumerate(cases)}
    leads = [(f"a:{place}", max(first, at)) for place, (first, _, ats) in enumerate(cases) for at in ats]
    found = rule(course(people, {"keen": sorted(leads, key=lambda one: one[1])}), window and window * DAY)

    assert found.accounts == found.precision.of + found.open + found.unobservable
    assert found.hits <= found.caught
    assert window is not None or found.hits == found.caught
    assert found.caught == sum(found.lead_time.histogram)
    assert found.leads == sum(found.weeks)


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), min_size=1, max_size=12), chances(200))
def test_the_order_of_a_course_changes_nothing(cases: list[tuple[int, int | None]], random: object) -> None:
    """However subjects and leads come together, from whatever shards, the figures are the same."""
    people = {f"a:{place}": case for place, case in enumerate(cases)}
    leads = {"keen": [(key, first + 1) for key, (first, _) in people.items()], "other": [("a:0", 101)]}
    made = course(people, leads)
    keys, qualified = [*made.subjects], [*made.qualified]
    random.shuffle(keys)  # type: ignore[attr-defined]
    random.shuffle(qualified)  # type: ignore[attr-defined]
    mixed = Course(
        made.rules,
        made.first,
        made.last,
        made.counted,
        subjects={key: Subject(*_fields(made.subjects[key])) for key in keys},
        qualified=qualified,
    )

    assert figures(made) == figures(mixed)


def _fields(subject: Subject) -> tuple[str, int, int, int, int | None]:
    return subject.key, subject.first, subject.last, subject.events, subject.converted


def test_a_window_takes_in_its_last_moment() -> None:
    """Thirty days after is within thirty days, and a window that ends with the data is over."""
    people = {"a:edge": (0, 100), "a:open": (0, None)}
    found = rule(course(people, {"keen": [("a:edge", 70), ("a:open", 70)]}), 30 * DAY)

    assert (1, 0, 1) == (found.hits, found.open, found.caught)


def test_tiers_and_all_together_are_of_the_announced() -> None:
    """Nobody is told of a draft: it has figures of its own and is in no others."""
    made = course(FOUR, {"told": [("a:early", 5)], "draft": [("a:early", 1), ("a:late", 1)]})
    found = figures(made, announced={"told", "gone"})

    assert [("any announced rule", 1), ("hot", 1)] == [
        (one.name, one.leads) for one in (*found.all, *found.tiers)
    ]
    assert (1, 1) == (found.bases["accounts"].qualified, found.bases["accounts"].caught)
    assert [1, 2] == [one.leads for one in found.rules]
    assert [("any rule", 3)] == [(one.name, one.leads) for one in figures(made).all]


@pytest.mark.parametrize(("window", "caught"), [(None, 1), (15 * DAY, 1), (14 * DAY, 0)])
def test_everybody_is_caught_as_the_leads_are(window: int | None, caught: int) -> None:
    """Within the window, or it would be another figure under the same name."""
    found = figures(course(FOUR, {"keen": [("a:early", 5)]}), window)

    assert (caught, caught) == (found.bases["accounts"].caught, found.all[0].caught)


def test_a_curve_is_of_accounts_or_of_people() -> None:
    """A score that both have has a curve of each."""
    people = {"p:ada": (0, 9), "p:ben": (0, None), "a:acme": (0, None)}
    found = figures(course(people, {}, peaks={"p:ada": (5, 1), "a:acme": (9, 1)}))

    assert {("accounts", 0), ("people", 1)} == {
        (one.about, one.points[0].precision.hits) for one in found.curves
    }


def test_cooled_down_leads_are_told_by_rule() -> None:
    """They are no leads; the course has counted them, and nobody knows what tier they would have had."""
    made = course(FOUR, {"keen": [("a:early", 5)], "draft": [("a:early", 5)]})
    made.cooled = {"keen": 4, "draft": 2}
    found = figures(made, announced={"keen"})

    assert [4, 2] == [one.cooled for one in found.rules]
    assert [4, None] == [one.cooled for one in (*found.all, *found.tiers)]
    assert 6 == figures(made).all[0].cooled


def test_those_the_rules_are_about_stand_first() -> None:
    """Accounts of whom no rule makes a lead are not what a pack about people is measured by."""
    made = course({"a:acme": (0, None), "p:ada": (0, 9)}, {"person": [("p:ada", 2)]})

    assert ["people", "accounts"] == [*figures(made).bases]
    assert ["accounts", "people"] == [
        *figures(course({"p:ada": (0, 9), "a:acme": (0, 9)}, {"keen": []})).bases
    ]
