"""The queue has every message before `send` returns, or the sender is told to try again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto import mock_aws

from pql.adapters.sqs import BYTES_LIMIT, ENTRIES_LIMIT, LONGEST_CALL, SqsQueue, batches
from pql.adapters.sqs_visibility import SqsVisibility
from pql.core.errors import Unavailable

URL = "https://sqs.example/queue"
DEADLINE = 4.0


class Clock:
    """A clock that only sleeping and calling move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Sqs:
    """A client that answers as scripted and then stores; each call takes `cost` seconds."""

    def __init__(self, clock: Clock, *script: Any, cost: float = 0.02) -> None:
        self.clock = clock
        self.script = list(script)
        self.cost = cost
        self.calls: list[list[str]] = []
        self.stored: list[tuple[str, str]] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - boto3's
        """Store, fail some or raise."""
        self.clock.sleep(self.cost)
        self.calls.append([entry["MessageBody"] for entry in Entries])
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        failing: Callable[[str], bool] = step or (lambda _: False)
        failed = [entry for entry in Entries if failing(entry["MessageBody"])]
        good = [entry for entry in Entries if entry not in failed]
        self.stored += [(entry["MessageGroupId"], entry["MessageBody"]) for entry in good]
        return {
            "Successful": [{"Id": entry["Id"]} for entry in good],
            "Failed": [
                {"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"} for entry in failed
            ],
        }


def queue(client: Sqs) -> SqsQueue:
    """Return a queue on `client` whose jitter is always in the middle."""
    return SqsQueue(client, URL, clock=client.clock, sleep=client.clock.sleep, jitter=lambda: 0.5)


def error(code: str, status: int) -> ClientError:
    """Return what boto3 raises for an error answer."""
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "SendMessageBatch"
    )


def test_fault_033_messages_travel_ten_at_a_time() -> None:
    """Every message is stored once, in order, with its group."""
    client = Sqs(Clock())
    messages = [(f"g{number % 3}", f"body-{number}") for number in range(25)]
    queue(client).send(messages, DEADLINE)

    assert messages == client.stored
    assert [10, 10, 5] == [len(call) for call in client.calls]


def test_fault_003_only_what_failed_is_sent_again() -> None:
    """A partly failed call repeats its failed entries and no others."""
    client = Sqs(Clock(), lambda body: body in ("b", "d"), lambda body: body == "d")
    queue(client).send([("g", body) for body in "abcd"], DEADLINE)

    assert [["a", "b", "c", "d"], ["b", "d"], ["d"]] == client.calls
    assert {"a", "b", "c", "d"} == {body for _, body in client.stored}


@pytest.mark.parametrize(
    "trouble",
    [
        error("ServiceUnavailable", 503),
        error("RequestThrottled", 403),
        error("ThrottlingException", 400),
        error("TooManyRequestsException", 400),
        ConnectTimeoutError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
        EndpointConnectionError(endpoint_url=URL),
    ],
    ids=repr,
)
def test_fault_004_passing_trouble_is_tried_again(trouble: Exception) -> None:
    """Throttles, 5xx and lost connections are repeated while there is time."""
    client = Sqs(Clock(), trouble)
    queue(client).send([("g", "a")], DEADLINE)

    assert [["a"], ["a"]] == client.calls


@pytest.mark.parametrize(
    ("trouble", "named"),
    [
        (error("ServiceUnavailable", 503), "ServiceUnavailable"),
        (ReadTimeoutError(endpoint_url=URL), "ReadTimeoutError"),
        (lambda _: True, "InternalError"),
        (error("AccessDenied", 403), "AccessDenied"),
    ],
    ids=["answer", "network", "entries", "refusal"],
)
def test_what_the_queue_said_last_is_told(trouble: object, named: str) -> None:
    """By its code or type, which names nobody and nothing that was sent."""
    client = Sqs(Clock(), *[trouble] * 100)
    with pytest.raises(Unavailable, match=rf": {named}$"):
        queue(client).send([("g", "a")], DEADLINE)


