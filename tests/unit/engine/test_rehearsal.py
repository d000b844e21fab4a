"""Timelines run through the same step as live events, and time passes in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pql.engine.plan import Plan
from pql.engine.rehearsal import START, Rehearsed, events_of, rehearse
from pql.engine.story import Chapter, story
from pql.rules.faults import RulesRejected
from pql.rules.load import parse
from pql.rules.timeline import Timeline, spoken

QUIET = """\
signals:
  lately: {{count: Report Created, within: 2d}}
  ever: {{count: Report Created}}
rules:
  quiet:
    when: {{all: [{{signal: lately, less_than: 1}}, {{signal: ever, at_least: 3}}]}}
    title: t
    reason: r
tests:
  - {{name: subject, timeline: [{lines}], expect: {expect}}}
  - {{name: fires, timeline: [0d Report Created x3, 9d nothing], expect: fires at 2d}}
  - {{name: silent, timeline: [0d Report Created x3], expect: silent}}
"""


def rehearsed(lines: str, expect: str) -> tuple[Rehearsed, list[Chapter]]:
    """Return the verdict on a timeline under the rule `quiet`, and its story."""
    pack = parse({"r.yaml": QUIET.format(lines=lines, expect=expect)})
    plan = Plan(pack)
    verdict = next(rehearse(plan, pack))
    return verdict, list(story(plan, verdict))


@pytest.mark.parametrize(
    ("lines", "expect"),
    [
        ("0d Report Created x3", "silent"),
        ("0d Report Created x3", "fires at 2d"),
        ("0d Report Created x3, 1d23h nothing", "silent"),
        ("0d Report Created x3, 9d nothing", "fires at 2d"),
        ("0d Report Created x3, 1d Report Created", "fires at 3d"),
        ("0d Report Created x3, 9d Signed Up", "fires at 2d"),
        ("9d Signed Up, 0d Report Created x3", "fires at 2d"),
        ("0d Report Created x2, 9d nothing", "silent"),
    ],
)
def test_time_passes_until_the_last_line_or_the_last_expected_firing(lines: str, expect: str) -> None:
    """What only time makes true fires at its own moment, whoever looks, and in whatever order it is told."""
    verdict, _ = rehearsed(lines, expect)

    assert (verdict.expected, True) == (verdict.fired, verdict.passed)


def test_a_story_tells_what_time_alone_did() -> None:
    """A firing without an event has a chapter of its own, and what changed by then."""
    _, chapters = rehearsed("0d Report Created x3, 9d nothing", "silent")
    day = 86_400_000

    assert [
        (0, "Report Created x3", False),
        (2 * day, "(time passes)", True),
        (9 * day, "nothing", False),
    ] == [(one.offset, one.line, one.fired) for one in chapters]
    assert [("3", "0", True)] == [(one.before, one.after, one.met) for one in chapters[1].changes]


def test_a_moment_at_which_the_rule_was_to_fire_says_what_was_lacking() -> None:
    """In its place in time, though no line is there."""
    _, chapters = rehearsed("0d Report Created x2, 5d Report Created", "fires at 3d")

    assert ["Report Created x2", None, "Report Created"] == [one.line for one in chapters][:3]
    assert ["Report Created: 2 (at least 3)"] == list(chapters[1].lacking)
    assert [("2", "0", True)] == [(one.before, one.after, one.met) for one in chapters[1].changes]


def test_a_moment_at_which_the_rule_was_kept_back_says_by_what() -> None:
    """Its condition holds: what does not is a part of a score, and is not to blame."""
    text = """\
signals: {ever: {count: Report Created}, later: {count: Report Created, within: 1d}}
scores:
  keen: [{points: 5, when: {signal: ever, at_least: 1}}, {points: 5, when: {signal: later, at_least: 9}}]
rules: {keen: {when: {score: keen, at_least: 5}, unless: {trait: plan, is: paid}, title: t, reason: r}}
tests:
  - {name: a, timeline: ["0d traits": {plan: paid}, 1d Report Created], expect: fires at 1d}
  - {name: b, timeline: [0d Report Created], expect: "fires at 0d, 3d"}
  - {name: c, timeline: [0d Signed Up], expect: silent}
"""
    pack = parse({"r.yaml": text})
    plan = Plan(pack)
    barred, again = ([*story(plan, one)][-1] for one in [*rehearse(plan, pack)][:2])

    assert ([], ["`unless` keeps it from firing: plan: paid"]) == (barred.lacking, barred.kept)
    assert [] == again.lacking
    assert "another lead is possible once it has ceased to hold" in again.kept


def test_a_story_is_the_same_as_the_verdict() -> None:
    """The rule fires in the story when it fired in the verdict."""
    for lines in ("0d Report Created x3, 9d nothing", "0d Report Created x3, 4d Report Created, 9d nothing"):
        verdict, chapters = rehearsed(lines, "silent")

        assert verdict.fired == [one.offset for one in chapters if one.fired]


BUSY = """\
signals:
  lately: {count: Report Created, within: 2d}
