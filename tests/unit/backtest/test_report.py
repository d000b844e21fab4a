"""What a backtest prints and writes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from urllib.parse import quote

import pytest

from fakes.courses import course, day
from pql.backtest.course import Course, Miss
from pql.backtest.figures import say
from pql.backtest.figures.document import document
from pql.backtest.figures.figures import figures, qualifications
from pql.backtest.figures.summary import summary
from pql.backtest.figures.tables import tables
from pql.backtest.figures.wilson import share
from pql.backtest.page.page import page
from pql.core.window import DAY

PEOPLE = {"a:early": (0, 20), "a:late": (1, 20), "a:never": (2, None), "a:customer": (9, 3)}
LEADS = {"keen": [("a:early", 5), ("a:never", 6)], "slow": [("a:late", 21)], "mute": []}


def made() -> Course:
    """Return a course with a bit of everything."""
    found = course(PEOPLE, LEADS, peaks={"a:early": (50, 4), "a:never": (30, 60)})
    found.misses = [Miss("keen", "a:late", day(20), 1, 2, ["1 more report"])]
    found.repeats, found.unread = 3, 1
    return found


def test_a_person_reads_it_in_ten_seconds() -> None:
    """A line about everybody, a line a rule, then what was left out and missed."""
    assert [
        "12 events, 5 Jan 1970 to 15 Apr 1970",
        "4 accounts, 2 converted; base rate 66.7 % (20.8 to 93.9 %), to the end of the data",
        "",
        "rule      leads  accounts  precision  95 % interval  recall  lift  lead time  a week",
        "keen          2         2     50.0 %  9.5 to 90.5 %  50.0 %  0.8x       15 d     0.1",
        f"slow          1         1        0 %    0 to 79.3 %     0 %  0.0x          {say.UNKNOWN}     0.1",
        "any rule      3         3     33.3 %  6.1 to 79.2 %  50.0 %  0.5x       15 d     0.2",
        "without a lead: mute",
        "",
        "1 account with the first lead of a rule at or after the conversion, which counts as wrong",
        "1 account left out, had converted by the first event",
        "1 converted and no rule had seen it:",
        "  late, 25 Jan 1970, 3 events in all, nearest to keen: 1 more report",
        "3 repeats counted once",
    ] == [*summary(figures(made()))]


def test_conversions_after_the_data_are_said() -> None:
    """In words and for programs."""
    found = figures(course({"a:x": (0, 200), "a:y": (0, 5)}, {"keen": [("a:x", 1)]}))

    assert "1 account converted after the end of the data, which counts as not yet" in [*summary(found)]
    assert 1 == document(found)["bases"]["accounts"]["beyond"]


def test_a_window_longer_than_the_data_is_said() -> None:
    """Nothing is decided, and it says why."""
    found = [*summary(figures(course({"a:x": (0, 5)}, {"keen": [("a:x", 1)]}), 200 * DAY))]

    assert {
        (
            "1 account, 1 converted; no base rate: no window of 200 days is over, "
            "the data last 100 days: type --within 100d or shorter"
        ),
        "1 account left out of the precision of a rule: the window after the first lead is not over",
    } < {*found}


def test_a_window_longer_than_anybody_was_seen_is_said_with_the_longest() -> None:
    """The data last a hundred days, and both came late."""
    found = figures(course({"a:x": (60, 70), "a:y": (80, None)}, {"keen": [("a:x", 61)]}), 50 * DAY)

    assert (
        "2 accounts, 1 converted; no base rate: nobody was seen for long enough: type --within 40d or shorter"
    ) == [*summary(found)][1]


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (("a:x",), "1 account, had converted by the first event"),
        (("a:x", "a:y"), "2 accounts, all had converted by the first event"),
        (("p:x",), "1 person, had converted by the first event that rules about people hear"),
    ],
)
def test_there_is_no_base_rate_where_everybody_had_converted(ids: Sequence[str], told: str) -> None:
    """Whatever the window; people are first seen when a rule about them hears of them."""
    late = course(dict.fromkeys(ids, (5, 2)), {"keen": [(ids[0], 7)]})

    assert [told, told] == [[*summary(figures(late, window))][1] for window in (None, 200 * DAY)]


def test_accounts_and_people_are_not_added_up() -> None:
    """Where there are rules about both, somebody may be one of either."""
    people = {"a:x": (0, 9), "p:x": (0, 9), "p:y": (0, 9), "a:other": (0, None), "p:other": (0, None)}
    found = figures(course(people, {"keen": [("a:other", 5)], "mine": [("p:other", 5)]}))

    assert "1 account and 2 people converted and no rule had seen it:" in [*summary(found)]
    assert "1 account and 2 people converted, and no rule had seen it coming" in page(found, {}, "rules")


def test_whom_a_rule_is_about_is_said_where_not_all_are_about_the_same() -> None:
    """Rules about people have no accounts, and of two totals each says of whom it is."""
    people = {"a:x": (0, 9), "a:y": (0, None), "p:x": (0, 9), "p:y": (0, None), "p:z": (0, None)}
    person = {"mine": [("p:x", 5)], "ours": [("p:y", 5)]}
    only = [*summary(figures(course({"p:x": (0, 9), "p:y": (0, None)}, person)))]
    firm = {"keen": [("a:x", 5)], "slow": [("a:y", 5)]}
    both = [*summary(figures(course(people, {**firm, **person})))]

    assert ["rule      leads  people"] == [line[:23] for line in only if line.startswith("rule ")]
    assert ["any rule      2"] == [line[:15] for line in only if line.startswith("any rule")]
    assert 1 == sum("accounts and people  precision" in line for line in both)
    assert {"any rule about people  ", "any rule about accounts"} == {
        line[:23] for line in both if line.startswith("any rule")
    }


def test_what_senders_write_moves_nothing_on_a_terminal() -> None:
    """Neither the cursor nor the line: ids and what traits are come from anywhere."""
    made = course({"a:%1B%5B2J%0Ax": (0, 9)}, {"keen": []})
    made.misses = [Miss("keen", "a:%1B%5B2J%0Ax", day(9), 0, 1, ["plan is \u202e\x1b[31m"])]
    told = [*summary(figures(made))]

    assert "  [2J x, 14 Jan 1970, 3 events in all, nearest to keen: plan is [31m" in told


def test_without_any_lead_there_is_no_table() -> None:
    """A heading with nothing below looks as if something were lost."""
    told = [*summary(figures(course({"a:x": (0, 5)}, {"keen": []})))]

    assert "without a lead: keen" in told
    assert not any(line.startswith("rule ") for line in told)


@pytest.mark.parametrize(
    ("length", "typed"),
    [
        (0, ""),
        (59_999, ""),
        (90 * 60_000 - 1, "1h"),
        (59 * 60_000, "59m"),
        (3 * DAY - 1, "2d"),
        (40 * DAY, "40d"),
    ],
)
def test_a_length_is_typed_rounded_down(length: int, typed: str) -> None:
    """What is offered is never longer than what there is."""
    assert typed == say.typed(length)


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (round(4_068.99 * DAY), "4,068 days"),
        (10 * DAY - 1, "9.99 days"),
        (10 * DAY + DAY // 2, "10 days"),
        (5 * DAY + DAY // 2, "5.5 days"),
        (DAY // 4, "0.25 days"),
    ],
)
def test_long_data_last_whole_days(length: int, told: str) -> None:
    """Hours of years tell nothing; rounded down, as a window that fits is typed."""
    assert told == say.lasting(length)


def test_nothing_is_said_of_nothing() -> None:
    """A course without events."""
    assert ["no event was counted"] == [*summary(figures(Course(["keen"])))]


def test_programs_get_all_of_it() -> None:
    """Moments are ISO 8601, the window is in days, and it is JSON all through."""
    found = json.loads(json.dumps(document(figures(made(), 30 * DAY))))

    assert (1, 30.0, "1970-01-05") == (found["version"], found["window_days"], found["weeks"][0])
    assert "1970-01-10T00:00:00.000Z" == found["rules"][0]["first"]
    assert 2 == found["bases"]["accounts"]["converted"]
    assert ("late", "1970-01-25T00:00:00.000Z") == (
        found["unseen"][0]["name"],
        found["unseen"][0]["converted"],
    )
    assert 0 == found["overlaps"][0]["jaccard"]
    assert [False] == [one["converted"] for one in found["misses"]]


def test_tables_have_a_line_for_each_thing() -> None:
    """Each file is CSV with a head, and as many columns everywhere."""
    found = {
        name: [*csv.reader(io.StringIO(text))]
        for name, text in tables(figures(made()), qualifications(made())).items()
    }

    assert {"rules.csv": 6, "qualified.csv": 4, "weeks.csv": 16, "overlap.csv": 2} == {
        name: len(found[name]) for name in ("rules.csv", "qualified.csv", "weeks.csv", "overlap.csv")
    }
    assert [1] * len(found) == [len({len(row) for row in rows}) for rows in found.values()]
    assert [
        "early",
        "keen",
        "1970-01-10T00:00:00.000Z",
        "hot",
        "",
        "1970-01-25T00:00:00.000Z",
        "15",
        "hit",
    ] == (found["qualified.csv"][1])


@pytest.mark.parametrize("before", ["", " ", '"', "' "], ids=["nothing", "blank", "quote", "both"])
@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1"])
def test_fault_097_no_cell_is_a_formula(before: str, formula: str) -> None:
    """An account may be called anything, and a spreadsheet must not compute it, past blanks and quotes."""
    text = tables(figures(made()), [])["unseen.csv"]
    evil = course({f"a:{quote(before + formula, safe='')}": (0, 9)}, {"keen": []})
    rows = [*csv.reader(io.StringIO(tables(figures(evil), [])["unseen.csv"], newline=""))]

    assert "late" in text
    assert f"'{before}{formula}".replace("\r", "\n") in [cell for row in rows for cell in row]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (say.percent(0.2236), "22.4 %"),
        (say.percent(0.0004), "0.04 %"),
        (say.percent(0.9996), "100 %"),
        (say.percent(None), say.UNKNOWN),
        (say.interval(share(0, 0)), ""),
        (say.days(0.25), "6.0 h"),
        (say.days(5.25), "5.2 d"),
        (say.ahead(198.0), "198 days"),
        (say.ahead(0.25), "6.0 hours"),
        (say.a_week(302.7), "303"),
        (say.length(DAY), "within 1 day"),
    ],
)
def test_numbers_are_said_in_few_characters(said: str, expected: str) -> None:
    """No more digits than tell something."""
    assert expected == said
