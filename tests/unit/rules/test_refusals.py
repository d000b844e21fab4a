"""What people try first is answered with what they meant."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter

from fakes.faulty_file import faults_of
from pql.core.window import window
from pql.rules import conditions
from pql.rules.conditions import TraitCondition
from pql.rules.faults import RulesRejected
from pql.rules.load import load, parse
from pql.rules.nearest import nearest
from pql.rules.pack import RuleFile
from pql.rules.schema import keys
from pql.rules.tagged import kind_of
from pql.rules.where import Filter
from pql.rules.windows import Within

GOOD = """\
signals:
  exports: {count: Report Exported, within: 30d}
  people: {distinct: users, of: any, within: 14d}
rules:
  heavy:
    when: {all: [{signal: exports, at_least: 3}, {trait: plan, in: [free, trial]}]}
    tier: warm
    title: "{account} exports"
    reason: "{exports} exports on {traits.plan}"
tests:
  - name: three
    timeline:
      - 0d traits: {plan: trial}
      - 3d Report Exported x3 by ada
    expect: fires at 3d
  - name: two
    timeline:
      - 0d traits: {plan: trial}
      - 3d Report Exported x2 by ada
    expect: silent
"""
WHEN = "{all: [{signal: exports, at_least: 3}, {trait: plan, in: [free, trial]}]}"
KINDS = f"expected one of {', '.join(map(kind_of, get_args(conditions.Kinds)))}"
TRAIT = ", ".join(sorted(keys(TraitCondition)))
FILTER = ", ".join(sorted(keys(Filter)))
EVENT = "was read as the name of an event"
CASES = {
    "and": ("{all:", "{and:", f"6:11: {KINDS}; did you mean all?"),
    "or": ("{all:", "{OR:", f"6:11: {KINDS}; did you mean any?"),
    "some": ("{all:", "{some:", f"6:11: {KINDS}; did you mean any?"),
    "nor": ("{all:", "{nor:", f"6:11: {KINDS}; write `not: {{any: [...]}}`"),
    "no colon": ("count: Report", "count Report", "; a colon is missing after `count`"),
    "not_in": ("in: [", "not_in: [", "`not_in`; put the condition behind `not`: {not: {..., in: ...}}"),
    "!=": ("in: [free, trial]", "'!=': free", "`!=`; put the condition behind `not`: {not: {..., is: ...}}"),
    "channel": (
        "tier: warm",
        'tier: warm\n    channels: "#sales"',
        'r.yaml:8:15: expected a list, such as ["#sales"]',
    ),
    "channel without quotes": ("tier: warm", "tier: warm\n    channels: #sales", "# begins a comment"),
    "where inside of count": (
        "count: Report Exported",
        "count: {event: Report Exported, where: {a: b}}",
        "expected a name or a list of names; `where` stands beside `count`",
    ),
    "ends_with": ("in: [", "ends_with: [", f"unknown key `ends_with`; expected one of {TRAIT}"),
    "min": ("at_least: 3", "min: 3", "unknown key `min`; did you mean `at_least`?"),
    "over": ("at_least: 3", "over: 3", "unknown key `over`; did you mean `more_than`?"),
    "there already": ("at_least: 3", "at_least: 3, min: 3", "unknown key `min`; expected one of at_least"),
    "an operator for another": (WHEN, "{until: ends, at_least: 3d}", "expected one of at_most, until"),
    "thousands": ("at_least: 3", "at_least: 1,000", "unknown key `000`; a number is written without commas"),
    "1_000": ("at_least: 3", "at_least: 1_000", "expected a number, in digits alone: 1000"),
    "1e3": ("at_least: 3", "at_least: 1e3", "expected a number, in digits alone: 1000"),
    "infinity": ("at_least: 3", "at_least: .inf", "expected a number, found `.inf`"),
    "a date": ("in: [free, trial]", "at_least: 2025-01-01", "a number; dates are compared with `since`"),
    "yes": ("in: [free, trial]", "exists: yes", "6:72: expected true or false; for yes write true"),
    "nothing inside": (WHEN, "{all: []}", "6:17: expected at least 1 in the list, found none"),
    "several": (WHEN, "[{signal: exports, at_least: 3}]", "one condition; for several write `all: [...]`"),
    "both bounds": ("at_least: 3", "at_least: 3, at_most: 9", "; for both write two conditions inside `all`"),
    "no brackets": (WHEN, "{all: {signal: exports, at_least: 3}}", "6:17: expected a list: put [ ]"),
    "Warm": ("tier: warm", "tier: Warm", "found `Warm`; did you mean `warm`?"),
    "hott": ("tier: warm", "tier: hott", "found `hott`; did you mean `hot`?"),
    "boiling": ("tier: warm", "tier: boiling", "found `boiling`; did you mean `hot`?"),
    "severity": ("tier: warm", "severity: hihg", "found `hihg`; did you mean `high`?"),
    "liev": ("tier: warm", "status: liev", "(1 to 100), got 'liev'; did you mean `live`?"),
    "Live": ("tier: warm", "status: Live", "(1 to 100), got 'Live'; did you mean `live`?"),
    "active": ("tier: warm", "status: active", "(1 to 100), got 'active'; did you mean `live`?"),
    "silen": ("tier: warm", "baseline: silen", "`top 20`, got 'silen'; did you mean `silent`?"),
    "unseen letter": ("tier: warm", "tier: warm\u200b", r"found `warm\u200b`"),
    "days": (WHEN, "{until: ends, at_most: 3}", "6:34: expected a number of days, hours or minutes"),
    "expires": ("tier: warm", "expires: 90", "such as 90d, 90h or 90m, got 90"),
    "half_life": ("count: Report Exported, within: 30d", "decayed: A, half_life: 7", "7m, got 7"),
    "requalify": ("tier: warm", "requalify: 60d", "expected `{after: 60d}` or `{signal: NAME, more: 10}`"),
    "of no use": ("count: Report", "days_since: Report", "this is of no use here; leave it out"),
    "no quotes": ('"{account} exports"', "{account}", "expected text; put text that begins with { in quotes"),
    "outside": ("  heavy:", "heavy:", "what belongs to one of them is indented below it"),
    "no tests": ("tests:", "tests:\nsuppress:", "10:7: expected a list, such as [one, two]; this is empty"),
    "no trait": ("{traits.plan}", "{traits.}", "9:13: a trait is named like {traits.plan}"),
    "trait": ("{traits.plan}", "{trait.plan}", "9:13: a trait is named like {traits.plan}"),
    "otherwise": ("{exports} exports", "{exports|no} exports", "only a trait may be missing"),
    "account": ("  people:", "  account:", "3:3: `{account}` means something else in titles and reasons"),
    "score": ("  people:", "  score:", "3:3: `{score}` means something else in titles and reasons"),
    "traits": ("  people:", "  traits:", "3:3: `{traits}` means something else in titles and reasons"),
    "x0": ("x2 by ada", "x0 by ada", f"19:9: `Report Exported x0` {EVENT}"),
    "3x": ("x2 by ada", "2x by ada", f"19:9: `Report Exported 2x` {EVENT}"),
    "by nobody": ("x2 by ada", "by", f"19:9: `Report Exported by` {EVENT}"),
    "Traits": ("0d traits", "0d Traits", f"13:9: `Traits` {EVENT}; write `traits`"),
    "Nothing": ("3d Report Exported x2 by ada", "3d Nothing", f"19:9: `Nothing` {EVENT}; write `nothing`"),
    "no rules": (GOOD[GOOD.index("rules:") :], "rules: {}", "r.yaml:4:8: expected at least 1 rule, such as"),
    "page": ("Report Exported x2", "page Pricing", f"`page Pricing` {EVENT}; for the call write `page/"),
    "Page": ("Report Exported x2", "Page / Pricing", f"{EVENT}; for the call write `page/Pricing`"),
    "any converts": ("tests:", "conversions: any\ntests:", "10:14: `any` is no conversion: name the events"),
    "identify": ("0d traits", "0d identify", "13:9: `identify` tells of people, and this file"),
    "no properties": ("x2 by ada", "x2 by ada:", "19:38: expected properties, such as {plan: trial}"),
    "brace in a line": ("traits: {plan", "traits {plan", "13:26: a colon is missing before the {"),
    "number in braces": ("{plan: trial}", "{plan: {n}}", 'that begins with { in quotes: plan: "{n}"'),
}  # fmt: skip


def test_the_file_that_all_mistakes_are_made_in_is_good() -> None:
    """What is told is told of the mistake."""
    assert ["heavy"] == list(parse({"r.yaml": GOOD}).files["r.yaml"].rules)


@pytest.mark.parametrize("name", ["Page Viewed", "Screen Shared", "Pageview", "pages/Read"])
def test_what_is_called_like_a_call_may_be_an_event(name: str) -> None:
    """One that no signal is about, as a story may hold."""
    assert parse({"r.yaml": GOOD.replace("Report Exported x2 by ada", name)})


@pytest.mark.parametrize(("old", "new", "fault"), CASES.values(), ids=CASES)
def test_a_mistake_is_answered_with_what_was_meant(old: str, new: str, fault: str) -> None:
    """The word of another language, a number in another notation, a call that is no event."""
    assert old in GOOD
    assert [one for one in faults_of(GOOD.replace(old, new, 1)) if fault in one]


@pytest.mark.parametrize(
    "change", [("fires at 3d", "fires on day 3"), ("name: three", "name: a\n    rule: hevy")]
)
def test_one_mistake_in_a_test_is_one_fault(change: tuple[str, str]) -> None:
    """The rule is not also said to lack the test that cannot be read."""
    assert 1 == len(faults_of(GOOD.replace(*change)))


@pytest.mark.parametrize("status", ["canary", "canary 200%", "quux"])
def test_nothing_is_meant_that_would_be_refused_as_well(status: str) -> None:
    """`canary` alone is no status; what is like nothing gets no hint."""
    (fault,) = faults_of(GOOD.replace("tier: warm", f"status: {status}"))

    assert fault.endswith(f"(1 to 100), got '{status}'")


def test_an_unread_line_of_a_timeline_is_one_fault() -> None:
    """It may be text or a name with properties, and is not told twice what it is not."""
    assert 1 == len(faults_of(GOOD.replace("x2 by ada", "x2 by ada:")))


def test_a_word_is_only_ever_answered_with_a_legal_one() -> None:
    """Other languages' words, and slips of the pen."""
    legal = list(keys(TraitCondition))

    assert {
        ">=": "at_least",
        "GT": "more_than",
        "starts with": "starts_with",
        "atleast": "at_least",
        "between": None,
        "quux": None,
        "is_not": None,
    } == {
        word: nearest(word, legal)
        for word in (">=", "GT", "starts with", "atleast", "between", "quux", "is_not")
    }
    assert nearest("any_of", legal) == "in"
    assert nearest("any_of", ["all", "any"]) == "any"


