"""The page of a backtest is one file, says what the figures say, and lets nobody else speak."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from fakes.courses import course, day
from pql.backtest.course import Course, Miss
from pql.backtest.figures.figures import figures
from pql.backtest.page.drawing import Scale, steps, ticks
from pql.backtest.page.markup import Markup, element
from pql.backtest.page.page import page
from pql.backtest.page.spoken import Line, Spoken
from pql.backtest.page.style import STYLE
from pql.core.window import DAY

HOSTILE = "<script>alert('&\"')</script>"
VOID = {"meta"}


class Reader(HTMLParser):
    """Reads a page as strictly as a person would: every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Open an element."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"src", "href", "xlink:href", "srcset"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """Take an element that closes itself."""
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Take words, but not the style sheet's."""
        if "style" not in self.open:
            self.words += data


def whole(window: int | None = None, name: str = "keen", who: str = "a:x") -> str:
    """Return the page of a course in which everything happens."""
    people = {who: (0.0, 20.0), "a:b": (1.0, 30.0), "a:c": (2.0, None), "a:d": (9.0, 3.0), "n:e": (1.0, None)}
    leads = {name: [(who, 5.0), ("a:c", 6.0), ("a:c", 50.0)], "other": [("a:c", 7.0), ("a:b", 31.0)]}
    made = course(people, leads, peaks={who: (50, 4), "a:b": (20, 9), "a:c": (30, 70)})
    made.misses = [Miss(name, "a:b", day(30), 1, 2, [f"2 more {HOSTILE}"])]
    asks = [Line(0, f"score activation at least 40 {HOSTILE}")]
    rules = {
        name: Spoken(name, "f.yaml", "{account} {score}", "r", "live", "hot", asks, {"activation": 40.0})
    }
    return page(figures(made, window), rules, f"rules of {HOSTILE}")


@pytest.mark.parametrize("window", [None, 30 * DAY])
def test_the_page_is_one_whole_file(window: int | None) -> None:
    """Every element is closed, nothing is fetched, nothing runs, and a policy would stop it if it tried."""
    text = whole(window)
    read = Reader(text)

    assert [] == read.open
    assert [] == read.links
    assert {"script", "img", "link", "iframe"}.isdisjoint(read.tags)
    assert "url(" not in text
    assert "default-src &#x27;none&#x27;" in text


def test_fault_097_what_others_wrote_is_text() -> None:
    """Ids, names of rules and words of conditions come from anywhere."""
    text = whole(name="keen" + HOSTILE, who="a:" + HOSTILE.replace("/", "%2F"))

    assert "<script" not in text
    assert HOSTILE in Reader(text).words


def test_the_page_says_what_the_figures_say() -> None:
    """Each part of it has its heading, and who was left out is told, in words that can be searched."""
    words = " ".join(Reader(whole()).words.split())

    for told in (
        "1 of 2 conversions had a lead before, half of them by 15 days or more",
        "66.7 % of accounts became a lead, and 50.0 % of those converted",
        "Leads came in 4 of 15 weeks, 2 in the busiest week",
        "Leads grew in 0 of 1 month",
        "Half of the caught were leads 15 days or more before they converted",
        "1 converted, and no rule had seen it coming",
        "they share 1 of their 3 accounts",
        "1 of 4 accounts had converted by the first event",
        "1 device of unknown owners",
        "keen: 40",
    ):
        assert told in words


@pytest.mark.parametrize(
    ("leads", "claims"), [(2, False), (12, True)], ids=["two accounts", "twelve accounts"]
)
def test_the_heading_claims_no_more_than_the_interval(leads: int, claims: bool) -> None:  # noqa: FBT001
    """Two of two that converted are above the base rate with their interval, and no headline."""
    people = {f"a:{one}": (0.0, 20.0 if one < leads else None) for one in range(100)}
    made = course(people, {"keen": [(f"a:{one}", 5.0) for one in range(leads)], "other": [("a:99", 5.0)]})
    words = Reader(page(figures(made), {}, "rules")).words

    assert "for sure" not in words
    assert claims == ("keen picks better than chance: 8.3x the base rate, likely " in words)
    assert claims != ("No rule has shown to be better" in words)


