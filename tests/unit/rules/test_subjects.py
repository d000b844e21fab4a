"""`subject: user`: the same language about single people, and what cannot be said of one."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from fakes.events import DAY, HOUR, event, group, identify
from fakes.histories import SIGNAL_TEXTS, lives
from fakes.people import ACCOUNTS, PEOPLE, pack_of
from fakes.slow_reference import slow_value
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.engine.state import pack, unpack
from pql.engine.step import step
from pql.engine.story import story
from pql.rules import signals
from pql.rules.faults import RulesRejected
from pql.rules.lint import lint
from pql.rules.load import parse
from pql.rules.source import Source
from pql.rules.tagged import kind_of

HISTORIES = 60
PERSON = "p:ada"
CROWDED = ("distinct: users", "users_each", "top_share", "champion_quiet", "by: user")
# Of people other calls tell.
OF_PEOPLE = {text.replace("type: group", "type: identify"): windows for text, windows in SIGNAL_TEXTS.items()}
ALLOWED = [text for text in OF_PEOPLE if not any(word in text for word in CROWDED)]
TESTS = """
tests:
  - {name: fires, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: silent, timeline: [0d Report Created], expect: silent}
"""


def faults_of(*texts: str) -> list[str]:
    """Return the faults of rule files, as they are printed."""
    with pytest.raises(RulesRejected) as rejected:
        parse({f"{name}.yaml": text for name, text in zip("rst", texts, strict=False)})
    return str(rejected.value).splitlines()


@pytest.mark.parametrize("text", ALLOWED)
def test_a_signal_says_of_a_person_what_a_look_at_the_whole_history_gives(text: str) -> None:
    """Though only events are counted that some signal listens to, stored and read again."""
    rule = "rules: {r: {when: {signal: s, is: no}, title: t, reason: r}}"
    plans = [
        Plan(pack_of(f"subject: user\nsignals: {{s: {{{text + within}}}}}\n{rule}")).of(PERSON)
        for within in OF_PEOPLE[text]
    ]
    for number, history in enumerate(lives(text, HISTORIES // len(plans) * len(plans))):
        plan = plans[number % len(plans)]
        person = plan.account(PERSON)
        for one in filter(plan.concerns, history):
            step(plan, person, one)
            person = unpack(plan, PERSON, pack(plan, person))
        signal, clock = plan.signals[0].signal, person.clock
        slow = slow_value(signal, history, clock)
        expected = pytest.approx(slow, rel=1e-12) if isinstance(slow, float) else slow

        assert (signal.words, number, expected) == (
            signal.words,
            number,
            signal.value_at(person.values[0], clock),
        )


def test_every_signal_is_either_tried_or_refused() -> None:
    """Whoever adds an element says what it means for one person."""
    tried = {text.partition(":")[0] for text in ALLOWED}

    assert {kind_of(one) for one in get_args(signals.Kinds)} - tried == {
        "users_each",
        "top_share",
        "champion_quiet",
    }


@pytest.mark.parametrize(
    ("signal", "place"),
    [
        ("{users_each: any, times: 2}", "3:11"),
        ("{top_share: any}", "3:11"),
        ("{champion_quiet: any, within: 30d}", "3:11"),
        ("{distinct: users, of: any}", "3:11"),
        ("{active_days: any, within: 7d, by: user}", "3:41"),
    ],
)
def test_what_tells_people_apart_is_refused_where_there_is_one(signal: str, place: str) -> None:
    """At the key that does it; in a file about accounts all of them are fine."""
    body = f"""\
signals:
  mine: {{count: Report Created}}
  crowd: {signal}
