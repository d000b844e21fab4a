"""The stack that `python3 infra rehearse` has deployed; behind it a Slack, a webhook and a subscriber."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import boto3
import urllib3
from segment.analytics import Client

from fakes.receiver import Receiver
from fakes.slack_stub import SlackStub
from pql.adapters.dynamo_store import DynamoStore
from pql.core.keys import account_key
from pql.core.lead_message import LeadMessage, decode
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.rules.directory import rules_directory
from pql.rules.load import load
from stack import ROOT

# A function that starts takes seconds where every core is busy, and three start one after the other.
PATIENCE = 120.0
Found = TypeVar("Found")


class DeployedStack:
    """The outputs of the stack, its two front doors, and what became of what was sent there."""

    def __init__(self, slack: SlackStub, receiver: Receiver) -> None:
        self.slack = slack
        self.receiver = receiver
        self.endpoint = os.environ["AWS_ENDPOINT_URL"]
        self.name = os.environ["PQL_STACK"]
        (stack,) = boto3.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        self.plan = Plan(load(rules_directory(None)))
        self.published: list[LeadMessage] = []
        self._pool = urllib3.PoolManager(ca_certs=os.environ["AWS_CA_BUNDLE"])

    @property
    def http_api(self) -> str:
        """Return the address of the HTTP API, by path: names under `localhost` are not found everywhere."""
        api = self.outputs["IngestUrl"].split("/")[2].split(".")[0]
        return f"{self.endpoint}/_aws/execute-api/{api}/$default"

    @property
    def function_url(self) -> str:
        """Return the address of the Function URL, by path as well."""
        url = self.outputs["IngestFunctionUrl"].split("/")[2].split(".")[0]
        return f"{self.endpoint}/_aws/lambda-url/{url}"

    @property
    def write_key(self) -> str:
        """Return the key that the deployment has made."""
        secrets = boto3.client("secretsmanager")
        said = secrets.get_secret_value(SecretId=self.outputs["WriteKeySecretArn"])["SecretString"]
        key: str = json.loads(said)["current"]
        return key

    def function(self, name: str) -> dict[str, Any]:
        """Return the configuration of a function, by its logical id."""
        found: dict[str, Any] = boto3.client("lambda").get_function_configuration(
            FunctionName=self.physical(name)
        )
        return found

    def physical(self, name: str) -> str:
        """Return what a resource is really called."""
        resources = boto3.client("cloudformation").describe_stack_resources(StackName=self.name)
        (found,) = (
            one["PhysicalResourceId"]
            for one in resources["StackResources"]
            if one["LogicalResourceId"] == name
        )
        return str(found)

    @contextmanager
    def sdk(self, **options: Any) -> Iterator[Client]:
        """Yield a client of segment-analytics-python; at the end everything has been sent, or it fails."""
        failures: list[Exception] = []
        client = Client(
            self.write_key,
            host=options.pop("host", self.http_api),
            on_error=lambda error, _: failures.append(error),
            **options,
        )
        yield client
        if not client.sync_mode:
            client.flush()
            client.join()

        assert failures == []

    def post(self, path: str, body: Any, key: str | None = None) -> int:
        """Send a call without the SDK; return the status."""
        headers = urllib3.make_headers(basic_auth=f"{self.write_key if key is None else key}:")
        headers["content-type"] = "application/json"
        answer = self._pool.request(
            "POST", self.http_api + path, body=json.dumps(body), headers=headers, retries=False
        )
        return answer.status

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function directly; fails with what it raised."""
        answer = boto3.client("lambda").invoke(
            FunctionName=self.physical(function), Payload=json.dumps(event)
        )
        said = json.loads(answer["Payload"].read() or b"null")

        assert "FunctionError" not in answer, said
        return said

    def account(self, account: str) -> Account:
        """Return an account as the table holds it."""
        key = account_key(account)
        row = DynamoStore(self.dynamodb, self.outputs["TableName"], _never).rows([key]).get(key)
        return unpack(self.plan, key, row.state if row else b"")

    def counted(self, account: str) -> int:
        """Return how many events of people were counted for an account."""
        return sum(one.events for one in self.account(account).people.values())

    def leads(self, account: str) -> list[LeadMessage]:
        """Return the leads of an account that the topic announced so far."""
        queue = self.sqs.get_queue_url(QueueName=_LISTENER)["QueueUrl"]
        while messages := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            self.published += [decode(one["Body"]) for one in messages]
            for one in messages:
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
        return [lead for lead in self.published if lead.account_id == account]

    def cards(self, lead: str) -> list[Any]:
        """Return the cards at the Slack stub that name this lead."""
        return [card for card in self.slack.cards if lead in json.dumps(card)]

    def keep_logs(self, place: Path) -> None:
        """Write down what every function has logged, for whoever looks for the reason of a failure."""
        logs = boto3.client("logs")
        names = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
        place.write_text(
            "\n".join(
                f"{name} {event['message']}"
                for name in names
                for event in logs.filter_log_events(logGroupName=name)["events"]
            )
        )

    def waiting(self, queue: str) -> int:
        """Return how many messages lie in a queue, by its logical id, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.physical(queue), AttributeNames=names)
        return sum(map(int, answer["Attributes"].values()))


def eventually(what: Callable[[], Found], patience: float = PATIENCE) -> Found:
    """Return what `what` finds, as soon as it finds something: others are at work, in processes of theirs."""
    end = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < end, "it has not come"
        time.sleep(0.05)
    return found


@contextmanager
def deployed_stack() -> Iterator[DeployedStack]:
    """Run the block with the stack, its cards posted to a stub and its topic listened to."""
    with ExitStack() as at_the_end:
        slack = at_the_end.enter_context(SlackStub(int(os.environ["PQL_SLACK_PORT"])))
        receiver = at_the_end.enter_context(Receiver(port=int(os.environ["PQL_RECEIVER_PORT"])))
        made = DeployedStack(slack, receiver)
        _tell("SlackSecretArn", made, webhook_url=slack.webhook)
        _tell("LeadWebhookArn", made, url=f"http://127.0.0.1:{receiver.port}/leads")
        listener = _listen(made.sqs, made.outputs["LeadsTopicArn"])
        at_the_end.callback(made.sqs.delete_queue, QueueUrl=listener)
        at_the_end.callback(made.keep_logs, ROOT / ".aws-sam" / "local-aws" / "functions.log")
        yield made


def _tell(output: str, stack: DeployedStack, **settings: str) -> None:
    """Write settings into the current value of a secret, as docs/deploy.md says."""
    secrets, arn = boto3.client("secretsmanager"), stack.outputs[output]
    said = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    said["current"].update(settings)
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(said))


_LISTENER = "rehearsal-listener"


def _listen(sqs: Any, topic: str) -> str:
    url = sqs.create_queue(QueueName=_LISTENER)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    return str(url)


def _never(_seconds: float) -> None:
    raise AssertionError("reading never has to wait here")
