"""The local world, made from the real template with handlers of the test's own."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from pql.dev.gateway import Request
from pql.dev.world import Settings, Watchers, World, world

JSON = [("Content-Type", "application/json")]
FUNCTIONS = ("Ingest", "Process", "Notify", "Slack", "Sweep", "Watch")


class Spy:
    """Builds for all functions: each keeps its environment and events; ingest forwards to the queue."""

    def __init__(self) -> None:
        self.env: dict[str, Mapping[str, str]] = {}
        self.events: dict[str, list[Any]] = {name: [] for name in FUNCTIONS}
        self.contexts: list[Any] = []

    def builds(self) -> dict[str, Callable[[Mapping[str, str]], Any]]:
        """Return a build for every function."""
        return {name: self._build(name) for name in FUNCTIONS}

    def _build(self, name: str) -> Callable[[Mapping[str, str]], Any]:
        def build(env: Mapping[str, str]) -> Any:
            self.env[name] = env
            return handle

        def handle(event: Any, context: Any) -> Any:
            self.events[name].append(event)
            self.contexts.append(context)
            return getattr(self, f"_{name.lower()}", lambda _event: None)(event)

        return build

    def _ingest(self, event: Any) -> dict[str, Any]:
        if event["body"] == "broken":
            raise ValueError("boom")
        boto3.client("sqs").send_message(
            QueueUrl=self.env["Ingest"]["EVENTS_QUEUE_URL"], MessageBody=event["body"]
        )
        return {"statusCode": 200, "headers": {"X-Own": "1"}, "body": "{}"}

    def _process(self, event: Any) -> None:
        for record in event["Records"]:
            item = {"pk": {"S": "a:acme"}, "sk": {"S": record["body"]}, "lead": {"B": b"{}"}}
            boto3.client("dynamodb").put_item(TableName=self.env["Process"]["TABLE"], Item=item)

    def _notify(self, event: Any) -> None:
        for record in event["Records"]:
            boto3.client("sns").publish(
                TopicArn=self.env["Notify"]["LEADS_TOPIC_ARN"],
                Message=record["dynamodb"]["Keys"]["sk"]["S"],
                MessageAttributes={"rule": {"DataType": "String", "StringValue": "classic"}},
            )


@pytest.fixture
def spy() -> Spy:
    """Handlers to watch."""
    return Spy()


@pytest.fixture
def made(spy: Spy) -> Iterator[World]:
    """A world with those handlers."""
    with world(Settings(write_key="my-key", webhook_secret="my-secret", builds=spy.builds())) as alive:
        yield alive


def post(made: World, body: str) -> int:
    """Send one request and return its status."""
    return made.answer(Request("POST", "/v1/track", JSON, body.encode())).status


def test_an_event_goes_all_the_way(made: World, spy: Spy) -> None:
    """A request reaches ingest, its message process, the new lead notify, and the announcement slack."""
    assert post(made, "lead#classic#1") == 200
    made.drain()

    assert [len(spy.events[name]) for name in FUNCTIONS] == [1, 1, 1, 1, 0, 0]
    assert spy.events["Slack"][0]["Records"][0]["body"] == "lead#classic#1"
    assert [message["Message"] for message in made.published] == ["lead#classic#1"]
    assert made.published[0]["MessageAttributes"]["rule"]["Value"] == "classic"
    assert (0, 0, 0) == made.depth()


def test_only_new_leads_are_announced(made: World, spy: Spy) -> None:
    """The template's stream filter keeps everything but leads from notify."""
    post(made, "state")
    made.drain()

    assert len(spy.events["Process"]) == 1
    assert spy.events["Notify"] == []


def test_environments_come_from_the_template(made: World, spy: Spy) -> None:
    """Every function is built with exactly what the template declares, resolved."""
    table = boto3.client("dynamodb").describe_table(TableName=spy.env["Process"]["TABLE"])["Table"]

    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["outbox", "wake"]
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert spy.env["Process"]["LATENESS_DAYS"] == "7"
    assert spy.env["Slack"]["SLACK_HOSTS"] == made.slack.origin
    assert not any("Ref" in value or "Fn::" in value for env in spy.env.values() for value in env.values())


def test_secrets_hold_what_was_chosen(made: World, spy: Spy) -> None:
    """Keys are settable, so that recorded requests can be replayed."""

    def value(arn: str) -> Any:
        return json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])

    assert value(spy.env["Ingest"]["WRITE_KEY_SECRET"]) == {"current": "my-key", "previous": []}
    assert value(spy.env["Ingest"]["WEBHOOK_SECRET"]) == {"current": "my-secret", "previous": []}
    assert value(spy.env["Slack"]["SLACK_SECRET"]) == {"current": {"webhook_url": made.slack.webhook_url}}