def test_fault_004_lasting_trouble_ends_before_the_deadline() -> None:
    """However often it was tried, the answer leaves in time, whatever the last call cost."""
    clock = Clock()
    client = Sqs(clock, *[error("ServiceUnavailable", 503)] * 100)
    with pytest.raises(Unavailable):
        queue(client).send([("g", "a")], DEADLINE)

    assert 1 < len(client.calls) < 10
    assert clock.now + LONGEST_CALL <= DEADLINE + client.cost + 1e-9


def test_fault_004_calls_that_hang_are_not_repeated_past_the_deadline() -> None:
    """A call that ran into its own timeouts leaves no room for a second one."""
    clock = Clock()
    client = Sqs(clock, *[ReadTimeoutError(endpoint_url=URL)] * 5, cost=LONGEST_CALL)
    with pytest.raises(Unavailable):
        queue(client).send([("g", "a"), *[("g", "b")] * 20], DEADLINE)

    assert 1 == len(client.calls)
    assert clock.now <= DEADLINE


@pytest.mark.parametrize(
    "refusal",
    [
        error("AccessDenied", 403),
        error("AWS.SimpleQueueService.NonExistentQueue", 400),
        error("InvalidMessageContents", 400),
    ],
)
def test_a_lasting_refusal_is_not_repeated(refusal: ClientError) -> None:
    """Our own misconfiguration is told at once, as something that may be mended."""
    client = Sqs(Clock(), refusal)
    with pytest.raises(Unavailable):
        queue(client).send([("g", "a")], DEADLINE)

    assert 1 == len(client.calls)


def test_a_late_start_makes_no_call() -> None:
    """Where reading the body took too long, nothing is begun that cannot end in time."""
    clock = Clock()
    clock.now = 3.0
    client = Sqs(clock)
    with pytest.raises(Unavailable):
        queue(client).send([("g", "a")], DEADLINE)

    assert [] == client.calls


def test_a_call_stays_below_a_mebibyte() -> None:
    """Large messages travel in smaller companies, and none is lost."""
    messages = [
        ("g", "x" * size) for size in (200_000, 200_000, 200_000, 200_000, 200_000, 200_000, 900_000, 5)
    ]
    cut = list(batches(messages))

    assert messages == [message for batch in cut for message in batch]
    assert all(sum(len(body) for _, body in batch) <= BYTES_LIMIT for batch in cut)
    assert all(len(batch) <= ENTRIES_LIMIT for batch in cut)


@pytest.fixture
def live_queue() -> Iterator[tuple[Any, str]]:
    """Yield a client and the URL of a standard queue of the embedded cloud."""
    with mock_aws():
        client = boto3.client(
            "sqs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        yield client, client.create_queue(QueueName="events")["QueueUrl"]


def test_a_message_is_kept_back_for_so_many_seconds() -> None:
    """In the queue that its record names by ARN, and no other."""
    asked: list[dict[str, Any]] = []
    client = SimpleNamespace(
        meta=SimpleNamespace(endpoint_url="https://sqs.example"),
        change_message_visibility=lambda **call: asked.append(call),
    )
    SqsVisibility(client).delay("arn:aws:sqs:eu-west-1:123456789012:slack", "handle", 600)

    url = "https://sqs.example/123456789012/slack"
    assert [{"QueueUrl": url, "ReceiptHandle": "handle", "VisibilityTimeout": 600}] == asked


def test_a_standard_queue_takes_our_entries(live_queue: tuple[Any, str]) -> None:
    """What is sent comes out of a standard queue, group ids and all."""
    client, url = live_queue
    SqsQueue(client, url).send([("a:x", "one"), ("u:~%20!", "two")], deadline=float("inf"))
    received = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]

    assert {"one", "two"} == {message["Body"] for message in received}