def test_the_heading_counts_those_rules_of_which_enough_is_known() -> None:
    """Two leads are no judgement, neither for a rule nor against it."""
    people = {f"a:{one}": (0.0, 20.0 if one < 12 else None) for one in range(100)}
    leads = {"keen": range(12), "slow": range(40, 60), "rare": range(98, 100)}
    made = course(people, {rule: [(f"a:{one}", 5.0) for one in who] for rule, who in leads.items()})

    assert (
        "1 of 2 rules with 10 known outcomes or more has an interval above the base rate, keen the furthest: "
    ) in Reader(page(figures(made), {}, "rules")).words


@pytest.mark.parametrize(
    ("few", "told"),
    [
        (
            range(9),
            "keen the furthest: likely 1.2x or more (rare lies further above, by 9 known outcomes alone)",
        ),
        (
            range(1),
            "keen the furthest: likely 1.2x or more (rare lies further above, by 1 known outcome alone)",
        ),
        (range(20, 29), "keen the furthest: likely 1.2x or more"),
    ],
)
def test_the_heading_passes_over_no_better_rule_in_silence(few: range, told: str) -> None:
    """One with too few outcomes for a claim is named with their number, if its interval lies further up."""
    people = {f"a:{one}": (0.0, 20.0 if one < 12 else None) for one in range(100)}
    leads = {"keen": [*range(8), *range(30, 52)], "slow": range(40, 60), "rare": few}
    made = course(people, {rule: [(f"a:{one}", 5.0) for one in who] for rule, who in leads.items()})
    (heading,) = re.findall(r"<h2>(\d of 2 rules with [^<]*)</h2>", page(figures(made), {}, "rules"))

    assert heading.endswith(told)


def test_where_no_rule_is_claimed_the_one_above_chance_is_named() -> None:
    """Nine of nine are more than chance, and less than a claim."""
    people = {f"a:{one}": (0.0, 20.0 if one < 12 else None) for one in range(100)}
    made = course(people, {"rare": [(f"a:{one}", 5.0) for one in range(9)]})

    assert (
        "No rule has shown to be better than picking at random "
        "(rare lies further above, by 9 known outcomes alone)"
    ) in page(figures(made), {}, "rules")


def test_accounts_and_people_are_not_taken_for_each_other() -> None:
    """Each figure says of whom it is: the sentence, the tiles, the columns, the map."""
    people: dict[str, tuple[float, float | None]]
    people = {f"p:{one}": (0, 20 if one < 3 else None) for one in range(6)}
    people |= {"a:x": (0, 30), "a:y": (0, None)}
    leads = {"mine": ["p:0", "p:1", "p:2"], "ours": ["p:0", "p:1"], "firm": ["a:x"]}
    made = course(people, {rule: [(one, 5.0) for one in who] for rule, who in leads.items()})
    text = page(figures(made), {}, "both")
    words = Reader(text).words

    for told in (
        "3 of 3 conversions of people had a lead before",
        "24 events of 6 people and 2 accounts were run",
        "3 people converted. A lead counts",
        "5 in all, of 3 people, by 2 rules",
        "any rule about people",
        "a rule's people and accounts that converted",
        "they share 2 of their 3 people",
        "of the people that a rule made leads of",
    ):
        assert told in words
    assert [3, 1] == [text.count(f'data-is="{whom}"') for whom in ("people", "accounts")]
    assert 'title="2 of 3 people of mine are of ours, too' in text


def test_names_on_the_page_turn_no_line_around() -> None:
    """A bidirectional override in an id would set all that stands behind it backwards."""
    made = course({"a:%E2%80%AEx": (0, 9)}, {"keen": []})
    made.misses = [Miss("keen", "a:%E2%80%AEx", day(9), 0, 1, ["plan is \u202etrial\x1b"])]

    assert not {"\u202e", "\x1b"} & {*page(figures(made), {}, "rules")}


