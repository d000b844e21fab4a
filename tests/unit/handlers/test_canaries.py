"""What no log, metric or attribute of a message may ever show: secrets, and people."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import boto3
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from fakes.chances import examples
from fakes.events import DAY, START, event, identify
from fakes.front_door import FrontDoor, gateway_event, track
from fakes.lambda_context import Context
from fakes.leads import CREATED, northwind
from fakes.receiver import Receiver, Reply
from fakes.slack_stub import SlackStub, limited
from fakes.tables import make_table
from pql.adapters.lead_items import lead_put
from pql.core.announcement import announcement
from pql.core.envelope import encode
from pql.core.errors import Unavailable
from pql.core.lead import Person
from pql.core.lead_message import encoded
from pql.flows.firing_rate import WEEK
from pql.flows.outcome import Outcome
from pql.handlers import ingest, notify, process, slack, sweep, watch, webhook
from pql.handlers.door_keeper import DoorKeeper
from pql.handlers.entry import Handler, Unforeseen, discreet, entry
from pql.handlers.report import Report

# Each is somewhere in what the functions below are given; `canary` is in all of them.
KEY = "write-key-canary"
PERSON = "person.canary@customer.example"
NAME = "Carla Canary"
TOKEN = "xoxb-canary-token"
SECRET = "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5"  # "canary" again and again
PLANTED = ("canary", "Canary", SECRET[6:], "/services/", "XXXX")
NEWER = b"\x94\x63\xc4\x00\x00\xc2"  # a ledger of version 99
LEAD = northwind(
    people=[Person(PERSON, 3, CREATED, NAME, PERSON)], title=f"{NAME} is ready", reason=f"{PERSON} did it"
)
PROPERTIES = {"email": PERSON, "name": NAME, "note": "a canary"}


class Cloud:
    """Resources in which everything goes wrong that a function can survive, full of canaries."""

    def __init__(self, slack_stub: SlackStub, receiver: Receiver) -> None:
        names = ("dynamodb", "sqs", "sns", "s3", "secretsmanager")
        self.dynamodb, self.sqs, self.sns, self.s3, self.secrets = map(boto3.client, names)
        make_table(self.dynamodb)
        self.s3.create_bucket(Bucket="archive")
        self.quarantine = self.sqs.create_queue(QueueName="quarantine")["QueueUrl"]
        self.events = self.sqs.create_queue(QueueName="events")["QueueUrl"]
        self.topic = self.sns.create_topic(Name="leads")["TopicArn"]
        self.put("keys", KEY)
        self.put("hooks", "hook-canary")
        self.put("slack", {"webhook_url": slack_stub.webhook})
        self.put("webhook", {"url": f"{receiver.origin}/canary", "secret": SECRET})
        self.origins = {"SLACK_HOSTS": slack_stub.origin, "LEAD_WEBHOOK_ORIGINS": receiver.origin}

    def put(self, name: str, current: Any) -> None:
        """Set a secret."""
        text = json.dumps({"current": current})
        try:
            self.secrets.create_secret(Name=name, SecretString=text)
        except self.secrets.exceptions.ResourceExistsException:
            self.secrets.put_secret_value(SecretId=name, SecretString=text)

    def item(self, pk: str, sk: str = "state", **attributes: Any) -> None:
        """Put an item that no code of ours has written."""
        self.dynamodb.put_item(TableName="pql", Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})

    def env(self, service: str) -> Mapping[str, str]:
        """Return what a function is configured with."""
        return {
            "TABLE": "pql",
            "ARCHIVE_BUCKET": "archive",
            "QUARANTINE_QUEUE_URL": self.quarantine,
            "EVENTS_QUEUE_URL": self.events,
            "LEADS_TOPIC_ARN": self.topic,
            "WRITE_KEY_SECRET": "keys",
            "WEBHOOK_SECRET": "hooks",
            "SLACK_SECRET": "slack",
            "LEAD_WEBHOOK": "webhook",
            "POWERTOOLS_SERVICE_NAME": f"{service}-watched",
            **self.origins,
        }


@pytest.fixture
def slack_stub() -> Iterator[SlackStub]:
    """Return a Slack."""
    with SlackStub() as stub:
        yield stub


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a server of somebody's."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, slack_stub: SlackStub, receiver: Receiver) -> Iterator[Cloud]:
    """Return the resources; functions log everything that they ever log."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_METRICS_NAMESPACE": "pql",
        "POWERTOOLS_LOG_LEVEL": "DEBUG",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield Cloud(slack_stub, receiver)


