"""Rule files load whole or say everything that is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from fakes.faulty_file import faults_of
from pql.core.errors import RuleFault
from pql.rules import signals
from pql.rules.faults import RulesRejected
from pql.rules.load import load, parse
from pql.rules.source import DEPTH_LIMIT, SIZE_LIMIT, Source
from pql.rules.tagged import kind_of

GOOD = """\
signals:
  integrations: {count: Integration Connected}
  invited: {distinct: invitee_email, of: Invite Sent, within: 14d, keep: 8}
scores:
  setup:
    - {points: 25, when: {signal: integrations, at_least: 1}}
    - {points: 15, when: {signal: invited, at_least: 2}}
rules:
  ready:
    when: {all: [{score: setup, at_least: 40}, {not: {trait: plan, is: paid}}]}
    title: "{account} is ready"
    reason: "{invited} people invited on {traits.plan}"
tests:
  - name: fires
    timeline: [0d Integration Connected, 1d Invite Sent x2]
    expect: fires at 1d
  - name: silent
    timeline: [0d Signed Up]
    expect: silent
"""


def test_a_good_file_loads() -> None:
    """The file that every other case is a broken copy of has nothing wrong with it."""
    assert ["ready"] == list(parse({"r.yaml": GOOD}).files["r.yaml"].rules)


CASES = {
    "count: Int": (
        "coun: Int",
        f"r.yaml:2:17: expected one of {', '.join(map(kind_of, get_args(signals.Kinds)))}; did you mean count?",
    ),
    "of: Invite Sent": ("off: Invite Sent", "r.yaml:3:38: unknown key `off`; did you mean `of`?"),
    "within: 14d": (
        "within: 14 days",
        "r.yaml:3:63: expected a number of days, hours or minutes such as 7d, 24h or 30m, got '14 days'",
    ),
    "signal: invited": ("signal: invitd", "r.yaml:7:26: unknown signal `invitd`; did you mean `invited`?"),
    "score: setup": ("score: set", "r.yaml:10:18: unknown score `set`; did you mean `setup`?"),
    "at_least: 40": (
        "at_least: 41",
        "r.yaml:10:18: score `setup` can reach 40 at most, never at least 41; give more points or lower the bound",
    ),
    "at_least: 2}": (
        "at_least: 9}",
        "r.yaml:7:26: signal `invited` can reach 8 at most, never at least 9; set `keep` of the signal to 9",
    ),
    "{invited}": ("{invite}", "r.yaml:12:13: unknown placeholder `invite`; did you mean `invited`?"),
    "{account}": (
        "{account",
        "r.yaml:11:12: a brace is missing its partner; placeholders look like {account}",
    ),
    "title: ": ("titel: ", "r.yaml:11:5: unknown key `titel`; did you mean `title`?"),
    "expect: silent": (
        "expect: quiet",
        "r.yaml:19:13: expected `silent` or `fires at <when>`, such as `fires at 2d`",
    ),
    "0d Signed Up": (
        "Signed Up",
        "r.yaml:18:16: expected `<when> <event> [x<times>] [by <user>]`, such as `2d Invite Sent x3 by ada`",
    ),
    "is: paid": (
        "is: paid, in: [a]",
        "r.yaml:10:54: expected exactly one of at_least, more_than, at_most, less_than, is, in, exists, starts_with, contains, found is, in",
    ),
    "  ready:": (
        "  Ready:",
        "r.yaml:9:3: a name is lower-case letters, digits and _, beginning with a letter; did you mean `ready`?",
    ),
    "keep: 8": (
        "keep: &k 8",
        "r.yaml:3:74: anchors, aliases and tags are not part of the rule language; quote the value",
    ),
    "0d Integration Connected": (
        "0d Integraton Conected",
        "r.yaml:15:16: no signal listens to `Integraton Conected`; did you mean `Integration Connected`?",
    ),
    "0d Signed Up]": (
        "0d Signed Up by ada lovelace]",
        "r.yaml:18:16: `Signed Up by ada lovelace` was read as the name of an event; write [x<times>] (to 9999) and [by <user>]",
    ),
    "within: 14d,": (
        "within: 14,",
        "r.yaml:3:63: expected a number of days, hours or minutes such as 14d, 14h or 14m, got 14",
    ),
    "{trait: plan, is: paid}": (
        "plan",
        "r.yaml:10:54: expected a condition such as {signal: NAME, at_least: 3}",
    ),
    "at_least: 1}": ('at_least: "1"}', "r.yaml:6:59: expected a number, without quotes: 1"),
    "count: Integration Connected": (
        "count: 404",
        "r.yaml:2:25: expected a name or a list of names; put it in quotes",
    ),
    "trait: plan, is: paid": (
        "trait: plan, '>=': 3",
        "r.yaml:10:68: unknown key `>=`; did you mean `at_least`?",
    ),
    "plan, is: paid": (
        "plan, is: [paid, pro]",
        "r.yaml:10:72: expected one value: text, a number, true or false; for several write `in: [one, two]`",
    ),
    "is: paid}": ("in: paid}", "r.yaml:10:72: expected a list, such as [paid]"),
    "is: paid}}": ("exists: yes}}", "r.yaml:10:76: expected true or false; for yes write true"),
    "keep: 8}": ("keep: 0}", "r.yaml:3:74: expected a number, at least 1"),
    "points: 25": ("points: 25%", "r.yaml:6:16: expected a number; 25% is 0.25"),
    "points: 15": ("points: 15d", "r.yaml:7:16: expected a number, without a unit; days are counted in days"),
    "{count: Integration Connected}": (
        "Integration Connected",
        "r.yaml:2:17: expected a signal such as {count: Report Created, within: 30d}",
    ),
    "- {points: 25, when: {signal: integrations, at_least: 1}}": (
        "- 25",
        "r.yaml:6:7: expected points such as {points: 25, when: {signal: NAME, at_least: 3}}",
    ),
    "of: Invite Sent,": ("of: [],", "r.yaml:3:42: expected at least 1 in the list, found none"),
    "distinct: invitee_email": ("distinct: ''", "r.yaml:3:23: expected text, and not an empty one"),
    "reason:": (
        "expires: 30\n    reason:",
        "r.yaml:12:14: expected a number of days, hours or minutes such as 30d, 30h or 30m, got 30",
    ),
    "    title": ("    when: 1\n    title", "r.yaml:11:5: `when` stands here twice"),
}


@pytest.mark.parametrize(("old", "new", "fault"), [(old, *case) for old, case in CASES.items()])
def test_fault_098_a_fault_names_its_place_and_the_nearest_legal_word(old: str, new: str, fault: str) -> None:
    """Each mistake is reported at its line and column, with what was expected there."""
    assert old in GOOD
    assert fault in faults_of(GOOD.replace(old, new, 1))


def test_every_repeated_key_of_a_file_is_told() -> None:
    """Also one inside what is repeated: whoever mends the first need not ask again for the next."""
    repeated = GOOD.replace("    title", "    when: {}\n    title").replace("count: I", "count: A, count: I")
    twice = "rules:\n  ready: {title: one, title: two}\n"

    assert [
        "r.yaml:2:28: `count` stands here twice",
        "r.yaml:11:5: `when` stands here twice",
        "r.yaml:21:1: `rules` stands here twice",
        "r.yaml:22:23: `title` stands here twice",
    ] == faults_of(repeated + twice)


def test_an_empty_file_is_told_what_belongs_in_it() -> None:
    """No class names, no jargon."""
    assert ["r.yaml:1:1: expected a rule file: signals, scores, rules and tests"] == faults_of("# nothing")


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("{n: {more: 1}}", "unknown key `more`; did you mean `more_than`?"),
        ("{n: {equals: 1}}", "unknown key `equals`; did you mean `is`?"),
        ("{n: {matches: a.*}}", "unknown key `matches`; did you mean `contains`?"),
        ("{n: [1, 2]}", "expected one value; for several write {in: [one, two]}"),
        ("{n: null}", "expected a value; for what is not there write {exists: false}"),
        ("{n: {more_than: 1, at_least: 3}}", "or a bound below and one above; found at_least, more_than"),
        ("{n: {not_in: [a]}}", "unknown key `not_in`; a filter has no `not`; expected one of at_least"),
        ("{n: {between: 3}}", "write `at_least` and `at_most`"),
        ("[n]", "expected names with something behind each, such as `name: {...}`"),
    ],
)
def test_fault_101_a_filter_knows_its_own_words(where: str, fault: str) -> None:
    """The nearest word is that of the comparison, not of the file; other languages' words are known."""
    listened = "{count: Integration Connected}"
    filtered = GOOD.replace(listened, f"{{count: Integration Connected, where: {where}}}")

    assert [one for one in faults_of(filtered) if one.startswith("r.yaml:2:") and fault in one]


