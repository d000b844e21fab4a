"""`pql explain` of users and devices, with and without an account."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fakes.events import DAY, HOUR, START, event, group
from fakes.explaining import NOT, RULES, Captured, asked
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_outbox import MemoryOutbox
from pql.adapters.memory_store import MemoryStore
from pql.cli.explain.sources import Source
from pql.cli.explain.text import text
from pql.core.envelope import encode
from pql.flows.count import Counter
from pql.flows.explain import explain
from pql.flows.process import Processor


def test_a_lead_from_before_the_account_was_known_is_told_of_the_account() -> None:
    """Its tier and its life, and what it is called: it stands under the key of the user who became it."""
    store, plan = MemoryStore(), plan_of(RULES)
    processor = Processor(
        store,
        Counter(store, plan, 45, lambda _: None),
        MemoryArchive(),
        MemoryQuarantine(),
        horizon=7 * DAY,
        pause=lambda _: None,
    )
    for one in (event("r", account=None), group("g", at=HOUR)):
        processor.process([("m", encode([one]))], "batch", one.received, lambda: 60.0)
    source = Source(store, MemoryOutbox(store.leads), START + 2 * HOUR)
    acme = source.row("a:acme")
    assert acme is not None

    assert [
        "✓ lively: hot lead since 1 Jan 2025, 00:00 UTC (1st time)",
        "    made before the account was known, as u:ada/lively#1",
    ] == [*text(explain(plan, acme, source.now, source.lead, ["lively"]))][2:4]


PERSONAL = """
subject: user
signals: {mine: {count: Report Created, label: reports of theirs}}
rules:
  keen: {when: {signal: mine, at_least: 1}, title: "{user}", reason: r}
  keener: {when: {signal: mine, at_least: 2}, title: "{user}", reason: r}
"""


def test_a_user_is_explained_as_a_person_and_where_they_have_no_account(
    rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """By the rules of both kinds together, by the one that is named; a visitor by the id of the device."""
    log = tmp_path / "log.json"
    events = [event("r", account=None), event("s"), event("v", user=None, anonymous="x")]
    log.write_bytes(b"\n".join(map(msgspec.json.encode, events)))
    (rules / "people.yaml").write_text(PERSONAL + TESTS_OF_PEOPLE, encoding="utf-8")
    where = ("--events", log, "--rules", rules)

    def heads(*asked_for: str) -> list[str]:
        _, out, _ = asked(capsys, *asked_for, *where)
        return [line.partition(":")[0] for line in out.splitlines() if line[:1] in ("✓", NOT)]

    both = heads("ada", "--as", "user")
    assert ["✓ keen", "✓ keener"] == [one for one in both if "keen" in one]
    assert "✓ lively" in both
    assert ["✓ keener"] == heads("ada", "keener", "--as", "user")
    assert [f"{NOT} keener"] == heads("x", "keener", "--as", "anonymous")


def test_a_rule_about_people_wants_a_user(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """An account is none, a draft about people counts nothing, and a user is no account."""
    log = tmp_path / "log.json"
    log.write_bytes(b"\n".join(map(msgspec.json.encode, [event("r"), event("s", account=None, user="bob")])))
    people = rules / "people.yaml"
    where = ("--events", log, "--rules", rules)
    told = []
    for status in ("live", "draft"):
        people.write_text(PERSONAL.replace("reason: r", f"reason: r, status: {status}") + TESTS_OF_PEOPLE)
        told += [asked(capsys, *words, *where)[::2] for words in (["acme", "keen"], ["bob"])]
    draft = asked(capsys, "bob", "keen", "--as", "user", *where)[::2]

    about = "pql explain: `keen` is about people: pql explain acme keen --as user\n"
    nobody = "pql explain: nothing is counted for account bob; "
    nobody += "there is a user of that id: pql explain bob --as user\n"
    waits = "pql explain: `keen` is a draft about people: nothing is counted for it until it is live\n"
    assert [(1, about), (1, nobody), (1, waits), (1, nobody), (1, waits)] == [*told, draft]


TESTS_OF_PEOPLE = """
tests:
  - {name: a, rule: keen, timeline: [0d Report Created], expect: fires at 0d}
  - {name: b, rule: keen, timeline: [0d Signed Up], expect: silent}
  - {name: c, rule: keener, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: d, rule: keener, timeline: [0d Report Created], expect: silent}
"""
