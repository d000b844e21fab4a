"""The front door's module wires itself from the environment and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

import pql.handlers.ingest as front_door
from fakes.clock import Clock
from fakes.front_door import CONTEXT, WRITE_KEY, FrontDoor, gateway_event, track
from pql.adapters.secrets import FRESH, LONGEST_READ
from pql.adapters.sqs import LONGEST_CALL
from pql.core.envelope import decode
from pql.handlers.door_keeper import DEADLINE
from pql.handlers.entry import entry

FUNCTIONS = Path(front_door.__file__).parent.parent.parent


class Stored:
    """A Secrets Manager client with one value for every name."""

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's
        """Return the secret."""
        return {"SecretString": json.dumps({"current": f"value-of-{SecretId}"})}


class Queue:
    """An SQS client that takes everything."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - boto3's
        """Store all entries."""
        self.bodies += [entry["MessageBody"] for entry in Entries]
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}


class Hanging(Stored):
    """A Secrets Manager client that does not answer from some moment on."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.hangs = False

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's
        """Return the secret, or give up after the client's timeouts."""
        if self.hangs:
            self.clock.now += LONGEST_READ
            raise ReadTimeoutError(endpoint_url="https://secretsmanager.example")
        return super().get_secret_value(SecretId)


ENV = {"EVENTS_QUEUE_URL": "https://queue", "WRITE_KEY_SECRET": "keys", "WEBHOOK_SECRET": "hooks"}


def test_the_handler_is_wired_from_the_environment() -> None:
    """Queue, secrets and places come from variables; the clock is ours."""
    queue = Queue()
    handler = front_door.build(
        {**ENV, "ACCOUNT_PLACES": "properties.tenant"}, sqs=queue, secrets_manager=Stored(), clock=lambda: 1.5
    )
    item = track(properties={"tenant": "t"}, context={"groupId": "other"})
    answer = handler(
        gateway_event("/v1/t", json.dumps(item), headers={"x-write-key": "value-of-keys"}), CONTEXT
    )
    [event] = decode(queue.bodies[0])

    assert 200 == answer["statusCode"]
    assert ("t", 1_500) == (event.account, event.received)


@pytest.mark.parametrize("path", ["/v1/batch", "/webhooks/segment"])
def test_fault_004_027_a_secret_store_that_hangs_refuses_nobody(path: str) -> None:
    """With the last good values at hand a batch is taken within the deadline, signed or not.

    The wait for the store comes once for each secret in five minutes.
    """
    clock = Clock()
    secrets_manager = Hanging(clock)
    handler = front_door.build(ENV, sqs=Queue(), secrets_manager=secrets_manager, monotonic=clock)
    body = f"[{json.dumps(track())}]"
    signature = hmac.new(b"value-of-hooks", body[1:-1].encode(), hashlib.sha1).hexdigest()
    headers = {"x-write-key": "value-of-keys", "x-signature": signature}

    def asked() -> tuple[int, float]:
        start = clock.now
        status: int = handler(gateway_event(path, body, headers=headers), CONTEXT)["statusCode"]
        return status, clock.now - start

    warm = asked()
    secrets_manager.hangs = True
    clock.now += FRESH
    answers = [asked() for _ in range(5)]

    assert (200, 0.0) == warm
    assert {200} == {status for status, _ in answers}
    assert [True] * 5 == [took <= DEADLINE - LONGEST_CALL for _, took in answers]
    assert sum(took for _, took in answers) <= 2 * LONGEST_READ


def test_fault_027_a_cold_start_without_secrets_answers_in_time() -> None:
    """With nothing at hand it is a 503, long before the deadline."""
    clock = Clock()
    secrets_manager = Hanging(clock)
    secrets_manager.hangs = True
    handler = front_door.build(ENV, sqs=Queue(), secrets_manager=secrets_manager, monotonic=clock)
    answer = handler(gateway_event("/v1/track", json.dumps(track()), headers={"x-write-key": "k"}), CONTEXT)

    assert (503, True) == (answer["statusCode"], clock.now < DEADLINE)


def test_fault_004_no_client_waits_longer_than_its_adapter_counts_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt, and the timeouts that are set against the deadline."""
    made: dict[str, Any] = {}
    monkeypatch.setattr(boto3, "client", lambda service, config: made.update({service: config}))
    front_door.build(ENV)

    assert {("sqs", LONGEST_CALL, 1), ("secretsmanager", LONGEST_READ, 1)} == {
        (service, config.connect_timeout + config.read_timeout, config.retries["total_max_attempts"])
        for service, config in made.items()
    }


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the URL of a queue in the embedded cloud, with the secrets beside it and the environment set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        secrets = boto3.client("secretsmanager")
        for name in ("keys", "hooks"):
            secrets.create_secret(Name=name, SecretString=json.dumps({"current": f"value-of-{name}"}))
        url = boto3.client("sqs").create_queue(QueueName="events")["QueueUrl"]
        for name, value in {**ENV, "EVENTS_QUEUE_URL": url}.items():
            monkeypatch.setenv(name, value)
        yield url


def test_the_runtime_finds_a_handler_that_works(cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`getattr(module, "handler")` builds it once, with real clients, and it queues."""
    handler = front_door.handler
    monkeypatch.delitem(vars(front_door), "handler", raising=True)
    answer = handler(
        gateway_event("/v1/t", json.dumps(track()), headers={"x-write-key": "value-of-keys"}), CONTEXT
    )
    received = boto3.client("sqs").receive_message(QueueUrl=cloud)["Messages"]

    assert 200 == answer["statusCode"]
    assert ["m-1"] == [event.message for event in decode(received[0]["Body"])]


@pytest.mark.parametrize(
    ("body", "key", "said"),
    [
        (track(), "wrong", {"RequestsRefused", "RequestsUnauthorized"}),
        (track(), None, {"RequestsRefused", "RequestsUnauthorized"}),
        ("{", WRITE_KEY, {"RequestsRefused"}),
    ],
    ids=["wrong", "none", "right"],
)
def test_fault_019_a_wrong_key_is_counted_apart(
    body: object, key: str | None, said: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has a wrong one loses every event; a body that cannot be read is its sender's own affair."""
    FrontDoor().post("/v1/track", body, key=key)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [line["_aws"]["CloudWatchMetrics"][0]["Metrics"] for line in lines if "_aws" in line]

    assert said == {metric["Name"] for one in metrics for metric in one}


def test_a_missing_variable_fails_at_init() -> None:
    """A function that is not configured does not start."""
    with pytest.raises(KeyError):
        front_door.build({}, sqs=Queue(), secrets_manager=Stored())


def test_the_entry_gives_a_handler_and_nothing_else() -> None:
    """Any other missing name is an AttributeError, as Python promises."""
    with pytest.raises(AttributeError, match="nonsense"):
        entry(front_door.build)("nonsense")


def test_the_import_is_lean_and_does_nothing() -> None:
    """Importing the module reads no variable and loads neither rules, pydantic, YAML nor moto."""
    script = (
        "import os, sys\n"
        "before = dict(os.environ)\n"
        "import pql.handlers.ingest\n"
        "heavy = ('pydantic', 'yaml', 'moto', 'pql.rules', 'pql.engine')\n"
        "print([name for name in heavy if name in sys.modules], before == dict(os.environ))"
    )
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(FUNCTIONS)},
    )  # fmt: skip

    assert "[] True" == ran.stdout.strip()
