"""What is legal and can hardly be meant is told with its place and the code of its kind."""

from __future__ import annotations

import pytest

from pql.rules.lint import lint
from pql.rules.lint.loose_ends import event_names
from pql.rules.load import parse
from pql.rules.source import Source

FILE = """\
signals:
  reports: {count: Report Created, within: 30d}
  people: {distinct: users, of: any, keep: 8}
  views: {count: [Pricing, Plans], type: page}
scores:
  usage:
    - {points: 20, when: {signal: reports, at_least: 2}}
    - {points: 10, when: {signal: views, at_least: 2}}
rules:
  busy:
    when: {all: [{signal: reports, at_least: 3}, {signal: people, at_least: 2}]}
    tier: warm
    title: busy
    reason: busy
  keen:
    when: {score: usage, at_least: 30}
    tier: hot
    title: keen
    reason: keen
tests:
  - {name: a, rule: busy, timeline: [0d Report Created x3, 1d Report Created by ben], expect: fires at 1d}
  - {name: b, rule: busy, timeline: [0d Report Created], expect: silent}
  - {name: c, rule: keen, timeline: [0d Report Created x3, 1d page/Pricing x2], expect: fires at 1d}
  - {name: d, rule: keen, timeline: [0d Report Created], expect: silent}
"""
SILENT = """\
  - {name: e, rule: other, timeline: [0d Report Created x9], expect: fires at 0d}
  - {name: f, rule: other, timeline: [0d Report Created], expect: silent}
"""


BOOLEAN = "boolean-text: this is the text `{}`; for the boolean write `{}`, for the text quote it".format


def findings(text: str, events: str | None = None) -> list[str]:
    """Return the findings in one file, as they are printed."""
    pack = parse({"r.yaml": text})
    known = None if events is None else event_names(events.splitlines())
    return [str(one) for one in sorted(lint(pack, {"r.yaml": Source("r.yaml", text)}, known))]


def booleans(text: str, signals: str) -> list[str]:
    """Return what is said of words that look boolean in a file with more signals."""
    return [one for one in findings(text.replace("signals:\n", signals)) if "boolean" in one]


def with_rule(condition: str, more: str = "") -> str:
    """Return the file with one rule more, and tests that let it load."""
    rule = f"  other:\n    when: {condition}\n    title: t\n    reason: r\n{more}tests:\n"
    return FILE.replace("tests:\n", rule) + SILENT


def test_a_good_file_has_no_findings() -> None:
    """The file that every other case is a copy of is meant as it is."""
    assert [] == findings(FILE, "report_created\npage/pricing\npage/Plans")


CASES = {
    "{all: [{signal: reports, at_least: 3}, {signal: reports, less_than: 2}]}": (
        "r.yaml:21:11: never-true: this never holds: "
        "`reports at least 3` and `reports less than 2` exclude each other"
    ),
    "{any: [{signal: views, at_least: 9}, {signal: reports, less_than: 0}]}": (
        "r.yaml:21:48: never-true: this never holds: `reports less than 0` is out of reach"
    ),
    "{any: [{trait: plan, is: free}, {not: {trait: Plan, is: free}}]}": (
        "r.yaml:21:11: always-true: this holds for every account; leave it out or raise it"
    ),
    "{all: [{signal: people, at_least: 2}, {not: {signal: reports, less_than: 3}}]}": (
        "r.yaml:20:3: same-condition: the condition of `other` is that of `busy` in r.yaml"
    ),
    "{all: [{score: usage, at_least: 30}, {trait: plan, is: free}]}": (
        "r.yaml:20:3: shadowed: whenever `other` holds `keen` in r.yaml does, too, with the same tier and "
        "channels: give it another tier, or narrow the other one"
    ),
    "{all: [{ratio: reports, to_trait: seat, at_least: 2}, {ratio: reports, to_trait: seat, at_most: 1}]}": (
        "r.yaml:21:11: never-true: this never holds: "
        "`reports for each seat at least 2` and `reports for each seat at most 1` exclude each other"
    ),
    "{all: [{since: joined, at_least: 30d}, {since: Joined, at_most: 14d}]}": (
        "r.yaml:21:11: never-true: this never holds: "
        "`days since joined at least 30` and `days since Joined at most 14` exclude each other"
    ),
    "{all: [{since: ends, at_least: 1d}, {until: ends, at_most: 3d}]}": (
        "r.yaml:21:11: never-true: this never holds: "
        "`days since ends at least 1` and `days until ends at most 3` exclude each other"
    ),
    "{signal: reports, is: true}": (
        "r.yaml:21:11: never-true: this never holds: `reports is true` is out of reach"
    ),
    "{signal: views, at_least: 3}\n    unless: {signal: views, at_least: 1}": (
        "r.yaml:22:13: never-true: whenever `when` holds this does: `other` never fires"
    ),
    "{signal: views, at_least: 3}\n    until: {signal: views, at_least: 5}": (
        "r.yaml:22:12: never-again: whenever this holds `when` does, too: `other` fires once and never again"
    ),
}