def test_all_faults_are_reported_at_once() -> None:
    """Three mistakes in two files are three faults, in file order."""
    broken = GOOD.replace("signal: invited", "signal: invitd").replace("score: setup", "score: set")
    with pytest.raises(RulesRejected) as rejected:
        parse({"b.yaml": broken, "a.yaml": "rules: {}"})

    assert ["a.yaml", "b.yaml", "b.yaml"] == [fault.file for fault in rejected.value.faults]


def test_what_is_no_grammar_hides_nothing_of_what_stands_beside_it() -> None:
    """Names, placeholders and tests are looked at while another part of the file is not even grammatical."""
    broken = GOOD.replace("within: 14d", "within: 14 d").replace(
        "integrations, at_least: 1", "integration, at_least: 1"
    )
    broken = broken.replace("{invited} people", "{invted} people").replace(
        "expect: fires at 1d", "expect: fires on 1d"
    )

    assert [
        "r.yaml:3:63: expected a number of days, hours or minutes such as 7d, 24h or 30m, got '14 d'",
        "r.yaml:6:26: unknown signal `integration`; did you mean `integrations`?",
        "r.yaml:12:13: unknown placeholder `invted`; did you mean `invited`?",
        "r.yaml:16:13: expected `silent` or `fires at <when>`, such as `fires at 2d`",
    ] == faults_of(broken)


