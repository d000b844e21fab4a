"""Whoever looks after a deployment: the commands they type, against the local world, over HTTP."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.events import START, event
from fakes.leads import northwind
from fakes.tables import make_table
from pql.adapters import sqs_mailbox
from pql.adapters.dynamo_backlog import DynamoBacklog
from pql.adapters.event_cloud import Cloud
from pql.adapters.event_sources import open_events
from pql.adapters.lead_items import lead_put, record
from pql.cli.main import main
from pql.core.envelope import encode
from pql.core.keys import LeadKey
from pql.dev.gateway import Request
from pql.dev.server import Server
from pql.dev.table_door import door
from pql.dev.world import Settings, World, client, world
from pql.flows.channels import Waiting

PACK = """
signals: {reports: {count: Report Created}, people: {distinct: users, of: any}}
rules: {busy: {when: {signal: reports, at_least: 2}, title: "{account} is busy", reason: "{reports} reports"}}
tests:
  - {name: two, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: one, timeline: [0d Report Created], expect: silent}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a directory of rules."""
    (tmp_path / "busy.yaml").write_text(PACK, encoding="utf-8")
    return tmp_path


@pytest.fixture
def made(rules: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a local world whose services answer on a port, which the environment names."""
    monkeypatch.setattr(sqs_mailbox, "WAIT", 0)
    with world(Settings(rules=rules)) as one:
        server = Server(door(one.resources.names()))
        server.start()
        monkeypatch.setenv("PQL_ENDPOINT_URL", server.url)
        monkeypatch.delenv("PQL_TABLE", raising=False)
        yield one
        server.stop()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command and returns its code and what it wrote."""

    def told(words: str, *more: str) -> tuple[int, str, str]:
        code = main([*words.split(), *more])
        return code, *capsys.readouterr()

    return told


def send(made: World, *users: str) -> None:
    """Send a report of each user of one account, and wait for what they do."""
    calls = [
        {"type": "track", "event": "Report Created", "userId": user, "context": {"groupId": "acme"}}
        for user in users
    ]
    post(made, *calls)


def post(made: World, *calls: dict[str, Any]) -> None:
    """Send calls as one batch, and wait for what they do."""
    body = json.dumps({"batch": calls, "writeKey": made.settings.write_key}).encode()
    made.answer(Request("POST", "/v1/batch", [("Content-Type", "application/json")], body))
    made.drain()


def put(made: World, queue: str, *bodies: str) -> None:
    """Put messages into a queue."""
    for body in bodies:
        client("sqs").send_message(QueueUrl=made.resources.ref(queue), MessageBody=body)


def waiting(made: World, queue: str) -> int:
    """Return how many messages wait in a queue."""
    found = client("sqs").get_queue_attributes(
        QueueUrl=made.resources.ref(queue), AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def items(table: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what was counted and made: states, members and leads, by key."""
    found = client("dynamodb").scan(TableName=table)["Items"]
    kept = ("state", "lead", "account", "scores")
    return {
        (one["pk"]["S"], one["sk"]["S"]): {name: one[name] for name in kept if name in one}
        for one in found
        if one["pk"]["S"] not in ("rules", "watch")
    }


def encode_two() -> str:
    """Return a message with two reports of this moment: a lead."""
    now = int(time.time() * 1000) - START
    return encode([event("one", at=now), event("two", at=now)])


def young(key: str, **more: Any) -> str:
    """Return a message with an event of this moment."""
    now = int(time.time() * 1000)
    return encode([event(key, at=now - START, **more)])


LOOKS = {
    "lead list": "acme/busy#1",
    "lead show acme/busy#1": "acme/busy#1 is open",
    "explain acme busy --rules RULES": "✓ busy: hot lead since ",
    "account show acme --rules RULES": "    reports: Report Created: 2 · event ",
    "rules introduce busy --rules RULES": "1 had become leads before",
    "rules shadow": "no rule is in shadow but by its file",
    "metrics": "busy ",
}


def test_whoever_looks_finds_the_table_by_the_stack(made: World, run: Run, rules: Path) -> None:
    """Nobody has to name it: where AWS answers is enough."""
    send(made, "ada", "bob")
    answers = {words: run(words.replace("RULES", str(rules))) for words in LOOKS}

    assert dict.fromkeys(LOOKS, (0, "")) == {words: (code, err) for words, (code, _, err) in answers.items()}
    assert [] == [words for words, shown in LOOKS.items() if shown not in answers[words][1]]