def test_a_month_tells_hours_as_its_rule_does() -> None:
    """All its leads were made three hours before."""
    people: dict[str, tuple[float, float | None]] = {"a:x": (40, 41.125), "a:y": (40, 41.125)}
    made = course(people, {"keen": [("a:x", 41)], "slow": [("a:y", 41)]})
    words = page(figures(made), {}, "rules").partition('class="months"')[2].partition("</table>")[0]

    assert ["3.0 h"] == re.findall(r">([\d.]+ h)<", words)


def test_the_funnel_counts_within_the_window() -> None:
    """As the headline above it does: who was a lead sixteen days before is no catch of fifteen."""
    people = {"a:soon": (0, 20), "a:slow": (0, 21)}
    made = course(people, {"keen": [("a:soon", 5), ("a:slow", 5)]})
    words = " ".join(Reader(page(figures(made, 15 * DAY), {}, "keen")).words.split())

    assert "50.0 % of those converted" in words
    assert "1 more converted without a lead in the 15 days before" in words


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (
            None,
            (
                "Who had a lead only at or after the conversion is not among the leads here; "
                "the precision of any rule, 66.7 %, counts them as wrong."
            ),
        ),
        (
            15 * DAY,
            (
                "Any lead before the conversion counts here, also one whose window is still open. "
                "The precision of any rule, 33.3 %, is another share: it judges the first lead of each "
                "alone, once its window is over, and counts one that came too late as wrong."
            ),
        ),
    ],
    ids=["to the end", "in a window"],
)
def test_the_funnel_says_why_its_share_is_not_the_precision(window: int | None, told: str) -> None:
    """One was a lead too late, one was a lead again in time, of one it is too early to say."""
    people = {"a:soon": (0, 20), "a:again": (0, 60), "a:late": (0, 5), "a:new": (95, None)}
    leads = {"keen": [("a:soon", 10), ("a:again", 2), ("a:again", 50), ("a:late", 9)]}
    keen = {"keen": leads["keen"] + ([("a:new", 96)] if window else []), "other": []}
    words = " ".join(Reader(page(figures(course(people, keen), window), {}, "rules")).words.split())

    assert told in words


def test_a_funnel_without_conversions_speaks_of_no_precision() -> None:
    """There is none."""
    made = course({"a:x": (0, None)}, {"keen": [("a:x", 1)]})
    funnel = page(figures(made), {}, "rules").partition('class="steps"')[2].partition("</section>")[0]

    assert "Became a lead" in funnel
    assert "precision" not in funnel


def test_nobody_has_no_bar() -> None:
    """Where nobody converted after a lead a line would look like somebody."""
    text = page(figures(course({"a:x": (0, 5)}, {"keen": []})), {}, "rules")
    tracks = re.findall(r'<div class="track">(.*?)</div>', text)

    assert [True, True, False, False] == ["fill" in one for one in tracks]


def test_a_sign_stands_with_its_number() -> None:
    """However narrow the page, no line begins with it, nor with the unit of a tile."""
    words = Reader(whole(30 * DAY)).words

    assert " %" not in words
    assert "100\N{NO-BREAK SPACE}%" in words
    assert "a quarter 15\N{NO-BREAK SPACE}d or less, a quarter 15\N{NO-BREAK SPACE}d or more" in words


def test_a_score_is_held_against_those_who_have_it() -> None:
    """All of the two accounts convert and half of the people: neither is everybody to the other."""
    people = {"a:x": (0, 9), "a:y": (0, 9), "p:ada": (0, 9), "p:ben": (0, None)}
    leads = {"firm": [("a:x", 2), ("a:y", 2)], "person": [("p:ada", 2)]}
    made = course(people, leads, peaks={who: (at + 5, 1) for at, who in enumerate(people)})
    words = " ".join(Reader(page(figures(made), {}, "both")).words.split())

    assert [1, 1] == [words.count(one) for one in ("everybody 100 %", "everybody 50.0 %")]
    assert "activation of people" in words


