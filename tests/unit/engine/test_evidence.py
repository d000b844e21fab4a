"""The lead says why: every operand with its value, its bound and the newest event behind it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from fakes.events import HOUR, START, event, group, identity
from fakes.plans import plan_of
from pql.core.keys import account_key, anonymous_key, is_person, person_key, user_key, visitor_key
from pql.core.lead import Lead, Operand, lead_id
from pql.engine.lead import lead_of
from pql.engine.plan import Plan
from pql.engine.step import step
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

RULE = """
signals:
  integrations: {count: Integration Connected}
  invited: {distinct: invitee_email, of: Invite Sent, within: 7d}
scores:
  setup:
    - {points: 25, when: {signal: integrations, at_least: 1}}
    - {points: 15, when: {signal: invited, at_least: 2}}
rules:
  ready:
    when: {all: [{score: setup, at_least: 25}, {not: {trait: plan, in: [paid, pro]}}]}
    tier: warm
    title: "{account} is ready"
    reason: "{integrations} integration, {score} points, on {traits.plan}"
"""


def the_lead() -> Lead:
    """Return the lead of an account that connected an integration."""
    plan = plan_of(RULE)
    account = plan.account("a:acme")
    step(plan, account, group(0, name="Acme & Söhne", plan="trial"))
    step(plan, account, event(1, "Invite Sent", at=HOUR, user="bob", properties={"invitee_email": "x"}))
    (fired,) = step(plan, account, event(2, "Integration Connected", at=2 * HOUR))
    return lead_of(plan, account, fired)


def test_fault_099_a_lead_names_account_rule_cycle_and_the_event_that_tipped_it() -> None:
    """The identity of a lead follows from subject, rule and cycle."""
    lead = the_lead()

    assert (lead_id("a:acme", "ready", 1), "acme", "account", "ready", 1, "warm", identity(2)) == (
        lead.id, lead.account_id, lead.subject, lead.rule, lead.cycle, lead.tier, lead.event_id,
    )  # fmt: skip
    assert (START + 2 * HOUR, plan_of(RULE).rules[0].checksum) == (lead.created, lead.checksum)


def test_the_words_of_a_lead_are_filled_in() -> None:
    """Placeholders become the account's name, its values and its traits."""
    lead = the_lead()

    assert ("Acme & Söhne is ready", "1 integration, 25 points, on trial") == (lead.title, lead.reason)


def test_every_operand_stands_in_the_evidence() -> None:
    """Parts of a score, the score itself and turned conditions each have their line."""
    assert [
        Operand(
            "Integration Connected",
            1,
            "at least",
            1,
            met=True,
            points=25,
            event_id=identity(2)[:16],
            at=START + 2 * HOUR,
        ),
        Operand(
            "different values of invitee_email in Invite Sent in the last 7 days",
            1,
            "at least",
            2,
            met=False,
            points=15,
            event_id=identity(1)[:16],
            at=START + HOUR,
        ),
        Operand("score setup", 25, "at least", 25, met=True),
        Operand("plan", "trial", "is none of", ["paid", "pro"], met=True),
    ] == the_lead().evidence


def test_the_most_active_people_come_first() -> None:
    """People are ranked by events, then by how recently they were there."""
    assert [("ada", 1), ("bob", 1)] == [(person.id, person.events) for person in the_lead().people]


WHO = """
signals:
  settings: {count: Settings Changed}
  alone: {top_share: Report Created}
  readers: {distinct: users, of: Report Read}
rules:
  changed:
    when:
      all: [{signal: settings, at_least: 1}, {signal: alone, exists: true}, {signal: readers, at_least: 0}]
    title: t
    reason: r
"""


def changed_by(boss: str, *others: tuple[str, str, int]) -> Lead:
    """Return the lead that the boss makes by changing the settings after what others did so many times."""
    plan = plan_of(WHO)
    account = plan.account("a:acme")
    for user, name, times in others:
        for turn in range(times):
            step(plan, account, event((user, name, turn), name, at=HOUR, user=user))
    (fired,) = step(plan, account, event("settings", "Settings Changed", at=2 * HOUR, user=boss))
    return lead_of(plan, account, fired)


def test_who_made_it_a_lead_is_named_first() -> None:
    """Then the champion a signal is about, then those it counts, and only then who was merely active."""
    told = [("eve", "Report Created", 2), ("ann", "Report Read", 1), ("joe", "Signed In", 9)]
    lead = changed_by("boss", *told)

    assert [("boss", 1, "did"), ("eve", 2, "champion"), ("ann", 1, "counted"), ("joe", 9, None)] == [
        (one.id, one.events, one.role) for one in lead.people
    ]
    assert not lead.people_partial


def test_a_list_of_five_says_that_there_are_more() -> None:
    """Whether a sixth is cut off or never was counted apart; who did it stands in it all the same."""
    for crowd in (5, 60):
        lead = changed_by("boss", *((f"user-{n}", "Report Created", 2) for n in range(crowd)))

        assert ("boss", "did", 5, True) == (
            lead.people[0].id, lead.people[0].role, len(lead.people), lead.people_partial,
        )  # fmt: skip


def test_each_file_calls_a_signal_by_its_own_words() -> None:
    """Files that mean the same share what is remembered, and neither speaks for the other."""
    text = "signals: {{s: {{count: Report Created, label: {0}}}}}\n"
    text += "rules: {{{0}: {{when: {{signal: s, at_least: 1}}, title: t, reason: r}}}}"
    files = {name: RuleFile.model_validate(Source(name, text.format(name)).data) for name in ("one", "two")}
    plan = Plan(Pack(files))
    account = plan.account("a:acme")
    leads = [lead_of(plan, account, fired) for fired in step(plan, account, event(1))]

    assert 1 == len(plan.signals)
    assert [("one", "one"), ("two", "two")] == [(lead.rule, lead.evidence[0].words) for lead in leads]