def test_the_queues_are_seen_and_emptied(made: World, run: Run) -> None:
    """Dead letters are counted once they are back, those that are too old stay, and each is told of."""
    old = encode([event("old", at=0)])
    put(made, "EventsDeadLetters", young("one"), young("two"), old)
    _, status, _ = run("queue status")
    looked = run("queue redrive events --dry-run")
    code, out, err = run("queue redrive")
    made.drain()

    assert "events, dead letters          3        0      0  pql queue redrive events" in status.splitlines()
    assert "events: 2 messages would go back to the queue\n" == looked[1]
    assert (1, "events: 2 messages went back to the queue") == (code, out.splitlines()[0])
    assert "events: 1 message stayed: received more than 28 days ago" in err
    assert (1, ["2 reports"]) == (waiting(made, "EventsDeadLetters"), reports(made))


def reports(made: World) -> object:
    """Return how many reports of the account were counted, as its lead says."""
    found = client("dynamodb").scan(TableName=made.resources.ref("Table"))["Items"]
    return [record(one).lead.reason for one in found if "lead" in one]


def test_a_parked_lead_is_tried_again(made: World, run: Run) -> None:
    """Its channel's rest ends, and a card is posted if none was."""
    send(made, "ada", "bob")
    table = made.resources.ref("Table")
    backlog = DynamoBacklog(client("dynamodb"), table, time.time)
    backlog.add("slack:gone", Waiting(5, LeadKey("a:acme", "busy", 1), "is_archived", parked=True))
    code, status, _ = run("queue status")
    _, found, _ = run("queue status --json")
    _, out, _ = run("queue redrive parked")

    assert 0 == code
    assert "is_archived 1" in status
    assert [("slack:gone", "1970-01-01T00:00:00.005Z", True)] == [
        (one["channel"], one["created"], one["parked"]) for one in json.loads(found)["deliveries"]
    ]
    assert "parked: 1 lead is tried now\n" == out
    assert 1 == waiting(made, "SlackQueue")


def test_the_archive_rebuilds_a_table(made: World, run: Run, rules: Path) -> None:
    """Every state, member and lead is the same, and nobody is told; a full table is refused."""
    send(made, "ada", "bob")
    send(made, "ada")
    told = len(made.published)
    make_table(client("dynamodb"), "rebuilt")
    chosen = ("--rules", str(rules), "--table", "rebuilt")
    code, out, _ = run("replay archive --rebuild", *chosen)
    again = run("replay archive --rebuild", *chosen)
    made.drain()

    assert (0, "3 events replayed into rebuilt") == (code, out.splitlines()[0])
    assert items(made.resources.ref("Table")) == items("rebuilt")
    assert (1, told) == (again[0], len(made.published))
    assert "is not empty" in again[2]


def test_a_replay_of_what_was_counted_counts_nothing(made: World, run: Run, rules: Path) -> None:
    """The archive into the table that it came from; a message set aside counts once, and is archived."""
    send(made, "ada")
    put(made, "Quarantine", young("two", user="bob"), "{broken")
    archive = run("replay archive", "--rules", str(rules))
    code, out, err = run("replay quarantine", "--rules", str(rules))
    made.drain()

    assert "0 events counted, 1 had been before" in archive[1]
    assert (1, "1 lead made", "1 message left the quarantine") == (code, *out.splitlines()[2:])
    assert "stayed: " in err
    assert (1, []) == (waiting(made, "Quarantine"), made.published)
    assert "0 events counted, 2 had been before" in run("replay archive", "--rules", str(rules))[1]


@pytest.mark.parametrize("words", ["replay archive", "replay quarantine"])
def test_a_replay_by_rules_that_are_not_deployed_is_refused(made: World, run: Run, words: str) -> None:
    """Those that ship, for somebody forgot to name the others; unless it is said to be right."""
    send(made, "ada")
    put(made, "Quarantine", young("two", user="bob"))
    refused = run(words)
    code, out, _ = run(f"{words} --undeployed")

    assert (1, "") == refused[:2]
    assert "no function has ever judged by the rules that ship" in refused[2]
    assert "--undeployed counts by them" in refused[2]
    assert (0, "1 event replayed") == (code, out[:16])


