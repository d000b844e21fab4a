"""From the front door to the table: whatever is sent again, and whenever, is counted once."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from fakes.crashing_store import Killed
from fakes.events import DAY, HOUR
from fakes.front_door import CONTEXT, NOW, WEBHOOK_SECRET, WRITE_KEY, gateway_event, track
from fakes.memory_queue import MemoryQueue
from fakes.memory_secrets import MemorySecrets
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.places import DEFAULT_PLACES, finder
from pql.engine.state import unpack
from pql.flows.count import Counter
from pql.flows.ingest import Door
from pql.flows.process import Processor
from pql.handlers.door_keeper import DoorKeeper

PLAN = plan_of(
    """
signals:
  reports: {count: Report Created}
  spent: {sum: amount, of: Report Created}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}
"""
)
SECOND = 1_000
HORIZON = 7 * DAY


class KillingQueue(MemoryQueue):
    """A queue in whose next call the sender dies, before the queue has the messages or after."""

    def __init__(self) -> None:
        super().__init__()
        self.kills: str | None = None

    def send(self, messages: Sequence[tuple[str, str]], deadline: float) -> None:
        """Store the messages, unless the sender is dead by then."""
        kills, self.kills = self.kills, None
        if kills == "before":
            raise Killed
        super().send(messages, deadline)
        if kills == "after":
            raise Killed


class Line:
    """A front door, and behind it the queue, the processor and the table."""

    def __init__(self) -> None:
        self.now = NOW
        self.queue, self.store, self.archive = KillingQueue(), MemoryStore(), MemoryArchive()
        secrets = MemorySecrets({"write-key": [WRITE_KEY], "webhook": [WEBHOOK_SECRET]})
        door = Door(self.queue, secrets, "write-key", "webhook", finder(DEFAULT_PLACES))
        self.keeper = DoorKeeper(door, lambda: self.now / 1000, lambda: 0.0, namespace="t", service="ingest")
        self.runs = 0

    def post(self, *events: dict[str, Any]) -> int:
        """Send events and return the status of the answer."""
        body = json.dumps({"batch": events, "writeKey": WRITE_KEY})
        status: int = self.keeper(gateway_event("/v1/batch", body), CONTEXT)["statusCode"]
        return status

    def work(self) -> dict[str, int]:
        """Process what is in the queue and return what was counted of it."""
        bodies = [body for _, body in self.queue.messages]
        self.queue.messages.clear()
        return self.process(bodies)

    def process(self, bodies: Sequence[str]) -> dict[str, int]:
        """Process message bodies."""
        self.runs += 1
        counter = Counter(self.store, PLAN, 45, lambda _: None)
        processor = Processor(
            self.store, counter, self.archive, MemoryQuarantine(), horizon=HORIZON, pause=lambda _: None
        )
        messages = [(str(number), body) for number, body in enumerate(bodies)]
        outcome = processor.process(messages, f"run {self.runs}", self.now, lambda: 60.0)
        assert [] == outcome.failed
        return outcome.counts

    def counted(self, account: str = "acme") -> list[object]:
        """Return the number of reports of an account and what they sum up to."""
        row = self.store.accounts.get(f"a:{account}")
        return list(unpack(PLAN, row.subject, row.state).values[:2]) if row else [0, 0]


def report(key: str = "m-1", account: str = "acme", at: int = NOW, **properties: Any) -> dict[str, Any]:
    """Return a report as a client sends it."""
    return track(
        event="Report Created",
        messageId=key,
        timestamp=_iso(at),
        properties=properties,
        context={"groupId": account},
    )


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


@pytest.mark.parametrize("kills", ["before", "after"])
def test_fault_001_002_a_front_door_that_dies_over_a_request_loses_and_doubles_nothing(kills: str) -> None:
    """Nobody was told 200, so the client sends again, whether the queue had it already or not."""
    line = Line()
    line.queue.kills = kills
    with pytest.raises(Killed):
        line.post(report("m-1"), report("m-2"))
    assert 200 == line.post(report("m-1"), report("m-2"))
    line.work()

    assert 2 == line.counted()[0]


def test_fault_005_an_answer_that_came_too_late_costs_nothing() -> None:
    """Segment gives up after 5 s and tries for four hours: all its copies are one event."""
    line = Line()
    for _ in range(5):
        line.post({**report(), "sentAt": _iso(line.now)})
        line.work()
        line.now += HOUR

    assert 1 == line.counted()[0]


@pytest.mark.parametrize("later", [SECOND, 6 * DAY, 60 * DAY])
def test_fault_023_a_captured_request_counts_nothing_when_it_is_sent_again(later: int) -> None:
    """A webhook's signature holds for ever, and its event is counted once for ever."""
    line = Line()
    body = json.dumps(report())
    signed = {"x-signature": hmac.new(WEBHOOK_SECRET.encode(), body.encode(), hashlib.sha1).hexdigest()}
    for _ in range(2):
        captured = gateway_event("/v1/segment", body, headers=signed)
        assert 200 == line.keeper(captured, CONTEXT)["statusCode"]
        line.work()
        line.now += later

    assert 1 == line.counted()[0]


@pytest.mark.parametrize("apart", [False, True], ids=["in one batch", "in two"])
def test_fault_029_of_two_payloads_under_one_message_id_the_first_wins(apart: bool) -> None:  # noqa: FBT001
    """The id says that it is the same event, whatever else differs."""
    line = Line()
    line.post(report(amount=5))
    if apart:
        line.work()
    line.post(report(amount=100))
    line.work()

    assert [1, 5] == line.counted()


def test_fault_030_one_message_id_in_two_accounts_is_two_events() -> None:
    """Accounts do not know of each other's ids."""
    line = Line()
    line.post(report(account="acme"), report(account="globex"))
    line.work()

    assert [1, 1] == [line.counted("acme")[0], line.counted("globex")[0]]


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize(
    ("age", "counted"), [(HORIZON - SECOND, 1), (HORIZON, 1), (HORIZON + SECOND, 0), (45 * DAY, 0)]
)
def test_fault_032_at_the_edge_of_lateness_an_event_is_counted_once_or_not_at_all(
    age: int, counted: int, copies: int
) -> None:
    """There is no age at which a copy is counted a second time."""
    line = Line()
    for _ in range(copies):
        line.post(report(at=NOW - age))
        line.work()

    assert counted == line.counted()[0]


def test_fault_032_a_copy_that_has_become_too_old_is_not_counted_either() -> None:
    """The first copy was in time; the second comes after its id may have expired."""
    line = Line()
    line.post(report())
    line.work()
    line.now += HORIZON + SECOND
    line.store.accounts.clear()  # as if DynamoDB had forgotten the id already
    line.store.buckets.clear()
    line.post(report())

    assert {"EventsLate": 1} == {name: n for name, n in line.work().items() if n}


def test_fault_066_a_table_restored_to_an_hour_ago_is_made_whole_by_replaying_the_archive() -> None:
    """What was lost is counted again and nothing else is; leads get the ids they had."""
    line = Line()
    _hour(line, "a")
    backup = copy.deepcopy(line.store)
    _hour(line, "b")
    whole = (line.counted(), set(line.store.leads), [one.lead.id for one in line.store.leads.values()])
    line.store = backup
    line.process([encode([event for _, event in batch]) for batch in [*line.archive.batches.values()]])

    assert whole == (
        line.counted(),
        set(line.store.leads),
        [one.lead.id for one in line.store.leads.values()],
    )


def _hour(line: Line, name: str) -> None:
    for number in range(2):
        line.post(report(f"{name}{number}", at=line.now, amount=number + 1))
        line.work()
        line.now += HOUR // 2
