"""The local world: the template's resources, functions and wiring, alive in this process."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from pql.adapters.sqs_mailbox import SqsMailbox
from pql.dev import gateway
from pql.dev.embedded_aws import Outages, embedded_aws
from pql.dev.function import Function, Handler
from pql.dev.logs import LogLine, Logs
from pql.dev.mappings import routes, sources
from pql.dev.pump import Pump
from pql.dev.recorder import Recorder
from pql.dev.resources import Resources
from pql.dev.schedule_source import ScheduleSource
from pql.dev.slack_receiver import SlackReceiver
from pql.dev.template import REGION, load
from pql.flows.mailbox import Depth
from pql.rules.directory import rules_directory
from pql.rules.load import load as load_rules

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
QUEUES = ("EventsQueue", "SlackQueue")
Builds = Mapping[str, Callable[[Mapping[str, str]], Handler]]


@dataclass(frozen=True)
class Settings:
    """What a person may choose about the local world.

    Without `slack_webhook` cards go to a Slack of its own. `parameters` are template parameters,
    `builds` replace the handlers of functions by their logical ids.
    """

    template: Path = TEMPLATE
    write_key: str = "local-write-key"
    webhook_secret: str = "local-webhook-secret"  # noqa: S105 (the default of a loopback world)
    slack_webhook: str | None = None
    rules: Path | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    builds: Builds = field(default_factory=dict)


@dataclass
class Watchers:
    """Whom the world tells: of a function's log line, of a message on the topic, of every pass."""

    logged: LogLine | None = None
    published: Callable[[dict[str, Any]], None] = lambda _message: None
    passed: Callable[[], None] = lambda: None
    broke: Callable[[], None] = lambda: None


class World:
    """Everything between an HTTP request and a Slack card. Make one with `world()`."""

    def __init__(
        self, settings: Settings, watchers: Watchers, outages: Outages, slack: SlackReceiver
    ) -> None:
        self.settings = settings
        self.outages = outages
        self.slack = slack
        self.logs = Logs(watchers.logged)
        self._refuse = 0
        self._refusing = threading.Lock()
        self.channels = _channels(rules_directory(str(settings.rules) if settings.rules else None))
        self._template = load(settings.template, self._parameters())
        self.resources = Resources(self._template, client, self._secrets())
        self.resources.create_all()
        self.functions = self._functions()
        self._routes = routes(self._template, self.resources, self.functions)
        self._recorder = Recorder(
            client("sqs"), client("sns"), self.resources.ref("LeadsTopic"), watchers.published
        )
        self._sources = sources(self._template, self.resources, self.functions, client)
        self.pump = Pump([*self._sources, self._recorder], watchers.passed, watchers.broke)

    @property
    def published(self) -> list[dict[str, Any]]:
        """Return every message the leads topic delivered, oldest first."""
        return self._recorder.messages

    def answer(self, request: gateway.Request) -> gateway.Response:
        """Return what the front door answers to a request."""
        with self._refusing:
            if self._refuse:
                self._refuse -= 1
                return gateway.UNAVAILABLE
        path = urlsplit(request.target).path
        for route, function in self._routes:
            if gateway.matches(route, request.method, path):
                return self._invoked(function, request, route)
        return gateway.NOT_FOUND

    def outage(self, requests: int = 1) -> None:
        """Let the front door answer the next `requests` with 503 and not reach the function."""
        self._refuse = requests

    def drain(self) -> None:
        """Work until everything that was sent has had its effect."""
        self.pump.drain()

    def fire_schedules(self) -> None:
        """Run what runs on a schedule, now."""
        for source in self._sources:
            if isinstance(source, ScheduleSource):
                source.fire()

    def depth(self) -> Depth:
        """Return how full the queues are; between passes what is in flight has been handed back."""
        found = [SqsMailbox(client("sqs"), self.resources.ref(name)).depth() for name in QUEUES]
        return Depth(*(sum(part) for part in zip(*found, strict=True)))

    def patience(self) -> int:
        """Return the seconds until an event that was handed back is tried again."""
        wanted, url = "VisibilityTimeout", self.resources.ref("EventsQueue")
        found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])
        return int(found["Attributes"][wanted])

    def _invoked(self, function: Function, request: gateway.Request, route: str) -> gateway.Response:
        request_id = str(uuid.uuid4())
        event = gateway.event_of(request, request_id, route)
        if event is None:
            return gateway.TOO_LARGE
        try:
            response = gateway.response_of(function.invoke(event, request_id))
        except Exception as error:  # noqa: BLE001 (a function may raise anything, and its caller gets a 500)
            function.failed(error)
            return gateway.BROKEN
        self.pump.wake()
        return response

    def _parameters(self) -> dict[str, str]:
        webhook = self.settings.slack_webhook or self.slack.webhook_url
        parameters = {"SlackWebhookUrl": webhook}
        parts = urlsplit(webhook)
        if parts.scheme == "http":
            # The functions call https alone, except where a host is listed with its scheme.
            parameters["SlackHosts"] = f"http://{parts.netloc}"
        return parameters | dict(self.settings.parameters)

    def _secrets(self) -> dict[str, str]:
        current = {"WriteKeySecret": self.settings.write_key, "WebhookSecret": self.settings.webhook_secret}
        values: dict[str, Any] = {name: {"current": one, "previous": []} for name, one in current.items()}
        given = self._parameters()
        if self.channels and given["SlackWebhookUrl"] and not given.get("SlackBotToken"):
            # Whatever a rule calls a channel is heard where the others are.
            address = given["SlackWebhookUrl"]
            webhooks = dict.fromkeys(self.channels, address)
            values["SlackSecret"] = {"current": {"webhook_url": address, "webhooks": webhooks}}
        return {name: json.dumps(value) for name, value in values.items()}

    def _functions(self) -> dict[str, Function]:
        functions = {}
        for name, resource in self._template.of_type("AWS::Serverless::Function").items():
            properties = resource["Properties"]
            declared = properties.get("Environment", {}).get("Variables", {})
            env = {key: str(value) for key, value in self._template.resolve(declared, self.resources).items()}
            if self.settings.rules and "RULES" in env:
                env["RULES"] = str(self.settings.rules)
            arn = self.resources.attribute(name, "Arn")
            functions[name] = Function(name, arn, {**properties, **self._sizes(properties)}, env, self.logs)
            functions[name].start(self.settings.builds.get(name))
        return functions

    def _sizes(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: self._template.resolve(properties[key])
            for key in {"MemorySize", "Timeout"} & properties.keys()
        }


def _channels(rules: Path) -> list[str]:
    """Return the channels that rules name, without the `#` that may stand before."""
    files = load_rules(rules).files.values()
    named = {channel for file in files for rule in file.rules.values() for channel in rule.channels}
    return sorted({channel.removeprefix("#") for channel in named})


@cache
def _client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def client(service: str) -> Any:
    """Return the local world's own client for a service; call it inside `world()` only."""
    return _client(service)


@contextmanager
def world(settings: Settings | None = None, watchers: Watchers | None = None) -> Iterator[World]:
    """Run the block with a local world, created from the template and gone afterwards."""
    chosen = settings or Settings()
    with ExitStack() as stack:
        outages = stack.enter_context(embedded_aws())
        slack = SlackReceiver()
        slack.start()
        stack.callback(slack.stop)
        stack.callback(_client.cache_clear)
        made = World(chosen, watchers or Watchers(), outages, slack)
        stack.callback(made.logs.stop)
        stack.callback(made.pump.stop)
        yield made
