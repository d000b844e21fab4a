"""Every call that a function makes of AWS or of a provider goes wrong in every way, and nothing shows.

What `test_crash_points` does at the ports is done here below boto3: with the handlers that are deployed,
their clients and what botocore retries by itself, from the front door to Slack and a webhook.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fakes.events import DAY, HOUR, START
from fire.cloud import Cloud, Morning, body_of, cloud
from fire.faults import WAYS, Way
from fire.wire import Wire
from pql.adapters.dynamo_store import DynamoStore
from pql.core.errors import Conflict
from pql.core.plain_words import iso

ACCOUNTS = """
conversions: [Order Completed]
signals: {reports: {count: Report Created}, idle: {days_since: Report Created}}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}
  quiet: {when: {all: [{signal: idle, at_least: 14}, {signal: reports, at_least: 3}]}, title: t, reason: r}
tests:
  - {name: three, rule: busy, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: one, rule: busy, timeline: [0d Report Created], expect: silent}
  - {name: quiet, rule: quiet, timeline: [0d Report Created x3, 14d nothing], expect: fires at 14d}
  - {name: not yet, rule: quiet, timeline: [0d Report Created x3, 13d nothing], expect: silent}
"""
PEOPLE = """
subject: user
signals: {mine: {count: Report Created}}
rules: {keen: {when: {signal: mine, at_least: 3}, title: "{user}", reason: "{mine}"}}
tests:
  - {name: three, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: one, timeline: [0d Report Created], expect: silent}
"""


def rules_in(folder: Path) -> Path:
    """Write the rules of the story."""
    (folder / "accounts.yaml").write_text(ACCOUNTS)
    (folder / "people.yaml").write_text(PEOPLE)
    return folder


def call(key: str, kind: str = "track", *, at: int = 0, **more: Any) -> dict[str, Any]:
    """Return an event as an SDK sends it, `at` ms after the start."""
    named = {"event": "Report Created"} if kind == "track" else {}
    return {"type": kind, "messageId": key, "timestamp": iso(START + at), **named, **more}


CHAPTERS = [
    [call("x", anonymousId="dev")],
    [
        call("i", "identify", anonymousId="dev", userId="ada", at=HOUR),
        call("g", "group", userId="ada", groupId="acme", at=HOUR),
        call("y", userId="ada", at=HOUR),
    ],
    [call("z", userId="ada", groupId="acme", at=2 * DAY)],
    [call("o", userId="ada", event="Order Completed", at=3 * DAY)],
    [],
]
# In this chapter nobody reads the stream.
LOST = 2
# What botocore attempts again is broken at the first attempt, and at every one.
FATES: Sequence[tuple[Way, bool]] = [
    *((way, False) for way in WAYS),
    ("request lost", True),
    ("response lost", True),
    ("throttled", True),
]
RECEIVER = "POST 127.0.0.1/leads"
EVERYTHING = os.environ.get("PQL_CALLS") == "all"
END: dict[str, Any] = {
    "counted": {"a:acme": 3, "p:ada": 3},
    "leads": {"a:acme busy#1": "converted", "a:acme quiet#1": "open", "p:ada keen#1": "converted"},
    "archived": 6,
    "cards": [1, 1, 1],
}


class Story:
    """A visitor becomes a user of an account, whose leads the stream loses; they buy, and then it is quiet.

    It is told once in peace: `called` are the calls of each chapter. Between two nobody works, and all
    sandboxes end; so what begins with a chapter need not be told from the beginning.
    """

    def __init__(self, deployed: Cloud, *, doubled: bool) -> None:
        self._deployed = deployed
        self._copies = 1 + doubled
        self._mornings: list[Morning] = []
        self.called: list[list[str]] = []
        deployed.begin(Wire())
        for chapter in range(len(CHAPTERS)):
            self._mornings.append(deployed.morning())
            wire = Wire()
            deployed.resume(self._mornings[-1], wire)
            self._tell(chapter)
            self.called.append(wire.called)
        self.end = self._end()

    def told(self, wire: Wire, since: int) -> dict[str, Any]:
        """Tell it from one chapter on over this wire, and return what has become of it."""
        self._deployed.resume(self._mornings[since], wire)
        for chapter in range(since, len(CHAPTERS)):
            self._tell(chapter)
        return self._end()

    def _tell(self, chapter: int) -> None:
        deployed, events = self._deployed, CHAPTERS[chapter]
        deployed.now = max(deployed.now, START + (chapter if events else 20) * DAY)
        for _ in range(self._copies if events else 0):
            deployed.send(body_of(START + chapter * DAY, *events))
        deployed.settle(loses_stream=chapter == LOST)

    def _end(self) -> dict[str, Any]:
        leads, told = self._deployed.leads(), self._deployed.receivers
        return {
            "counted": self._deployed.counted(),
            "leads": {name: one.standing.state for name, one in sorted(leads.items())},
            "archived": len(self._deployed.archived()),
            "cards": [told.cards[one.lead.id] for one in leads.values()],
        }


def faults(called: Sequence[Sequence[str]], fate: int, *, doubled: bool) -> Iterator[tuple[int, int]]:
    """Yield the calls that go wrong in one way of nine, by chapter and number.

    All of them, or one of every second kind, in one way of nine: half of these while every request is sent
    twice.
    """
    places: dict[str, list[tuple[int, int]]] = {}
    for chapter, names in enumerate(called):
        for at, name in enumerate(names):
            places.setdefault(name, []).append((chapter, at))
    for number, kind in enumerate(sorted(places)):
        if EVERYTHING:
            yield from places[kind]
        elif number % len(FATES) == fate and number % 4 == 2 * doubled:
            yield places[kind][number % len(places[kind])]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Yield a deployment for all stories, one after the other."""
    # Who records every line of every story takes longer than the stories.
    logging.disable()
    try:
        with cloud(rules_in(tmp_path_factory.mktemp("rules"))) as made:
            yield made
    finally:
        logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def stories(deployed: Cloud) -> dict[bool, Story]:
    """Return the story, and the one in which every request is sent twice."""
    return {doubled: Story(deployed, doubled=doubled) for doubled in (False, True)}