def test_the_checksum_follows_the_meaning_and_not_the_words() -> None:
    """A new title leaves the checksum alone; a new bound, of the rule or of its signals, changes it."""
    plans = [plan_of(RULE), plan_of(RULE.replace("is ready", "can be called"))]
    changed = [
        plan_of(RULE.replace(old, new))
        for old, new in (("at_least: 25", "at_least: 30"), ("7d", "8d"), ("points: 15", "points: 16"))
    ]

    assert 1 == len({plan.rules[0].checksum for plan in plans})
    assert 4 == len({plan.rules[0].checksum for plan in [plans[0], *changed]})


PARTS = """
signals:
  reports: {count: Report Created, within: 7d}
  invited: {count: Invite Sent}
scores:
  whole: [{score: usage, weight: 0.5}, {bands: {50: 5, 200: 15}, trait: employees}]
  usage: [{points: 4, per: reports, up_to: 10}, {bands: {3: 2}, signal: invited}]
rules:
  ready:
    when: {all: [{score: whole, at_least: 5}, {rule: busy}, {not: {rule: busy, fired_within: 2d}}]}
    unless: {trait: plan, is: paid}
    tier: {score: whole, hot: 20, warm: 9}
    severity: high
    channels: [sales]
    owner: growth
    runbook: "Call {account}."
    card: ["{reports} reports", "{traits.employees} people"]
    title: "{account}"
    reason: r
  busy: {when: {signal: reports, at_least: 3}, title: t, reason: r, baseline: none, status: shadow}
"""


def leads(employees: int = 250, reports: int = 3) -> dict[str, Lead]:
    """Return the leads of an account of that size that became busy; time made the other one."""
    plan = plan_of(PARTS)
    account = plan.account("a:acme")
    found = {}
    story = [group("g", employees=employees, name="Acme"), *(event(i) for i in range(reports))]
    for one in [*story, event("later", "Signed In", at=96 * HOUR)]:
        for fired in step(plan, account, one):
            found[fired.rule.name] = lead_of(plan, account, fired)
    return found


def test_every_part_of_a_score_and_every_rule_looked_at_stands_in_the_evidence() -> None:
    """What is behind something comes before it, with the points it gave."""
    newest = {"event_id": identity(2)[:16], "at": START}
    reports = "Report Created in the last 7 days"

    assert [
        Operand(reports, 3, "4 points each, up to", 10, met=True, points=10, **newest),
        Operand("Invite Sent", 0, "at least", 3, met=False, points=2),
        Operand("score usage", 10, "times", 0.5, met=True, points=5),
        Operand("employees", 250, "at least", 200, met=True, points=15),
        Operand("score whole", 20, "at least", 5, met=True),
        Operand(reports, 3, "at least", 3, met=True, **newest),
        Operand("rule busy holds", True, "is", True, met=True),  # noqa: FBT003 - a value
        Operand("lead by busy in the last 2 days", False, "is", False, met=True),  # noqa: FBT003 - a value
        Operand("score whole", 20, "at least", 20, met=True),
        Operand("plan", None, "is not", "paid", met=True),
    ] == leads()["ready"].evidence


def test_the_tier_of_a_lead_is_the_highest_that_its_score_reached() -> None:
    """And the score is the one that decides it."""
    told = [leads(employees)["ready"] for employees in (250, 60, 10)]

    assert [("hot", 20), ("warm", 10), ("cold", 5)] == [(lead.tier, lead.score) for lead in told]


def test_a_lead_carries_what_its_rule_says_of_itself() -> None:
    """Filled in where it names something."""
    lead = leads()["ready"]

    assert ("high", ["sales"], "growth", "Call Acme.", ["3 reports", "250 people"]) == (
        lead.severity, lead.channels, lead.owner, lead.runbook, lead.card,
    )  # fmt: skip


def test_a_lead_in_shadow_says_so() -> None:
    """It is made like any other."""
    assert {"ready": "live", "busy": "shadow"} == {name: lead.status for name, lead in leads().items()}


@pytest.mark.parametrize(
    ("kind", "key_of"),
    [
        ("account", account_key),
        ("user", user_key),
        ("anonymous", anonymous_key),
        ("user", person_key),
        ("anonymous", visitor_key),
    ],
)
def test_a_long_id_is_told_as_it_was_sent(kind: str, key_of: Callable[[str], str]) -> None:
    """Of whomever a lead is, its key is a hash by then."""
    key = key_of(long := "x" * 300)
    about = "user" if is_person(key) else "account"
    plan = plan_of(f"subject: {about}{RULE.replace('{account}', '{user}')}").of(key)
    account = plan.account(key)
    who = {"account": None, "user": None, kind: long}
    (fired,) = step(plan, account, event(0, "Integration Connected", **who))

    assert long == lead_of(plan, account, fired).account_id


def test_no_id_makes_a_lead_too_large_for_its_transaction() -> None:
    """A hundred leads have 4 MB; a key of the account is a hash by then, and the id is cut."""
    plan = plan_of(RULE)
    account = plan.account(account_key("x" * 150_000))
    step(plan, account, group(0, account="x" * 150_000, plan="trial"))
    (fired,) = step(plan, account, event(2, "Integration Connected", at=HOUR, account="x" * 150_000))

    assert len(msgspec.json.encode(lead_of(plan, account, fired))) < 8_000