@pytest.mark.parametrize(
    ("bytes_", "place"),
    [(GOOD.encode("utf-16"), (1, 1)), (GOOD.replace("warm", "w\u00e4rm").encode("latin-1"), (7, 12))],
    ids=["utf-16", "latin-1"],
)
def test_a_file_that_is_not_utf_8_is_told_to_be_saved_so(
    tmp_path: Path, bytes_: bytes, place: tuple[int, int]
) -> None:
    """At the first byte that is not, beside the faults of other files."""
    (tmp_path / "a.yaml").write_bytes(bytes_)
    (tmp_path / "b.yaml").write_text(GOOD.replace("tier", "teir"), encoding="utf-8")
    with pytest.raises(RulesRejected) as rejected:
        load(tmp_path)

    first, second = rejected.value.faults
    assert ("a.yaml", *place) == first[:3]
    assert first.message.endswith("save the file as UTF-8")
    assert ("b.yaml", 7) == second[:2]


def test_files_that_begin_with_a_dot_are_no_rules(tmp_path: Path) -> None:
    """A copy on a foreign disk leaves `._heavy.yaml` behind; `.YAML` is what other systems write."""
    (tmp_path / "._heavy.yaml").write_bytes(b"\x00\x05\x16\x07")
    (tmp_path / "HEAVY.YAML").write_text(GOOD, encoding="utf-8")

    assert ["HEAVY.YAML"] == list(load(tmp_path).files)