def _ingest(cloud: Cloud) -> None:
    env = cloud.env("ingest")
    handle = ingest.build(env)
    good = json.dumps({"batch": [track(properties=PROPERTIES, userId=PERSON), {"type": "canary"}]})
    for key in (KEY, f"wrong-{KEY}", ""):
        for body in (good, good[:-2], '["canary"]', good.encode("utf-16")):
            handle(gateway_event("/v1/batch", body, headers={"x-write-key": key}), Context())
    handle(gateway_event("/v1/segment", good, headers={"x-signature": "canary"}), Context())
    away = ingest.build({**env, "EVENTS_QUEUE_URL": f"{cloud.events}-canary"})
    away(gateway_event("/v1/batch", good, headers={"x-write-key": KEY}), Context())
    cloud.put("keys", {"canary": KEY})
    ingest.build(env)(gateway_event("/v1/batch", good, headers={"x-write-key": KEY}), Context())


def _process(cloud: Cloud) -> None:
    for subject in ("u:person.canary%40customer.example", "p:person.canary%40customer.example"):
        cloud.item(subject, v={"N": "1"}, ledger={"B": NEWER})
    # A member at no version is one that nobody can ever write over.
    cloud.item("u:carla.canary", "member", v={"N": "0"})
    handle = process.build(cloud.env("process"), clock=lambda: START / 1000)
    mine = event(1, account=None, user=PERSON, properties=PROPERTIES)
    good = encode([mine, event(2, user=PERSON, properties=PROPERTIES)])
    assert "track" in good
    unlearned = encode([identify(3, user="carla.canary", name=NAME)])
    bodies = [good, f"no envelope: {PERSON}", good.replace('"track"', '"canary"', 1), unlearned]
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    assert ["0", "3"] == [
        one["itemIdentifier"] for one in handle({"Records": records}, Context())["batchItemFailures"]
    ]


def _notify(cloud: Cloud) -> None:
    cloud.dynamodb.put_item(TableName="pql", **lead_put(LEAD))
    cloud.item("u:person.canary", "lead#classic#1", lead={"B": b"canary"})
    handle = notify.build(cloud.env("notify"))
    for pk in (LEAD.key.subject, "u:person.canary"):
        keys = {"pk": {"S": pk}, "sk": {"S": "lead#classic#1"}}
        handle(
            {"Records": [{"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": "1"}}]},
            Context(),
        )


def _delivery(cloud: Cloud, function: str) -> dict[str, Any]:
    cloud.dynamodb.put_item(TableName="pql", **lead_put(LEAD))
    bodies = [encoded(announcement(LEAD, LEAD.key)).decode(), f"no lead: {PERSON}"]
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{function}",
            }
            for number, body in enumerate(bodies)
        ]
    }


def _slack(cloud: Cloud) -> None:
    records = _delivery(cloud, "slack")
    for current in (
        None,
        {"webhook_url": "https://canary.example/services/canary"},
        {"token": TOKEN, "canary": "C1"},
        {"bot_token": TOKEN, "channel": "C1"},
        "canary",
    ):
        if current:
            cloud.put("slack", current)
        slack.build(cloud.env("slack"), clock=lambda: CREATED / 1000, pause=lambda _: None)(
            records, Context()
        )


def _webhook(cloud: Cloud) -> None:
    records = _delivery(cloud, "webhook")
    for current in (
        None,
        {"url": "http://169.254.169.254/canary", "secret": SECRET},
        {"url": "https://canary.example/", "secret": "canary"},
        {"url": "https://canary.invalid/canary", "secret": SECRET},
    ):
        if current:
            cloud.put("webhook", current)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", _unknown(socket.getaddrinfo))
            webhook.build(cloud.env("webhook"), clock=lambda: CREATED / 1000)(records, Context())


def _unknown(known: Callable[..., Any]) -> Callable[..., Any]:
    """Return a name server that has never heard of one name, and says so with it."""

    def find(host: str, *asked: Any, **more: Any) -> Any:
        if host == "canary.invalid":
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is unknown")
        return known(host, *asked, **more)

    return find


