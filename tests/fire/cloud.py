"""The deployment of template.yaml over moto, with functions that can be killed.

Queues, stream, topic, filters and event source mappings are those of `pql dev`; time is everybody's `now`,
also that of queues.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from fakes.events import START
from fire.receivers import Receivers
from fire.sandboxes import HANDLERS, Clock, Sandboxes, frugal
from fire.wire import Line, Wire
from pql.adapters import row_items
from pql.adapters.dynamo_outbox import WAITING
from pql.adapters.lead_items import record
from pql.core.lead import LeadRecord
from pql.core.lead_item import PREFIX
from pql.core.plain_words import iso
from pql.dev.embedded_aws import trim_stream
from pql.dev.gateway import Request
from pql.dev.pump import Source
from pql.dev.queue_source import QueueSource
from pql.dev.recorder import QUEUE
from pql.dev.stream_source import StreamSource
from pql.dev.template import ACCOUNT, REGION
from pql.dev.world import Settings, World, client, world
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.wake import SETTLING
from pql.rules.load import load

KEY: Final = "local-write-key"
RECEIVER: Final = "http://127.0.0.1:9"
PARAMETERS: Final = {
    "LeadWebhookUrl": f"{RECEIVER}/leads",
    "LeadWebhookOrigins": RECEIVER,
    "LeadWebhookSecret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "SlackWebhookUrl": "",
    "SlackHosts": "slack.com",
    "SlackBotToken": "xoxb-local",
    "SlackChannel": "C0123456",
}
MINUTE: Final = 60_000


class Morning(NamedTuple):
    """How a deployment stands before a chapter: the items, the objects, and what was heard."""

    now: int
    items: Mapping[str, Any]
    archive: Mapping[str, bytes]
    receivers: Receivers


class Cloud:
    """A deployment, made once and wiped between stories. `now` is the time everywhere, epoch ms."""

    def __init__(self, line: Line, rules: Path) -> None:
        self.receivers = Receivers()
        self.pack = load(rules)
        self.plan = Plan(self.pack)
        self.clock = Clock(START)
        self.sandboxes = Sandboxes(self.clock, line)
        self._line = line
        self._world: World

    @property
    def now(self) -> int:
        """Return what time it is."""
        return self.clock.now

    @now.setter
    def now(self, now: int) -> None:
        self.clock.now = now

    def stand_on(self, made: World) -> None:
        """Take the world whose functions run in the sandboxes."""
        self._world = made

    def begin(self, wire: Wire) -> None:
        """Forget everything that was, and make all calls over this wire."""
        self.resume(Morning(START, {}, {}, Receivers()), wire)

    def morning(self) -> Morning:
        """Return how everything stands while nothing is on its way."""
        everything = deepcopy(dict(self._table().items))
        return Morning(self.now, everything, self._archived(), deepcopy(self.receivers))

    def resume(self, morning: Morning, wire: Wire) -> None:
        """Let everything stand as it did then, in new sandboxes, and make all calls over this wire."""
        self._line.wire = wire
        self._line.providers = self.receivers = deepcopy(morning.receivers)
        self.sandboxes.end()
        self.now = morning.now
        self._table().items = defaultdict(dict, deepcopy(morning.items))
        self.lose_stream()
        for queue in self._queues():
            queue._messages.clear()
            queue._pending_messages.clear()
        held = self._archived()
        for key in held.keys() - morning.archive:
            client("s3").delete_object(Bucket=self._ref("Archive"), Key=key)
        for key in morning.archive.keys() - held:
            client("s3").put_object(Bucket=self._ref("Archive"), Key=key, Body=morning.archive[key])

    def send(self, body: bytes) -> None:
        """Send a request until it is taken, as SDKs do; raises `AssertionError` if it never is."""
        request = Request("POST", "/v1/batch", [("content-type", "application/json")], body)
        for _ in range(5):
            if self._world.answer(request).status == 200:
                return
        raise AssertionError("the front door does not open")

    def lose_stream(self) -> None:
        """Drop what nobody has read of the table's stream."""
        shard = self._table().stream_shard
        trim_stream(f"table/{self._ref('Table')}/stream", len(shard.items) if shard else 0)

    def settle(self, *, loses_stream: bool = False, rounds: int = 20) -> None:
        """Go on, a quarter of an hour at a time, until nothing waits; `AssertionError` if it always does.

        The schedule comes round as long as something is left. With `loses_stream` nobody hears what the
        first deliveries of events have made of the table.
        """
        if loses_stream:
            self._work([QueueSource])
            self.lose_stream()
        for _ in range(rounds):
            self._work([QueueSource, StreamSource])
            if not self._is_busy():
                return
            self.now += 15 * MINUTE
            self._world.fire_schedules()
        raise AssertionError(f"something waits for ever: {self.depths()}")

    def _work(self, kinds: Sequence[type]) -> None:
        sources = [source for source in self._world._sources if type(source) in kinds]
        while working := [source for source in sources if self._has_work(source)]:
            if not sum(source.poll() for source in working):
                return

    def depths(self) -> dict[str, int]:
        """Return how many messages each queue holds, hidden ones too; empty queues left out."""
        depths = {queue.name: len(queue._messages) for queue in self._queues()}
        return {name: depth for name, depth in depths.items() if depth and name != QUEUE}

    def _has_work(self, source: Source) -> bool:
        if isinstance(source, QueueSource):
            return any(source._arn == queue.queue_arn and queue._messages for queue in self._queues())
        if isinstance(source, StreamSource):
            return bool(source._waiting or self._table().stream_shard.items)
        return False

    def counted(self) -> dict[str, int]:
        """Return how many events the first signal of every subject has counted."""
        found = {}
        for item in self._items():
            if item["sk"]["S"] == row_items.STATE:
                subject = item["pk"]["S"]
                state = row_items.row(subject, item).state
                found[subject] = unpack(self.plan.of(subject), subject, state).values[0]
        return {subject: int(value) for subject, value in found.items() if value}

    def leads(self) -> dict[str, LeadRecord]:
        """Return the leads by subject, rule and cycle."""
        return {
            f"{item['pk']['S']} {item['sk']['S'].removeprefix(PREFIX)}": record(item)
            for item in self._items()
            if item["sk"]["S"].startswith(PREFIX)
        }

    def archived(self) -> set[str]:
        """Return the ids of the events that the archive holds."""
        return {
            json.loads(line)["event"]["id"]
            for body in self._archived().values()
            for line in gzip.decompress(body).splitlines()
        }

    def _is_busy(self) -> bool:
        until = (self.now - SETTLING) // 1000
        for item in self._table().all_items():
            outbox, wake = (item.attrs.get(name) for name in ("outbox", "wake"))
            if (outbox and outbox.value == WAITING) or (wake and int(wake.value) <= until):
                return True
        return bool(self.depths())

    def _items(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = client("dynamodb").scan(TableName=self._ref("Table"))["Items"]
        return found

    def _archived(self) -> dict[str, bytes]:
        bucket, s3 = self._ref("Archive"), client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def _table(self) -> Any:
        return dynamodb_backends[ACCOUNT][REGION].get_table(self._ref("Table"))

    @staticmethod
    def _queues() -> Collection[Any]:
        # Their API allows a purge a minute, and tells depths by asking every message for the time.
        found: Collection[Any] = sqs_backends[ACCOUNT][REGION].queues.values()
        return found

    def _ref(self, name: str) -> str:
        return self._world.resources.ref(name)


@contextmanager
def cloud(rules: Path) -> Iterator[Cloud]:
    """Run the block with a deployment of these rules."""
    line = Line(Receivers())
    made = Cloud(line, rules)
    with ExitStack() as stack:
        builds = {name: lambda env, name=name: made.sandboxes.build(name, env) for name in HANDLERS}
        settings = Settings(rules=rules, parameters=PARAMETERS, builds=builds)
        made.stand_on(stack.enter_context(world(settings)))
        stack.enter_context(line.laid())
        stack.enter_context(frugal(made.pack))
        stack.enter_context(patch("moto.sqs.models.unix_time_millis", lambda: float(made.now)))
        stack.enter_context(patch("moto.sqs.models.unix_time", lambda: made.now / 1000))
        yield made


def body_of(sent: int, *events: Mapping[str, Any]) -> bytes:
    """Return what an SDK sends, `sent` at that time (epoch ms)."""
    return json.dumps({"writeKey": KEY, "batch": events, "sentAt": iso(sent)}).encode()