@pytest.mark.parametrize("others", [0, 1, 3, 5, 9, 30, 300])
def test_no_line_of_the_grid_goes_through_the_base_rate(others: int) -> None:
    """Its words stand below its line, or above it."""
    people: dict[str, tuple[float, float | None]] = {f"a:{one}": (0, None) for one in range(others)}
    people |= {"a:x": (0, 9), "a:y": (0, 9)}
    peaks = {who: (1 + place % 9, 1) for place, who in enumerate(people)}
    made = course(people, {"keen": [("a:x", 2)]}, peaks=peaks)
    picture = page(figures(made), {}, "r").partition("What another threshold would do")[2]
    [words] = {float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>everybody', picture)}
    grid = {float(y) for y in re.findall(r'y1="([\d.]+)"[^>]*class="grid"', picture)}

    assert len(grid) > 2
    assert [] == [y for y in grid if words - 9 < y < words + 3]


def test_the_names_of_the_map_stand_beside_their_cells() -> None:
    """Heads of columns stand at the bottom of their row, these in the middle."""
    [rule] = re.findall(r"\.heat th\.row\{([^}]*vertical-align[^}]*)\}", STYLE)

    assert "vertical-align:middle" in rule.split(";")


def test_every_picture_has_a_name() -> None:
    """Who cannot see a picture is told what it shows."""
    pictures = re.findall(r"<svg[^>]*>", whole())

    assert pictures
    assert all('aria-label="' in one and 'role="img"' in one for one in pictures)


def test_a_page_without_leads_has_no_empty_table() -> None:
    """It names the rules that made none."""
    read = Reader(page(figures(course({"a:x": (0, 5)}, {"keen": []})), {}, "rules"))

    before, heading, told = read.words.partition("No rule made a lead")

    assert heading
    assert "What the rules found" not in before + told
    assert told.startswith("Without a lead: keen.")


def test_a_page_of_nothing_says_so() -> None:
    """Nobody came."""
    assert "No event was counted" in Reader(page(figures(Course(["keen"])), {}, "rules")).words


def test_a_page_says_who_converts_after_the_data() -> None:
    """And does not count it."""
    made = course({"a:x": (0, 200)}, {"keen": [("a:x", 1)]})

    assert "1 account converted after the last event" in Reader(page(figures(made), {}, "rules")).words


def test_a_page_without_conversions_has_no_rates() -> None:
    """Leads can be counted all the same."""
    words = Reader(page(figures(course({"a:x": (0, None)}, {"keen": [("a:x", 1)]})), {}, "rules")).words

    assert "no conversion is known" in words
    assert "nan" not in words


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (element("p", "a < b & c"), "<p>a &lt; b &amp; c</p>"),
        (element("p", Markup("<b>x</b>"), ["y", None, 3]), "<p><b>x</b>y3</p>"),
        (element("rect", x=1.04, class_="a&b", rx=None), '<rect x="1" class="a&amp;b"/>'),
        (element("a", stroke_width=2), '<a stroke-width="2"></a>'),
    ],
)
def test_fault_097_markup_is_escaped_once(made: Markup, written: str) -> None:
    """Text is escaped, markup is not."""
    assert written == made


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 100, [0, 25, 50, 75, 100]), (0, 0.07, [0, 0.02, 0.04, 0.06]), (3, 3, [3]), (15, 60, [20, 40, 60])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    """Axes have numbers that people count in."""
    assert expected == pytest.approx(ticks(low, high))


@pytest.mark.parametrize(
    ("high", "expected"),
    [(1, [0, 1]), (9, [0, 5]), (10, [0, 5, 10]), (3, [0, 1, 2, 3]), (90, [0, 25, 50, 75])],
)
def test_ticks_of_what_is_counted_are_whole(high: int, expected: list[float]) -> None:
    """There is no half of a lead."""
    assert expected == ticks(0, high, whole=True)


def test_a_threshold_holds_from_the_score_below_it() -> None:
    """Between 10 and 50 nobody stands: a threshold there lets in whoever reached 50."""
    assert [(10, 3), (10, 1), (50, 1)] == steps([(10, 3), (50, 1)])


def test_a_scale_of_one_value_starts_at_its_start() -> None:
    """Nothing is divided by zero."""
    assert (7, 50) == (Scale(3, 3, 7, 99)(3), Scale(0, 2, 0, 100)(1))