@pytest.mark.parametrize("doubled", [False, True], ids=["once", "every request twice"])
def test_fault_049_050_whatever_call_of_aws_goes_wrong_the_end_is_the_same(
    deployed: Cloud,
    stories: dict[bool, Story],
    doubled: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Counts, leads, conversions, archive and cards; a webhook hears twice only what it has taken already."""
    story = stories[doubled]
    ends = {"in peace": story.end}
    for fate, (way, every) in enumerate(FATES):
        for chapter, at in faults(story.called, fate, doubled=doubled):
            wire = Wire(at, way, every=every)
            end = story.told(wire, chapter)
            heard = deployed.receivers.posts
            if len(heard) < len(END["leads"]) or heard.total() > len(heard) + wire.broke_beside(RECEIVER):
                end["heard"] = heard
            ends[f"{way} {chapter}.{at} {story.called[chapter][at]}{' every time' * every}"] = end

    assert {} == {name: end for name, end in ends.items() if end != END}


def test_fault_050_who_took_a_lost_write_for_done_would_be_found_out(
    stories: dict[bool, Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness sees what it is there for: a commit that was never made, and that nobody makes again."""
    story = stories[False]
    commit = DynamoStore.commit

    def trusting(store: DynamoStore, *change: Any) -> None:
        with suppress(Conflict):
            commit(store, *change)

    monkeypatch.setattr(DynamoStore, "commit", trusting)
    writes = [at for at, name in enumerate(story.called[0]) if name == "dynamodb UpdateItem"]
    ends = (story.told(Wire(at, "request lost", every=True), 0)["counted"] for at in reversed(writes))

    assert {"a:acme": 3, "p:ada": 2} in ends