@pytest.mark.parametrize(
    ("webhook", "hosts"),
    [
        (
            "https://hooks.slack.com/services/T/B/X",
            "hooks.slack.com,hooks.slack-gov.com,slack.com,slack-gov.com",
        ),
        ("http://127.0.0.1:8123/hook", "http://127.0.0.1:8123"),
    ],
)
def test_cards_can_go_to_a_webhook_of_ones_own(spy: Spy, webhook: str, hosts: str) -> None:
    """A webhook replaces the world's own Slack, and only one on loopback adds itself to the allowed hosts."""
    with world(Settings(slack_webhook=webhook, builds=spy.builds())):
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=spy.env["Slack"]["SLACK_SECRET"])

    assert json.loads(secret["SecretString"]) == {"current": {"webhook_url": webhook}}
    assert spy.env["Slack"]["SLACK_HOSTS"] == hosts


def test_the_channels_of_rules_lead_to_the_same_place(spy: Spy, tmp_path: Path) -> None:
    """A rule that names a channel is heard in the local world as any other."""
    rule = "{when: {signal: a, at_least: 1}, tier: warm, title: t, reason: r, channels: ['#sales', C01]}"
    test = "{name: n, timeline: [0d A], expect: fires at 0d}, {name: m, timeline: [0d B], expect: silent}"
    (tmp_path / "r.yaml").write_text(f"signals: {{a: {{count: A}}}}\nrules: {{r: {rule}}}\ntests: [{test}]\n")
    with world(Settings(rules=tmp_path, builds=spy.builds())) as made:
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=spy.env["Slack"]["SLACK_SECRET"])

    here = made.slack.webhook_url
    expected = {"webhook_url": here, "webhooks": {"C01": here, "sales": here}}
    assert expected == json.loads(secret["SecretString"])["current"]


def test_an_outage_is_answered_before_the_function(made: World, spy: Spy) -> None:
    """During an outage clients hear 503 and ingest hears nothing; then all is as before."""
    made.outage(requests=2)

    assert [post(made, "state") for _ in range(3)] == [503, 503, 200]
    assert len(spy.events["Ingest"]) == 1


def test_a_function_that_raises_is_a_500(made: World) -> None:
    """The gateway answers for a function that broke, without its words."""
    answer = made.answer(Request("POST", "/v1/track", JSON, b"broken"))

    assert (answer.status, json.loads(answer.body)) == (500, {"message": "Internal Server Error"})
    assert made.functions["Ingest"].errors == 1


def test_fault_018_the_bare_path_reaches_ingest(made: World, spy: Spy) -> None:
    """The gateway answers nothing itself: a client is told by code, and with CORS, what no path is."""
    assert made.answer(Request("POST", "/", JSON, b"state")).status == 200
    assert ["/"] == [event["rawPath"] for event in spy.events["Ingest"]]


def test_a_path_without_route_is_not_found(made: World, spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no route of a template takes, the gateway answers itself."""
    monkeypatch.setattr(made, "_routes", [("ANY /{proxy+}", function) for _, function in made._routes])

    assert made.answer(Request("GET", "/", [], b"")).status == 404
    assert spy.events["Ingest"] == []


def test_the_sweep_runs_on_its_schedule(made: World, spy: Spy) -> None:
    """The schedules of the template invoke sweep and watch, and nobody else."""
    made.fire_schedules()

    assert [len(spy.events[name]) for name in FUNCTIONS] == [0, 0, 0, 0, 1, 1]


def test_the_context_is_as_lambda_makes_it(made: World, spy: Spy) -> None:
    """Name, ARN, memory, request id and remaining time are there, and the time is the template's."""
    post(made, "state")
    context = spy.contexts[0]

    assert (context.function_name, context.memory_limit_in_mb) == ("pql-Ingest", 1024)
    assert context.invoked_function_arn.endswith(":function:pql-Ingest")
    assert spy.events["Ingest"][0]["requestContext"]["requestId"] == context.aws_request_id
    assert 0 < context.get_remaining_time_in_millis() <= 6_000


def test_a_service_can_be_out(made: World) -> None:
    """A service that is out answers 503 to every call, and only inside the block."""
    with made.outages.of("sqs"):
        assert post(made, "state") == 500

    assert post(made, "state") == 200


def test_the_background_work_is_the_same_as_a_drain(spy: Spy) -> None:
    """With the pump running a lead is announced without anybody asking."""
    announced = threading.Event()
    watchers = Watchers(published=lambda _message: announced.set())
    with world(Settings(builds=spy.builds()), watchers) as made:
        made.pump.start()
        post(made, "lead#classic#1")

        assert announced.wait(20)


def test_a_world_leaves_nothing_behind(spy: Spy) -> None:
    """A second world starts empty, and the environment is the one from before."""
    before = dict(os.environ)
    with world(Settings(builds=spy.builds())) as first:
        post(first, "state")
    with world(Settings(builds=spy.builds())) as second:
        assert (0, 0, 0) == second.depth()

    assert before == dict(os.environ)