rules:
  keen: {{when: {{signal: mine, at_least: 3}}, title: t, reason: "{{crowd}}"}}
{TESTS.strip()}
"""
    line, column = place.split(":")

    assert [
        (
            f"r.yaml:{int(line) + 1}:{column}: "
            "this tells people apart, and with `subject: user` there is one; look at what they do"
        )
    ] == faults_of(f"subject: user\n{body}")
    assert ["keen"] == [*parse({"r.yaml": body}).files["r.yaml"].rules]


def test_a_subject_is_an_account_or_a_user() -> None:
    """Anything else is told with what there is."""
    assert ["r.yaml:1:10: expected `account` or `user`, found `company`"] == faults_of(
        "subject: company\n" + ACCOUNTS.strip() + TESTS
    )


def test_no_signal_is_called_as_the_subject_is() -> None:
    """A card could not say which of both is meant."""
    told = faults_of((PEOPLE.replace("mine", "user") + TESTS).lstrip())

    assert [one for one in told if "`{user}` means something else in titles and reasons" in one]


def test_a_card_names_the_subject_of_its_file() -> None:
    """Whoever turns a file about accounts into one about users is told what to write."""
    about_users = (PEOPLE.replace("{user}", "{account}") + TESTS).lstrip()
    about_accounts = (ACCOUNTS.replace("{account}", "{user}") + TESTS).lstrip()

    assert ["r.yaml:3:58: this file is about users: write {user}"] == faults_of(about_users)
    assert ["r.yaml:3:61: this file is about accounts: write {account}"] == faults_of(about_accounts)


def test_rules_about_people_and_about_accounts_do_not_look_at_each_other() -> None:
    """They are judged at different rows."""
    looking = (PEOPLE.replace("{signal: mine, at_least: 3}", "{rule: busy}") + TESTS).lstrip()
    back = (
        ACCOUNTS.replace("{signal: reports, at_least: 3}", "{rule: keen, fired_within: 9d}") + TESTS
    ).lstrip()

    assert [
        "r.yaml:3:22: rule `busy` is about accounts, and this file about users: neither knows of the other"
    ] == [one for one in faults_of(looking, ACCOUNTS + TESTS) if one.startswith("r.yaml:3")]
    assert any(
        "rule `keen` is about users, and this file about accounts" in one
        for one in faults_of(back, PEOPLE + TESTS)
    )


def test_a_rule_about_people_and_the_same_about_accounts_are_two_rules() -> None:
    """Their checksums differ, and lint does not take one for the other."""
    same = PEOPLE.replace("subject: user\n", "").replace("keen", "busy").replace("{user}", "{account}")
    texts = {"a.yaml": same + TESTS, "p.yaml": PEOPLE + TESTS}
    plan = Plan(parse(texts))
    assert plan.people is not None
    (one,), (other,) = plan.rules, plan.people.rules

    assert one.checksum != other.checksum
    assert [] == [*lint(parse(texts), {name: Source(name, text) for name, text in texts.items()})]


def test_suppression_holds_for_the_kind_of_subject_its_file_is_about() -> None:
    """An account of our own keeps no person from being a lead, nor the other way round."""
    ours = "suppress: [{trait: ours, is: true}]\n"
    for texts, silenced in (((ours + ACCOUNTS, PEOPLE), "busy"), ((ACCOUNTS, ours + PEOPLE), "keen")):
        plan = Plan(pack_of(*texts))
        fired = set()
        for subject, call in (("a:acme", group("g", ours=True)), ("p:ada", identify("i", ours=True))):
            judged = plan.of(subject)
            account = judged.account(subject)
            for one in (call, *(event(i, at=HOUR) for i in range(3))):
                fired |= {each.rule.name for each in step(judged, account, one)}

        assert {"busy", "keen"} - {silenced} == fired


@pytest.mark.parametrize(
    ("subject", "call", "expected"),
    [
        ("p:ada", identify("call", email="ada@ourselves.test"), 0),
        ("u:ada", identify("call", email="ada@ourselves.test"), 0),
        ("a:acme", identify("call", account="acme", email="ada@ourselves.test"), 1),
        ("a:acme", group("call", email="all@ourselves.test"), 0),
    ],
)
def test_suppression_reads_the_addresses_of_whom_its_file_is_about(
    subject: str, call: Event, expected: int
) -> None:
    """Of a person and of a user without an account, and not those of the people of an account."""
    about = "subject: user\n" if subject == "p:ada" else ""
    plan = Plan(
        pack_of(
            f'{about}suppress: [{{trait: email, contains: "@ourselves.test"}}]\n'
            "signals: {s: {count: Report Created}}\n"
            "rules: {r: {when: {signal: s, at_least: 1}, title: t, reason: r}}"
        )
    ).of(subject)
    account = plan.account(subject)

    assert expected == sum(len(step(plan, account, one)) for one in (call, event(1, at=HOUR)))


def test_a_timeline_in_a_file_about_users_is_about_the_person_it_begins_with() -> None:
    """What others do is not theirs; a test that fails tells its story of that person."""
    text = (
        PEOPLE
        + """
tests:
  - name: one
    timeline: [0d Report Created x2 by ben, 1d Report Created by ben]
    expect: fires at 1d
  - name: two
    timeline: [0d Report Created x2 by ben, 1d Report Created x2 by cyd]
    expect: silent
  - name: three
    timeline: [0d Report Created x3 by ben, 1d Report Created x2 by cyd]
    expect: fires at 1d
"""
    )
    files = parse(
        {
            "a.yaml": ACCOUNTS + TESTS,
            "p.yaml": text,
        }
    )
    plan = Plan(files)
    verdicts = [one for one in rehearse(plan, files) if one.file == "p.yaml"]
    chapters = [*story(plan, verdicts[2])]

    assert [True, True, False] == [one.passed for one in verdicts]
    assert [(0, ["0 → 3"]), (DAY, [])] == [
        (one.offset, [f"{each.before} → {each.after}" for each in one.changes]) for one in chapters
    ][:2]


def test_traits_in_a_timeline_about_a_person_are_theirs() -> None:
    """Each sets those of whoever it is by."""
    text = """
subject: user
rules: {pro: {when: {trait: plan, is: pro}, title: "{user}", reason: r}}
tests:
  - name: theirs
    timeline:
      - 0d Signed Up by ben
      - 1d traits by cyd: {plan: pro}
      - 2d traits by ben: {plan: pro}
    expect: fires at 2d
  - {name: silent, timeline: [0d Signed Up], expect: silent}
"""
    files = parse({"p.yaml": text})

    assert [True, True] == [one.passed for one in rehearse(Plan(files), files)]


def remembering(name: str, head: str = "") -> str:
    """Return a file of seven signals that come to more than half of what a row may hold."""
    wide = [f"  {name}{i}: {{distinct: {name}{i}, of: any, keep: 1000}}\n" for i in range(7)]
    rule = f"rules: {{{name}: {{when: {{signal: {name}0, at_least: 1}}, title: t, reason: r}}}}"
    return (
        f"{head}signals:\n{''.join(wide)}{rule}\n"
        f"""
tests:
  - {{name: fires, timeline: [{{"0d Report Created": {{{name}0: x}}}}], expect: fires at 0d}}
  - {{name: silent, timeline: [0d Report Created], expect: silent}}
"""
    )


def test_what_an_account_may_remember_and_what_a_person_may_are_two_limits() -> None:
    """Each is one row."""
    one, other = remembering("a"), remembering("b")

    assert 2 == len(parse({"r.yaml": one, "s.yaml": f"subject: user\n{other}"}).files)
    assert ["account"] == [re.findall("an (account) could pass", fault)[0] for fault in faults_of(one, other)]
    assert 1 == len(
        [
            fault
            for fault in faults_of(*(f"subject: user\n{each}" for each in (one, other)))
            if "a user could pass" in fault
        ]
    )