def test_what_there_is_is_told_once_while_part_of_it_is_no_grammar() -> None:
    """A name that stands in the file as it is written and as it is read is one name."""
    broken = GOOD.replace("within: 14d", "within: 14 d").replace("{invited} people", "{zzz} people")

    assert (
        "r.yaml:12:13: unknown placeholder `zzz`; there are account, score, integrations, invited, setup"
        in (faults_of(broken))
    )


def test_a_rule_without_a_firing_and_a_silent_test_does_not_load() -> None:
    """Tests are part of a rule."""
    untested = GOOD[: GOOD.index("tests:")]

    assert [
        "r.yaml:9:3: rule `ready` has no test in which it fires",
        "r.yaml:9:3: rule `ready` has no test in which it stays silent",
    ] == faults_of(untested)


def test_a_rule_id_belongs_to_one_file() -> None:
    """Two files cannot both define a rule or a score of one name."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"a.yaml": GOOD, "b.yaml": GOOD})

    assert [
        "b.yaml:5:3: `setup` stands among the scores of a.yaml already",
        "b.yaml:9:3: `ready` stands among the rules of a.yaml already",
    ] == str(rejected.value).splitlines()


def test_fault_098_no_rules_at_all_are_a_fault(tmp_path: Path) -> None:
    """An empty directory never means that there are no rules; it has neither lines nor columns."""
    with pytest.raises(RuleFault) as rejected:
        load(tmp_path)

    assert f"{tmp_path}: no rule files (*.yaml) here" == str(rejected.value)


def test_a_file_of_another_kind_is_told_what_rule_files_are_called(tmp_path: Path) -> None:
    """Whoever names one meant it: that there is none in it would be no answer."""
    other = tmp_path / "rules.json"
    other.write_text(GOOD, encoding="utf-8")

    with pytest.raises(RuleFault, match=r"the name of a rule file ends in \.yaml or \.yml"):
        load(other)


SURPRISES = {
    "words stay words": (
        "{a: no, b: 12:30, c: 0x1F, d: 2025-01-01}",
        {"a": "no", "b": "12:30", "c": "0x1F", "d": "2025-01-01"},
    ),
    "plain scalars are typed": ("{a: true, b: 3, c: 1.10, d: ~}", {"a": True, "b": 3, "c": 1.1, "d": None}),
}


@pytest.mark.parametrize(("text", "data"), SURPRISES.values(), ids=SURPRISES)
def test_fault_100_yaml_has_no_surprises(text: str, data: object) -> None:
    """Only true, false, null and plain numbers are anything but text."""
    assert data == Source("r.yaml", text).data


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [ls]",
        "a: &a [1]\nb: *a",
        "base: &b {x: 1}\nmore: {<<: *b}",
        "[" * 2_000 + "]" * 2_000,
        "a: " * 200,
        "a: [" * 100,
        "#" * 300_000,
        "a: 'open",
        "a: \x00",
        'a: "\\UFFFFFFFF"',
        'a: "\\U00110000"',
        "? [complex, key]\n: 1",
    ],
    ids=lambda text: text[:20],
)
def test_fault_100_hostile_yaml_is_refused_with_a_place(text: str) -> None:
    """Tags, aliases, merge keys, depth and size end as faults, never as anything else."""
    assert faults_of(text)[0].startswith("r.yaml:")


def test_fault_100_a_file_is_as_long_and_as_deep_as_may_be_and_no_more() -> None:
    """A byte more is refused before anything is read, a level more where it begins."""
    assert Source("r.yaml", "#" * SIZE_LIMIT).data is None
    assert ["r.yaml:1:1: a rule file may have 256 KiB at most"] == faults_of("#" * (SIZE_LIMIT + 1))
    assert Source("r.yaml", "[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT).data
    assert ["r.yaml:1:41: nested more than 40 levels deep"] == faults_of("[" * 41 + "]" * 41)


def test_a_letter_that_no_text_has_is_told_where_it_stands() -> None:
    """Whatever letters of several bytes stand before it."""
    assert ["r.yaml:2:5: a character that no text has: U+0007"] == faults_of("# äöü\na: b\x07\n")


def test_fault_102_a_pack_cannot_outgrow_what_one_write_carries() -> None:
    """Too many rules and too much memory are refused at load, where somebody can mend them."""
    many = "".join(f"  r{i}: {{when: {{signal: a, at_least: 1}}, title: t, reason: r}}\n" for i in range(81))
    wide = "".join(f"  s{i}: {{count: X, within: 744h}}\n" for i in range(20))
    faults = faults_of(f"signals:\n  a: {{count: X}}\n{wide}rules:\n{many}")

    assert [
        "r.yaml:19:3: with this signal an account could pass 100 KB; narrow a window or `keep`",
        "r.yaml:104:3: a pack may have 80 rules at most: all may fire in one transaction",
    ] == [one for one in faults if " a pack " in one or "100 KB" in one]


@pytest.mark.parametrize("merged", ["{a: {count: X}}", "[{a: {count: X}}]", "a"])
def test_a_merge_key_is_one_fault_that_says_so(merged: str) -> None:
    """Whatever it merges; in quotes it is a word, though never a good name."""
    fault = "r.yaml:2:3: merge keys (`<<`) are not part of the rule language; write out what they stand for"

    assert [fault] == faults_of(f"signals:\n  <<: {merged}\n  b: {{count: Y}}\n")
    assert {"<<": 1} == Source("r.yaml", '"<<": 1').data


def test_each_kind_of_subject_has_a_memory_of_its_own() -> None:
    """That accounts outgrow it is told, and that users do, each at the signal that is too much."""
    wide = "".join(f"  s{i}: {{count: X, within: 744h}}\n" for i in range(20))
    text = f"signals:\n{wide}rules:\n  NAME: {{when: {{signal: s1, at_least: 1}}, title: t, reason: r}}\n"
    with pytest.raises(RulesRejected) as rejected:
        parse({"a": text.replace("NAME", "one"), "b": "subject: user\n" + text.replace("NAME", "two")})

    told = [str(fault).partition("; ")[0] for fault in rejected.value.faults if "100 KB" in fault.message]
    assert [
        "a:18:3: with this signal an account could pass 100 KB",
        "b:19:3: with this signal a user could pass 100 KB",
    ] == told


def test_what_the_table_could_not_tell_apart_is_refused() -> None:
    """Signals and rules are stored by 32 bits of their meaning, and these two pairs share theirs."""
    signals_, rules = ("Event 51697", "Event 68511"), ("rule_109101", "rule_133777")
    of = "{when: {signal: %s, at_least: 1}, title: t, reason: r}"
    text = "signals:\n  a: {count: %s}\n  b: {count: %s}\nrules:\n  %s: %s\n  %s: %s\n"
    found = faults_of(text % (*signals_, rules[0], of % "a", rules[1], of % "b"))
    told = faults_of(text % (signals_[0], signals_[0], rules[0], of % "a", "other", of % "b"))

    chance = [one for one in found if "chance" in one]
    assert [
        "r.yaml:3:3: by chance this signal has the fingerprint of `a`",
        "r.yaml:6:3: by chance this rule has the fingerprint of `rule_109101`",
    ] == [one.partition("; ")[0] for one in chance]
    assert not [one for one in told if "chance" in one]


def test_a_window_has_a_bounded_number_of_buckets() -> None:
    """What an account remembers by the hour ends after a month."""
    file = GOOD.replace("within: 14d", "within: 745h")

    assert any("expected at most 1440m, 744h or 400d, got '745h'" in fault for fault in faults_of(file))


def test_a_rule_of_a_file_that_does_not_load_is_not_called_unknown() -> None:
    """One mistake is one fault."""
    over = (
        GOOD.replace("setup", "other")
        .replace("ready", "over")
        .replace("{trait: plan, is: paid}", "{rule: ready}")
    )
    with pytest.raises(RulesRejected) as rejected:
        parse({"a.yaml": GOOD.replace("title: ", "titel: "), "b.yaml": over})

    assert {"a.yaml"} == {fault.file for fault in rejected.value.faults}