def test_one_file_can_be_loaded_alone(tmp_path: Path) -> None:
    """Whatever lies beside it."""
    (tmp_path / "heavy.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {}", encoding="utf-8")

    assert ["heavy.yaml"] == list(load(tmp_path / "heavy.yaml").files)


def test_the_schema_knows_the_longest_windows() -> None:
    """An editor underlines what the check refuses, for every length that there is."""
    pattern = TypeAdapter(Within).json_schema()["pattern"]

    def is_legal(text: str) -> bool:
        try:
            window(text)
        except ValueError:
            return False
        return True

    lengths = [f"{count}{unit}" for count, unit in itertools.product(range(1_600), "mhd")]
    assert [one for one in lengths if is_legal(one)] == [one for one in lengths if re.search(pattern, one)]


def test_a_length_of_time_that_nothing_is_remembered_for_may_be_longer() -> None:
    """A cooldown costs an account no buckets."""
    cooldown = RuleFile.model_json_schema()["$defs"]["Rule"]["properties"]["cooldown"]["pattern"]

    assert re.search(cooldown, "9999d")
    assert list(parse({"r.yaml": GOOD.replace("tier: warm", "cooldown: 9999d")}).files)


def test_the_path_of_a_filter_is_no_property_of_that_name() -> None:
    """A story told with it would be silent for the wrong reason."""
    looking = GOOD.replace("within: 30d}", "within: 30d, where: {context.traits.role: admin}}")
    told = "`context.traits.role` is one property here, and the filter looks inside of another: write "

    assert [f"r.yaml:19:9: {told}{{context: {{traits: {{role: …}}}}}}"] == faults_of(
        looking.replace("x2 by ada", "x2 by ada: {context.traits.role: admin}")
    )


@pytest.mark.parametrize("said", ["plan.name: pro", "plan: {name: pro}"])
def test_an_object_may_be_told_flat_as_senders_flatten_it(said: str) -> None:
    """Both are the same property to a filter, and so to a story."""
    looking = GOOD.replace("within: 30d}", "within: 30d, where: {plan.name: pro}}")

    assert parse({"r.yaml": looking.replace("x2 by ada", f"x2 by ada: {{{said}}}")})