def test_a_replay_may_announce(made: World, run: Run, rules: Path) -> None:
    """If somebody says so, its leads go where all go."""
    made.fire_schedules()
    put(made, "Quarantine", encode_two())
    code, _, _ = run("replay quarantine --announce", "--rules", str(rules))
    made.drain()

    assert (0, 1) == (code, len(made.published))


def test_a_person_is_erased_with_a_receipt(made: World, run: Run) -> None:
    """First what would be, then it is done, then nothing is left; other people stay."""
    send(made, "ada", "bob")
    put(made, "EventsDeadLetters", young("dead", user="ada"), young("alive", user="bob"))
    would = run("erase --user ada --json")
    code, receipt, _ = run("erase --user ada --yes --json")
    _, again, _ = run("erase --user ada --yes")
    found = json.loads(receipt)

    assert (0, 0) == (would[0], code)
    assert json.loads(would[1])["erased"] == found["erased"]
    assert {"events in EventsDeadLetters": 1, "mentions in counters": 1, "mentions in leads": 1} == found[
        "erased"
    ]
    assert [1] == [*found["archive_lines_by_day"].values()]
    assert ["acme/busy#1"] == [one["lead"] for one in found["leads_told_elsewhere"]]
    assert "nothing to erase is stored of p:ada, u:ada\n" in again
    assert (1, False) == (
        waiting(made, "EventsDeadLetters"),
        "ada" in repr(items(made.resources.ref("Table"))),
    )


def test_a_receipt_says_where_else_the_erased_is_named(made: World, run: Run) -> None:
    """A device that is another's by now names whom it was of, for as long as her ids are kept."""
    post(made, {"type": "track", "event": "Report Created", "anonymousId": "phone"})
    for user in ("ada", "bob"):
        post(made, {"type": "identify", "userId": user, "anonymousId": "phone"})
    code, receipt, _ = run("erase --user ada --yes --json")
    found = json.loads(receipt)["kept"]
    _, said, _ = run("erase --user ada")
    (named,) = (one for one in found if "these were counted before" in one["what"])

    assert (0, "in 1 member of others, where these were counted before") == (code, named["what"])
    assert found[0]["until"] == named["until"]
    assert "copies of their events are looked up there; erase again after that, until " in said


def test_of_whom_nothing_is_known_no_ids_are_kept(made: World, run: Run) -> None:
    """Who has mistyped an id sees it by that; of whom there was something ids stay, a second time too."""
    post(made, {"type": "track", "event": "Report Created", "userId": "ada"})
    told = [run(f"erase --user {one} --yes")[1] for one in ("adda", "ada", "ada")]

    assert [False, True, True] == ["kept: ids of counted events" in one for one in told]
    assert [True, False, True] == ["nothing to erase is stored of" in one for one in told]


def test_who_is_not_there_to_be_erased_is_said(made: World, run: Run) -> None:
    """By the code as well, for whoever has mistyped an id, or whose it is; who was erased is known."""
    post(made, {"type": "track", "event": "Report Created", "userId": "ada"})
    unknown = run("erase --user adda --yes")
    another = run("erase --account ada --json")
    known = [run("erase --user ada --yes")[::2] for _ in range(2)]

    assert (1, True) == (unknown[0], "nothing to erase is stored of" in unknown[1])
    assert unknown[2].startswith("pql erase: nothing is stored of user adda; `pql lead list` and ")
    assert (1, {}) == (another[0], json.loads(another[1])["erased"])
    assert another[2].endswith("account ada; there is a user of that id: pql erase --user ada\n")
    assert [(0, "")] * 2 == known


def test_an_erasure_is_not_done_while_messages_are_on_their_way(made: World, run: Run) -> None:
    """What is in them would be counted after it: the code says so, for whoever erases by a script."""
    put(made, "EventsQueue", young("late", user="ada"))
    code, out, _ = run("erase --user ada --yes")

    assert (1, True) == (code, out.splitlines()[-1].endswith("; run this again after that"))