def _sweep(cloud: Cloud) -> None:
    waiting = {"outbox": {"S": "waiting"}, "created": {"N": "1"}}
    cloud.item("u:person.canary", "lead#classic#1", lead={"B": b"canary"}, **waiting)
    due = {"wake": {"N": "1"}, "wakes": {"S": "0"}}
    cloud.item("p:person.canary", v={"N": "1"}, state={"B": b"canary"}, **due)
    with pytest.raises(sweep.AccountsFailed):
        sweep.build(cloud.env("sweep"))({}, Context())


def _watch(cloud: Cloud) -> None:
    env = {**cloud.env("watch"), "ALARM_TOPIC_ARN": cloud.topic, "GUARDED_RULES": "activated"}
    now = CREATED + 10 * WEEK
    # Eight leads a week, and in the last one a flood.
    for cycle in range(1, 145):
        ago = 0 if cycle <= 80 else (cycle - 81) // 8 + 1
        lead = msgspec.structs.replace(LEAD, rule="activated", cycle=cycle, created=now - ago * WEEK - DAY)
        cloud.dynamodb.put_item(TableName="pql", **lead_put(lead))
    handle = watch.build(env, clock=lambda: now / 1000)
    handle({}, Context())
    cloud.item("watch", "memo", memo={"S": "canary"})
    with pytest.raises(Unavailable):
        handle({}, Context())


DRIVES = {
    "ingest": _ingest,
    "process": _process,
    "notify": _notify,
    "slack": _slack,
    "webhook": _webhook,
    "sweep": _sweep,
    "watch": _watch,
}


@pytest.mark.parametrize("function", DRIVES)
def test_fault_103_no_function_writes_down_secrets_or_people(
    function: str,
    cloud: Cloud,
    slack_stub: SlackStub,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever goes wrong: neither in logs nor in metrics, nor beside a message that is set aside."""
    # A name of its own: a logger keeps the stdout of whoever asked for it first.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"{function}-watched")
    slack_stub.replies.append(limited("1"))
    receiver.replies.append(Reply(500))
    DRIVES[function](cloud)

    said = "".join(capsys.readouterr())
    assert f'"service":"{function}-watched"' in said
    assert [] == [word for word in PLANTED if word in said]
    aside = cloud.sqs.receive_message(QueueUrl=cloud.quarantine, MessageAttributeNames=["All"])
    attributes = [one["MessageAttributes"] for one in aside.get("Messages", [])]
    assert (function == "process") == bool(attributes)
    assert "canary" not in str(attributes)


def test_fault_103_what_nobody_foresaw_is_told_by_its_type_alone() -> None:
    """Lambda writes an exception's message into the log, and a `KeyError` has a key of somebody's in it."""

    def handler(event: Any, context: Any) -> Any:
        return event[PERSON]

    with pytest.raises(Unforeseen, match="KeyError") as raised:
        discreet(handler)({}, None)
    assert raised.value.__suppress_context__
    assert "handler" in [entry.name for entry in raised.traceback]


def test_fault_103_every_function_is_started_discreetly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the runtime gets is not the handler itself."""
    module = ModuleType("somebody's")
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def build(env: Mapping[str, str]) -> Handler:
        return lambda event, _: event[PERSON]

    build.__module__ = module.__name__
    with pytest.raises(Unforeseen):
        entry(build)("handler")({}, None)


def test_our_own_errors_keep_their_names() -> None:
    """They never hold what somebody sent, and say what to look at."""
    handler: Handler = _raising

    with pytest.raises(sweep.AccountsFailed, match="2"):
        discreet(handler)({}, None)


def _raising(event: Any, context: Any) -> Any:
    raise sweep.AccountsFailed("2 account(s)")


@given(st.text())
@settings(max_examples=examples(34), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fault_104_no_text_makes_a_line_of_its_own_in_the_log(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """Line ends and escape sequences stay inside one JSON string: a log line is one object."""
    outcome = Outcome()
    outcome.faults.append((f"{text}\n\x1b[31m", sweep.AccountsFailed(text)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POWERTOOLS_SERVICE_NAME", "report-watched")
        Report()(outcome, "request-1")
    door = DoorKeeper(FrontDoor().door, lambda: 0.0, lambda: 0.0, namespace="pql", service="door-watched")
    door(gateway_event("/v1/track", text, headers={"x-write-key": text}, request_id=f"{text}\r\n"), Context())

    lines = capsys.readouterr().out.removesuffix("\n").split("\n")
    assert all(f'"service":"{name}-watched"' in "".join(lines) for name in ("report", "door"))
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert not any("\x1b" in line for line in lines)
