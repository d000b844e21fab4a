"""The rules that ship: every definition of the field is among them, and holds at its bounds."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pql.core.event import Event
from pql.core.lead import Lead
from pql.core.window import DAY
from pql.engine.lead import lead_of
from pql.engine.plan import Plan
from pql.engine.rehearsal import START, play, subject_of
from pql.engine.state import pack as packed
from pql.engine.state import unpack
from pql.engine.step import step
from pql.rules.links import names_in
from pql.rules.load import load
from pql.rules.timeline import Timeline

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "functions" / "rules"
PAGE = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
PACK = load(SHIPPED)
PLAN = Plan(PACK.rehearsed())
RULES = {rule: (name, one) for name, file in PACK.files.items() for rule, one in file.rules.items()}
DEFINITIONS = 21
# A visitor of a shop pays with every order, and may be asked again the week after.
PAYS_EACH_TIME = {"cart_left_behind"}
BUSY_BYTES = 9_000


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table under a heading of docs/packs.md, without its head."""
    section = PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("| ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.split("|")] for line in lines[2:]]


def test_every_definition_of_the_field_is_a_rule_that_ships() -> None:
    """The page names file and rule of each, and the rule stands in that file."""
    told = [(int(number), file, rule) for number, _, file, rule in rows("Definitions")]

    assert [*range(1, DEFINITIONS + 1)] == [number for number, *_ in told]
    assert [(RULES[rule][0], rule) for _, _, rule in told] == [
        (re.sub(r".*\((?:.*/)(.*)\)", r"\1", file), rule) for _, file, rule in told
    ]


def test_the_page_says_which_rules_are_announced() -> None:
    """Each rule once, with its status and tier."""
    told = {rule: (status, tier) for rule, status, tier, _ in rows("What is live")}
    real = {rule: (one.status, one.tier) for rule, (_, one) in RULES.items()}

    assert {rule: (s, t if isinstance(t, str) else "by score") for rule, (s, t) in real.items()} == told


def test_the_page_says_how_much_is_kept() -> None:
    """Signals with the same meaning, in whatever file, are kept once."""
    assert f"keep {len(Plan(PACK).signals)} signals of an account" in PAGE


def test_the_page_says_which_rules_are_missed_if_their_file_is_deleted() -> None:
    """Those that other files look at, beside the file that does."""
    looking = {
        name: {one.name for _, one in names_in(file) if one.what in ("rule", "lead")} - file.rules.keys()
        for name, file in PACK.files.items()
    }
    told = re.findall(r"`(\w+\.yaml)` looks at ((?:`\w+`[,\s]*(?:and\s)?)+)", PAGE)

    assert {name: rules for name, rules in looking.items() if rules} == {
        name: set(re.findall(r"`(\w+)`", rules)) for name, rules in told
    }


def test_a_page_of_the_deployed_default_is_quiet() -> None:
    """One rule for each of six topics is announced; whatever else ships is looked at first."""
    live = [name for name, one in RULES.values() if one.status == "live"]

    assert [
        "activation.yaml",
        "champion_quiet.yaml",
        "integration_depth.yaml",
        "limit_near.yaml",
        "team_expansion.yaml",
        "trial_ending.yaml",
    ] == live


def firing(rule: str) -> list[Timeline]:
    """Return the timelines in which a rule fires."""
    file = PACK.files[RULES[rule][0]]
    of_rule = [one for one in file.tests if (one.rule or next(iter(file.rules))) == rule]
    return [one for one in of_rule if one.expected()]


def leads(rule: str, timeline: Timeline) -> list[Lead]:
    """Return the leads of a rule in a timeline."""
    plan = PLAN.judging(rule)
    account = subject_of(plan, timeline)
    return [
        lead_of(plan, account, one)
        for scene in play(plan, account, timeline)
        for one in scene.fired
        if one.rule.name == rule
    ]


@pytest.mark.parametrize("rule", sorted(RULES.keys() - PAYS_EACH_TIME))
def test_who_has_subscribed_is_no_lead(rule: str) -> None:
    """Whatever makes the rule fire, after a subscription it does not."""
    for one in firing(rule):
        paid = one.model_copy(update={"timeline": ("0d Subscription Started", *one.timeline)})

        assert [] == leads(rule, paid), one.name


@pytest.mark.parametrize("rule", RULES)
def test_a_card_says_what_was_done_and_what_to_ask(rule: str) -> None:
    """Nothing is left to be filled in, and what is unknown stands behind a colon."""
    for one in firing(rule):
        for lead in leads(rule, one):
            words = f"{lead.title}. {lead.reason}"

            assert not re.search(r"[{}]|[^:] none\b", words), words
            assert lead.evidence
            assert RULES[rule][1].status == "draft" or re.search(r"\b(Ask|Call|Offer)\b", lead.reason)


def test_points_decide_how_hot_a_note_is() -> None:
    """Below 40 it is cold, below 70 warm, from 70 on hot."""

    def tier(employees: int, reports: int) -> str:
        story = [{"0d traits": {"employees": employees}}, f"1d Report Created x{reports}"]
        given = Timeline.model_validate({"name": "-", "timeline": story, "expect": "silent"})
        return leads("scored", given)[0].tier

    assert ["cold", "warm", "warm", "hot"] == [tier(9, 5), tier(9, 20), tier(900, 5), tier(900, 20)]


HEARD = sorted(
    {
        event
        for file in PACK.files.values()
        for signal in file.signals.values()
        for event in signal.names
        if event != "any"
    }
)


def busy(people: int, days: int, daily: int) -> Iterator[Event]:
    """Yield the events of an account in which everybody does everything that rules listen to."""
    chance = random.Random(1)  # noqa: S311 - the same account every time
    moments = sorted(START + chance.randrange(days * DAY) for _ in range(days * daily))
    for number, moment in enumerate(moments):
        properties = {
            "feature": chance.choice(["time_tracking", "reporting"]),
            "invitee_email": f"{chance.randrange(500)}@busy.test",
            "integration": f"tool {chance.randrange(40)}",
            "seats": chance.randrange(500),
            "gigabytes": chance.random(),
            "duration_minutes": chance.random(),
            "usage_tier": chance.choice(["starter", "plus", "max"]),
            "role": "admin",
            "limit": "data",
            "premium": True,
        }
        said = msgspec.Raw(msgspec.json.encode(properties))
        name, user = chance.choice(HEARD), f"person-{chance.randrange(people)}@busy.test"
        event = Event(
            id=hashlib.sha256(str(number).encode()).hexdigest()[:32],
            type="track",
            received=moment,
            time=moment,
            name=name,
            account="busy",
            user=user,
            properties=said,
            context=msgspec.Raw(b'{"traits": {"role": "owner"}}'),
        )
        yield event
        if number % 10 == 0:
            call = hashlib.sha256(f"call {number}".encode()).hexdigest()[:32]
            yield msgspec.structs.replace(event, id=call, type="group", name="", traits=said)


def test_a_busy_account_stays_small() -> None:
    """A month of sixty people with everything that any rule listens to is a few write units."""
    account = PLAN.account("a:busy")
    for event in busy(people=60, days=31, daily=100):
        step(PLAN, account, event)
    state = packed(PLAN, account)

    assert len(state) < BUSY_BYTES
    assert packed(PLAN, unpack(PLAN, "a:busy", state)) == state