def test_a_word_that_looks_boolean_in_a_step_is_told() -> None:
    """Steps have filters of their own, and a signal may hold a property."""
    signals = """\
signals:
  left: {unfollowed: {event: Set Up, where: {done: no}}, by: {event: [Set Up], where: {done: True}}}
  done: {latest: done, of: Set Up}
"""
    text = with_rule("{all: [{signal: left, at_least: 1}, {signal: done, is: FALSE}]}")
    told = booleans(text, signals)

    assert [
        f"r.yaml:2:52: {BOOLEAN('no', 'false')}",
        f"r.yaml:2:94: {BOOLEAN('True', 'true')}",
        f"r.yaml:23:66: {BOOLEAN('FALSE', 'false')}",
    ] == told


def test_a_word_that_looks_boolean_in_a_change_is_told() -> None:
    """Whatever it must have become, or come from, in whatever order."""
    signals = """\
signals:
  switched: {changes: sso, of: Set Up, from: no, to: [Yes, "yes", true]}
  raised: {changes: sso, of: Set Up, direction: up, order: [off, partly, "on"]}
"""
    told = booleans(with_rule("{signal: switched, at_least: 1}"), signals)

    assert [
        f"r.yaml:2:46: {BOOLEAN('no', 'false')}",
        f"r.yaml:2:55: {BOOLEAN('Yes', 'true')}",
        f"r.yaml:3:61: {BOOLEAN('off', 'false')}",
    ] == told


def test_a_word_that_looks_boolean_is_told() -> None:
    """Of traits and of properties, in lists too; one in quotes is meant."""
    text = with_rule(
        '{all: [{trait: sso, is: yes}, {trait: beta, in: [trial, Off]}, {trait: vat, is: "no"}]}'
    )
    signal = "signals:\n  fed: {count: Fed, where: {live: on, state: {contains: no}}}\n"
    told = booleans(text, signal)

    assert [
        f"r.yaml:2:35: {BOOLEAN('on', 'true')}",
        f"r.yaml:22:35: {BOOLEAN('yes', 'true')}",
        f"r.yaml:22:67: {BOOLEAN('Off', 'false')}",
    ] == told


@pytest.mark.parametrize(("condition", "told"), CASES.items())
def test_a_condition_that_cannot_be_meant_is_told(condition: str, told: str) -> None:
    """Each is told once, at the part that is wrong."""
    assert [told] == findings(with_rule(condition))


@pytest.mark.parametrize(("limit", "told"), [(1000, 1), ("1000.5", 0), ("seats", 0)])
def test_forecasts_of_one_limit_exclude_each_other(limit: object, told: int) -> None:
    """Those of two limits do not: how soon the one is reached says nothing of the other."""
    near, far = (
        "{forecast: level, reaches: 1000, within: 3d}",
        f"{{forecast: level, reaches: {limit}, within: 5d}}",
    )
    signal = "signals:\n  level: {gauge: n, of: Counted, within: 30d}\n"
    text = with_rule(f"{{all: [{near}, {{not: {far}}}]}}").replace("signals:\n", signal)
    says = (
        "r.yaml:22:11: never-true: this never holds: `days until level reaches 1,000 at most 3` and "
        "`days until level reaches 1,000 more than 5` exclude each other"
    )

    assert [says] * told == findings(text)


def test_no_days_are_less_than_none() -> None:
    """Nor is what fades, or a share: but all of them may be missing, so that not every bound is passed."""
    for signal in ("days_since: any", "unfollowed: A, by: B", "decayed: A, half_life: 3d", "top_share: any"):
        text = with_rule("{signal: left, less_than: 0}").replace(
            "signals:\n", f"signals:\n  left: {{{signal}}}\n"
        )

        assert ["r.yaml:22:11: never-true: this never holds: `left less than 0` is out of reach"] == findings(
            text
        )