def test_the_archive_is_put_in_order_and_read(made: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two deliveries become one object, and the stream that backtests read stays what was counted."""
    send(made, "ada", "bob")
    send(made, "ben")
    cloud = Cloud(endpoint=os.environ["PQL_ENDPOINT_URL"], is_local=True)
    before = [*open_events(["archive"], cloud).events()]
    tomorrow = time.time_ns() + 24 * 3600 * 10**9
    monkeypatch.setattr("time.time_ns", lambda: tomorrow)  # nothing younger than an hour is touched
    merged = run("archive compact --force --json")
    days = run("archive ls --json")

    assert (2, 1) == (json.loads(merged[1])["merged"], json.loads(merged[1])["into"])
    assert [(1, 3)] == [(one["objects"], one["events"]) for one in json.loads(days[1])]
    assert ["ada", "bob", "ben"] == [one.user for one in before]
    assert before == [*open_events(["archive"], cloud).events()]


def test_a_doctor_says_what_is_wrong_and_what_to_type(made: World, run: Run, rules: Path) -> None:
    """A well deployment is well; what waits, a secret nobody can use and rules that do not load are named."""
    well, all_well, _ = run("doctor", "--rules", str(rules))
    put(made, "EventsDeadLetters", young("one"))
    client("secretsmanager").put_secret_value(SecretId="pql-WriteKeySecret", SecretString='{"current": ""}')
    (rules / "busy.yaml").write_text("rules: {}\n", encoding="utf-8")
    ill, out, _ = run("doctor", "--rules", str(rules))
    _, found, _ = run("doctor --json", "--rules", str(rules))
    wrong = {one["what"]: one["remedy"] for one in json.loads(found) if one["level"] == "wrong"}

    assert (0, 1) == (well, ill)
    assert "✗" not in all_well
    assert "sam deploy" not in all_well
    assert {"queues", "secrets", "rules"} == set(wrong)
    assert "✗ queues: 1 message in events, dead letters\n    pql queue redrive events" in out


def test_what_the_stream_could_not_announce_is_forgotten_once_it_is(
    made: World, run: Run, rules: Path
) -> None:
    """The messages hold no leads: they are deleted when none waits, and the doctor says what to type."""
    put(made, "NotifyFailures", "{}", "{}")
    _, ill, _ = run("doctor", "--rules", str(rules))
    lead = northwind()
    client("dynamodb").put_item(TableName=made.resources.ref("Table"), **lead_put(lead))
    early = run("queue clear stream-failures")
    made.drain()
    looked = run("queue clear stream-failures --dry-run")
    code, out, _ = run("queue clear stream-failures")

    assert "✗ queues: 2 messages in stream failures\n    pql queue clear stream-failures" in ill
    assert (1, True) == (early[0], "is not announced yet" in early[2])
    assert (0, "stream-failures: 2 messages would be deleted\n") == looked[:2]
    assert (0, "stream-failures: 2 messages deleted\n") == (code, out)
    assert 0 == waiting(made, "NotifyFailures")


def test_what_is_not_there_is_said(made: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No service, no such queue: a word, no traceback, and exit code 1, or 2 for what is typed wrong."""
    assert made
    unknown = run("queue redrive event")
    needs = run("replay archive --rebuild")
    turned = run("replay archive --from 2026-11-22 --to 2026-11-20")
    nowhere = run("replay archive --rebuild --table nowhere")
    _, lost, _ = run("doctor --table nowhere")
    monkeypatch.setenv("PQL_ENDPOINT_URL", "http://127.0.0.1:9")
    gone = [run(words)[0] for words in ("queue status", "erase --user ada", "replay quarantine", "doctor")]

    assert (2, "did you mean `events`" in unknown[2]) == (unknown[0], True)
    assert (2, "--rebuild needs --table" in needs[2]) == (needs[0], True)
    assert (2, "pql replay: --from 2026-11-22 is after --to 2026-11-20\n") == (turned[0], turned[2])
    assert (1, "there is no table `nowhere`" in nowhere[2]) == (nowhere[0], True)
    assert (
        "✗ table: cannot be looked at: DynamoDB: there is no such table: nowhere at http://127.0.0.1" in lost
    )
    assert [1, 1, 1, 1] == gone