rules:
  busy: {when: {signal: lately, at_least: 3}, title: t, reason: r}
  lasting: {when: {trait: plan, is: trial}, requalify: {after: 90d}, title: t, reason: r}
tests:
  - {name: a, rule: busy, timeline: [0d Report Created x2], expect: fires at 5d}
  - {name: b, rule: busy, timeline: [0d Report Created], expect: silent}
  - name: c
    rule: lasting
    timeline: [0d Signed Up x3, 0d traits x2: {plan: "{n}"}, 0d traits x9: {plan: trial}]
    expect: fires at 0d, 90d
  - {name: d, rule: lasting, timeline: [0d Signed Up], expect: silent}
"""


def test_a_story_shows_windows_as_they_stand_at_the_moment() -> None:
    """What has left a window by then is not counted, though nothing has happened since."""
    pack = parse({"r.yaml": BUSY})
    plan = Plan(pack)
    *_, last = story(plan, next(rehearse(plan, pack)))

    assert ["Report Created in the last 2 days: 0 (at least 3)"] == list(last.lacking)


def test_moments_are_told_by_the_minute() -> None:
    """Ninety days after the third second of a line is ninety days after the line."""
    pack = parse({"r.yaml": BUSY})
    verdicts = {one.name: one for one in rehearse(Plan(pack), pack)}

    assert verdicts["c"].expected == verdicts["c"].fired


def test_properties_inside_the_quotes_are_no_part_of_a_name() -> None:
    """A quoted line would be an event of a curious name, and its test would prove nothing."""
    quoted = BUSY.replace("[0d Report Created x2]", '["0d Report Created x2: {format: pdf}"]')
    with pytest.raises(RulesRejected, match=r"r\.yaml:7:38: the properties are inside the quotes"):
        parse({"r.yaml": quoted})


CALLS = """\
{subject}
signals:
  looks: {{count: Pricing, type: page}}
  homes: {{count: Home, type: screen, where: {{size: {{at_least: 2, less_than: 4}}}}}}
rules:
  keen:
    when: {{any: [{{trait: plan, is: pro}}, {{signal: looks, at_least: 1}}, {{signal: homes, at_least: 1}}]}}
    title: t
    reason: r
tests:
  - {{name: fires, timeline: [0d page/Pricing], expect: fires at 0d}}
  - {{name: silent, timeline: [0d Signed Up], expect: silent}}
  - name: subject
    timeline:
      - 0d Signed Up
      - {line}
      - 9d nothing
    expect: silent
"""


@pytest.mark.parametrize(
    ("line", "account", "user"),
    [
        ("1d traits: {plan: pro}", ["1d"], ["1d"]),
        ("1d group: {plan: pro}", ["1d"], None),
        ("1d identify: {plan: pro}", None, ["1d"]),
        ("1d identify: {role: pro}", [], []),
        ("1d12h page/Pricing", ["1d12h"], ["1d12h"]),
        ("1d screen/Home: {size: 3}", ["1d"], ["1d"]),
        ("1d screen/Home: {size: 4}", [], []),
        ("1d page/Home: {size: 3}", [], []),
        ("1d page Pricing", None, None),
    ],
)
@pytest.mark.parametrize("subject", ["account", "user"])
def test_every_call_has_its_form_in_a_timeline(
    line: str, account: list[str] | None, user: list[str] | None, subject: str
) -> None:
    """One that tells somebody else of a trait that is looked at is refused, and so is one that is no form."""
    expected = {"account": account, "user": user}[subject]
    text = CALLS.format(subject=f"subject: {subject}", line=line)
    if expected is None:
        with pytest.raises(RulesRejected):
            parse({"r.yaml": text})
    else:
        pack = parse({"r.yaml": text})
        verdict = list(rehearse(Plan(pack), pack))[-1]
        assert expected == [spoken(one) for one in verdict.fired]


def test_a_timeline_is_told_as_the_page_says() -> None:
    """From a midnight, in the order of its moments, a second apart, by ada."""
    timeline = Timeline(name="t", timeline=("1d B", "0d A x2", "2d C by ben"), expect="silent")
    events = [one for moment in timeline.moments() for one in events_of(moment, 0)]

    assert "2025-01-01T00:00:00+00:00" == datetime.fromtimestamp(START / 1000, UTC).isoformat()
    assert ["ada", "ada", "ada", "ben"] == [one.user for one in events]
    assert [86_400_000, 0, 1_000, 172_800_000] == [one.time - START for one in events]


def test_the_lines_of_a_story_are_read_once_however_many_events_they_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever it is about is looked for once: 20 lines of 50 events are no thousand readings."""
    lines = ", ".join(f"{minute}m Report Created x50" for minute in range(20))
    pack = parse({"r.yaml": f"subject: user\n{QUIET.format(lines=lines, expect='silent')}"})
    readings = []
    read = Timeline.moments
    monkeypatch.setattr(Timeline, "moments", lambda one: readings.append(one.name) or read(one))

    next(rehearse(Plan(pack), pack))

    assert readings.count("subject") < 5