def test_no_number_is_a_text_or_true() -> None:
    """Nor is one that may be missing; whatever a property holds may be."""
    for signal, told in (("max: v, of: A", 1), ("trend: any, within: 7d", 1), ("latest: v, of: A", 0)):
        for wrong in ("is: true", "starts_with: x", "in: [a, b]"):
            text = with_rule(f"{{signal: left, {wrong}}}")

            assert told == len(findings(text.replace("signals:\n", f"signals:\n  left: {{{signal}}}\n")))


def test_dates_that_can_both_be_are_no_contradiction() -> None:
    """Between two bounds, and of two traits."""
    for both in (
        "{since: a, at_least: 3d}, {since: a, at_most: 14d}",
        "{since: a, at_least: 3d}, {until: b, at_most: 3d}",
    ):
        assert [] == findings(with_rule(f"{{all: [{both}]}}"))


def test_a_rule_that_waits_for_leads_of_a_draft_is_told() -> None:
    """Its own tests see them, and nobody makes them; a draft may wait, and a rule for one that is none."""
    draft = FILE.replace("    title: busy", "    status: draft\n    title: busy")
    waits = "{rule: busy, fired_within: 9d}"
    told = "r.yaml:22:11: of-draft: `busy` is a draft and makes no leads but in tests: this never holds"

    def in_file(text: str, more: str = "") -> list[str]:
        rule = f"  other:\n    when: {waits}\n{more}    title: t\n    reason: r\ntests:\n"
        return findings(text.replace("tests:\n", rule) + SILENT)

    assert [[told], [], []] == [in_file(draft), in_file(draft, "    status: draft\n"), in_file(FILE)]


def test_a_stricter_rule_of_another_tier_is_no_shadow() -> None:
    """Warm at three and hot at nine is how tiers are meant."""
    assert [] == findings(with_rule("{all: [{signal: reports, at_least: 9}, {signal: people, at_least: 2}]}"))


def test_a_rule_that_a_wider_one_may_miss_is_no_shadow() -> None:
    """Where the wider rule keeps silent the stricter one has something to say."""
    text = with_rule("{all: [{score: usage, at_least: 30}, {trait: plan, is: free}]}")
    kept = text.replace("    tier: hot\n", "    tier: hot\n    unless: {trait: plan, is: free}\n")

    assert [] == findings(kept)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", 1),
        ("    channels: [emea]\n", 0),
        ("    status: shadow\n", 0),
        ("    unless: {trait: ours, is: true}\n", 1),
    ],
)
def test_a_rule_that_tells_others_than_a_wider_one_is_no_shadow(said: str, told: int) -> None:
    """By its channels, or by being in shadow; what it keeps silent of itself makes no difference."""
    text = with_rule("{all: [{score: usage, at_least: 30}, {trait: plan, is: free}]}", said)

    assert told == sum(" shadowed: " in one for one in findings(text))


def test_a_draft_covers_nothing() -> None:
    """Nobody is told of its leads, nor of those of another draft."""
    text = with_rule("{all: [{score: usage, at_least: 30}, {trait: plan, is: free}]}", "    status: draft\n")

    assert [] == findings(text.replace("    title: keen", "    status: draft\n    title: keen"))


def test_an_exit_that_arms_nothing_is_fine_where_time_or_evidence_does() -> None:
    """The rule fires again by what `requalify` says."""
    condition = "{signal: views, at_least: 3}\n    until: {signal: views, at_least: 5}"

    assert [] == findings(with_rule(condition, "    requalify: {after: 30d}\n"))


def test_a_score_that_nothing_looks_at_is_told() -> None:
    """As a signal is."""
    text = FILE.replace("scores:\n", "scores:\n  spare: [{points: 1, when: {signal: views, at_least: 1}}]\n")

    assert ["r.yaml:6:3: unused: nothing looks at score `spare`"] == findings(text)


def test_a_signal_that_nothing_looks_at_is_told() -> None:
    """At its name; one that only a card names is looked at."""
    extra = "signals:\n  spare: {count: Spare Part}\n"

    assert ["r.yaml:2:3: unused: nothing looks at signal `spare`"] == findings(
        FILE.replace("signals:\n", extra)
    )
    assert [] == findings(FILE.replace("signals:\n", extra).replace("title: busy", 'title: "{spare}"'))


def test_an_event_that_nobody_sends_is_told_with_the_nearest_name() -> None:
    """At the name itself, be it one of a list."""
    told = findings(FILE, "Report Createt\nSigned Up\npage/Pricing")

    assert [
        "r.yaml:2:20: unknown-event: nobody sends `Report Created`; did you mean `Report Createt`?",
        "r.yaml:4:28: unknown-event: nobody sends `Plans`",
    ] == told


def test_a_conversion_that_nobody_sends_is_told() -> None:
    """It would end no lead, and nothing would say so."""
    told = findings(
        "conversions: [Signed Up, Subscription Startd]\n" + FILE,
        "Report Created\nSigned Up\nSubscription Started",
    )

    assert [
        "r.yaml:1:26: unknown-event: nobody sends `Subscription Startd`; did you mean `Subscription Started`?"
    ] == told


def test_a_signal_of_any_type_is_let_be_if_one_of_them_is_sent() -> None:
    """Of several names each is looked for among tracked events and pages."""
    text = FILE.replace("[Pricing, Plans], type: page", "[Pricing, Plans], type: any")

    assert ["r.yaml:4:28: unknown-event: nobody sends `Plans`"] == findings(
        text, "Report Created\npage/Pricing"
    )


def test_a_list_of_tracked_events_says_nothing_about_pages() -> None:
    """What is not listed at all is not missing."""
    assert [] == findings(FILE, "Report Created")


def test_names_of_events_are_compared_as_signals_hear_them() -> None:
    """Case, spaces and underscores do not matter; comments and empty lines are no events."""
    assert {"track": {"signedup": "signed_up"}, "page": {"pricing": "Pricing"}} == event_names(
        ["signed_up", "", "# pages", "page/Pricing"]
    )


def crossed(sides: int, name: str = "rule", most: int = 3) -> str:
    """Return a rule that can hold in as many ways as two to the power of its sides."""
    each = "".join(
        f"[{{signal: a{i}, at_least: {most}}}, {{signal: b{i}, at_least: {most}}}]}}, {{any: "
        for i in range(sides)
    )
    return f"  {name}: {{when: {{all: [{{any: {each.removesuffix(', {any: ')}]}}, title: t, reason: r}}\n"


def of_alternatives(*rules: str) -> list[str]:
    """Return the findings in a file of such rules."""
    signals = "".join(f"  a{i}: {{count: A{i}}}\n  b{i}: {{count: B{i}}}\n" for i in range(10))
    names = [rule.split(":")[0].strip() for rule in rules]
    tests = "".join(
        f"  - {{name: f, rule: {name}, timeline: [0d A0], expect: fires at 0d}}\n"
        f"  - {{name: s, rule: {name}, timeline: [0d A1], expect: silent}}\n"
        for name in names
    )
    found = findings(f"signals:\n{signals}rules:\n{''.join(rules)}tests:\n{tests}")
    return [one for one in found if " unused: " not in one]


def test_what_is_too_much_to_be_looked_through_is_said() -> None:
    """No finding never means that nobody has looked."""
    place = "r.yaml:23:16: too-many-ways"

    assert [] == of_alternatives(crossed(9))
    assert [f"{place}: this can hold in more than 512 ways: what never does is not looked for"] == (
        of_alternatives(crossed(10))
    )
    assert [f"{place}: this can fail in more than 512 ways: what always holds is not looked for"] == (
        of_alternatives(crossed(10).replace("all:", "x:").replace("any:", "all:").replace("x:", "any:"))
    )


def test_rules_of_many_alternatives_are_not_compared_and_that_is_said() -> None:
    """Of each once, however many others there are like it."""
    told = "can hold in too many ways to be compared"
    others = [crossed(7, f"r{most}", most) for most in (1, 2, 3)]

    assert [
        f"r.yaml:24:3: too-many-ways: this and `r1` in r.yaml {told}",
        f"r.yaml:25:3: too-many-ways: this and `r1` in r.yaml {told}",
    ] == of_alternatives(*others)


def test_a_bar_of_many_alternatives_is_not_compared_and_that_is_said() -> None:
    """Whether the rule ever fires is not known."""
    when = crossed(7)
    bar = crossed(7, most=9).partition("when: ")[2].partition(", title")[0]

    assert [
        "r.yaml:23:3: too-many-ways: `when` and what ends or bars it can hold in too many ways to be compared"
    ] == of_alternatives(when.replace(", title", f", unless: {bar}, title"))
