"""Process, wired: queue records to table, archive and quarantine, through the handler and boto3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from fakes.chances import examples
from fakes.crashing_store import Killed
from fakes.events import DAY, START, event
from fakes.lambda_context import Context
from fakes.tables import make_table
from pql.adapters.aws_clients import aws_client
from pql.core.dedup import mark_of
from pql.core.envelope import encode
from pql.core.event import Event
from pql.flows.count import LEAST_SECONDS
from pql.flows.outcome import Outcome
from pql.handlers import process
from pql.rules.faults import RulesRejected

RULES = """
signals: {reports: {count: Report Created}}
scores: {reports: [{points: 1, per: reports, up_to: 1000}]}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}
tests:
  - {name: three, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: one, timeline: [0d Report Created], expect: silent}
"""


@dataclass
class Cloud:
    """The resources of process, and a handler over them that never sleeps."""

    env: dict[str, str]
    dynamodb: Any
    sqs: Any
    s3: Any
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dynamodb.meta.events.register("before-parameter-build.dynamodb", self._note)

    def end(self) -> None:
        """Leave everything as it was."""
        self.dynamodb.meta.events.unregister("before-parameter-build.dynamodb", self._note)
        self.sqs.delete_queue(QueueUrl=self.env["QUARANTINE_QUEUE_URL"])
        for item in self.dynamodb.scan(TableName="pql")["Items"]:
            self.dynamodb.delete_item(TableName="pql", Key={"pk": item["pk"], "sk": item["sk"]})

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.name, params))

    def run(self, *bodies: str, left: int = 30_000) -> list[str]:
        """Handle one record for each body with so many ms left; return the positions that failed."""
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
        clients = {"dynamodb": self.dynamodb, "sqs": self.sqs, "s3": self.s3}
        handle = process.build(self.env, **clients, clock=lambda: START / 1000, pause=lambda _: None)
        answer = handle({"Records": records}, Context(left))
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def reports(self, account: str = "acme") -> int:
        """Return how many reports of an account were counted, by the score that stands beside its state."""
        key = {"pk": {"S": f"a:{account}"}, "sk": {"S": "state"}}
        item = self.dynamodb.get_item(TableName="pql", Key=key).get("Item")
        return int(float(item["scores"]["M"]["reports"]["N"])) if item else 0

    def leads(self) -> int:
        """Return how many leads there are."""
        items = self.dynamodb.scan(TableName="pql")["Items"]
        return sum(item["sk"]["S"].startswith("lead#") for item in items)

    def quarantined(self) -> list[str]:
        """Return the bodies in quarantine."""
        url = self.env["QUARANTINE_QUEUE_URL"]
        got = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [one["Body"] for one in got.get("Messages", [])]


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[Any, Any, Any]]:
    """Return clients of an AWS with a table, a queue and a bucket: making them is what takes time."""
    names = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_METRICS_NAMESPACE": "pql",
        "POWERTOOLS_SERVICE_NAME": "process",
    }
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in names.items():
            patch.setenv(name, value)
        dynamodb, sqs, s3 = aws_client("dynamodb"), boto3.client("sqs"), boto3.client("s3")
        make_table(dynamodb)
        s3.create_bucket(Bucket="archive")
        yield dynamodb, sqs, s3


@pytest.fixture
def cloud(aws: tuple[Any, Any, Any], tmp_path: Path) -> Iterator[Cloud]:
    """Return the resources, with nothing in them."""
    (tmp_path / "rules.yaml").write_text(RULES)
    dynamodb, sqs, s3 = aws
    env = {
        "TABLE": "pql",
        "ARCHIVE_BUCKET": "archive",
        "QUARANTINE_QUEUE_URL": sqs.create_queue(QueueName="quarantine")["QueueUrl"],
        "RULES": str(tmp_path),
    }
    made = Cloud(env, dynamodb, sqs, s3)
    yield made
    made.end()


def reports(count: int, account: str = "acme", first: int = 0) -> list[Event]:
    """Return reports of one account."""
    return [event((account, number), account=account, at=number) for number in range(first, first + count)]


def test_fault_035_039_one_bad_record_among_good_ones_is_set_aside_alone(cloud: Cloud) -> None:
    """What nobody can read is in quarantine, nothing is handed out again, and the others are counted."""
    failed = cloud.run(encode(reports(1)), "no envelope", encode(reports(1, "globex")))

    assert [] == failed
    assert ["no envelope"] == cloud.quarantined()
    assert [1, 1] == [cloud.reports(), cloud.reports("globex")]


def test_fault_035_a_record_that_fails_is_named_and_the_others_are_done(cloud: Cloud) -> None:
    """A row that a newer deployment wrote holds up its own message and no other."""
    cloud.dynamodb.put_item(
        TableName="pql",
        Item={
            "pk": {"S": "a:newer"},
            "sk": {"S": "state"},
            "v": {"N": "1"},
            "ledger": {"B": b"\x94\x63\xc4\x00\x00\xc2"},
        },
    )

    assert ["1"] == cloud.run(encode(reports(1)), encode(reports(1, "newer")), encode(reports(1, "globex")))
    assert [1, 1] == [cloud.reports(), cloud.reports("globex")]


def test_fault_036_044_a_batch_that_comes_again_costs_reads_only(cloud: Cloud) -> None:
    """The function died after its writes: the whole batch returns, and twice more from the dead letters."""
    batch = (encode(reports(3)), encode(reports(1, "globex")))
    cloud.run(*batch)
    cloud.calls.clear()
    for _ in range(3):
        assert [] == cloud.run(*batch)

    written = [params for name, params in cloud.calls if name not in {"BatchGetItem", "Query"}]
    # Each of the three is a new container, which notes which events it has seen.
    assert 3 == len(written)
    assert all("watch" in str(params.get("Key", params)) for params in written)
    assert (3, 1) == (cloud.reports(), cloud.leads())


@pytest.mark.parametrize(
    ("days", "counted"), [("", 1), ("3", 1), ("2", 0)], ids=["default", "in time", "late"]
)
def test_what_is_older_than_the_limit_that_was_chosen_is_not_counted(
    cloud: Cloud, days: str, counted: int
) -> None:
    """Three days old on arrival."""
    cloud.env["LATENESS_DAYS"] = days
    failed = cloud.run(encode([event("old", at=-3 * DAY, received=0)]))

    assert ([], counted) == (failed, cloud.reports())


def test_a_run_whose_time_is_over_begins_no_account(cloud: Cloud) -> None:
    """Lambda tells milliseconds: what could not be ended goes back, whole."""
    assert ["0"] == cloud.run(encode(reports(1)), left=int(LEAST_SECONDS * 1000) - 1)
    assert 0 == cloud.reports()
    assert [] == cloud.run(encode(reports(1)), left=int(LEAST_SECONDS * 1000))
    assert 1 == cloud.reports()


def test_a_sighting_that_cannot_be_noted_is_told(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """The events are counted all the same; the rule that needs them may look blind."""

    def denied(params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        refusal = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        return (AWSResponse("", 400, {}, None), refusal) if b'"watch"' in _bytes(params["body"]) else None

    cloud.dynamodb.meta.events.register("before-call.dynamodb.UpdateItem", denied)
    failed = cloud.run(encode(reports(1)))
    cloud.dynamodb.meta.events.unregister("before-call.dynamodb.UpdateItem", denied)

    assert ([], 1) == (failed, cloud.reports())
    assert '"SightingsLost":[1.0]' in capsys.readouterr().out


def _bytes(body: bytes | str) -> bytes:
    return body if isinstance(body, bytes) else body.encode()


@given(st.lists(st.text()), st.lists(st.text()))
@settings(max_examples=examples(34))
def test_fault_037_a_partial_answer_names_what_failed_in_the_form_that_lambda_reads(
    failed: list[str], done: list[str]
) -> None:
    """One other key, a null or an unknown id would bring the whole batch back."""
    outcome = Outcome(failed=failed)
    outcome.counts.update(done)

    assert {"batchItemFailures": [{"itemIdentifier": one} for one in failed]} == outcome.partial()


def test_fault_039_a_poison_message_is_kept_before_it_is_acknowledged(cloud: Cloud) -> None:
    """Killed in between, it is in quarantine twice and never lost."""
    stop = cloud.sqs.meta.events

    def die(**_: Any) -> None:
        raise Killed

    stop.register("after-call.sqs.SendMessage", die)
    with pytest.raises(Killed):
        cloud.run("no envelope")
    stop.unregister("after-call.sqs.SendMessage", die)

    assert [] == cloud.run("no envelope")
    assert ["no envelope", "no envelope"] == cloud.quarantined()


def test_fault_050_051_052_an_answer_that_is_lost_counts_nothing_twice_whoever_repeats_it(
    cloud: Cloud,
) -> None:
    """The client itself tries again, fails on its own write, and that is not taken for somebody else's."""
    for first, operation in ((0, "UpdateItem"), (2, "TransactWriteItems")):
        with losing(cloud.dynamodb, operation) as lost:
            assert [] == cloud.run(encode(reports(2, first=first)))
        assert 1 == lost["times"]

    assert (4, 1) == (cloud.reports(), cloud.leads())


@pytest.mark.parametrize("error", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_fault_055_a_table_that_takes_nothing_gives_everything_back(cloud: Cloud, error: str) -> None:
    """A bounded number of tries, then the queue keeps the messages; nothing is counted in part."""

    def throttled(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse("", 400, {}, None), {"Error": {"Code": error, "Message": "later"}}

    events = cloud.dynamodb.meta.events
    events.register("before-call.dynamodb.UpdateItem", throttled)
    assert ["0", "1"] == cloud.run(encode(reports(1)), encode(reports(1, "globex")))
    events.unregister("before-call.dynamodb.UpdateItem", throttled)

    assert 0 == cloud.reports()
    assert [] == cloud.run(encode(reports(1)), encode(reports(1, "globex")))
    assert 1 == cloud.reports()


def test_fault_059_every_read_behind_a_commit_is_strongly_consistent(cloud: Cloud) -> None:
    """A stale answer to "was it counted?" is a double count."""
    cloud.run(encode([*reports(3), event("alone", account=None)]))
    reads = [
        table.get("ConsistentRead")
        for name, params in cloud.calls
        if name == "BatchGetItem"
        for table in params["RequestItems"].values()
    ]

    assert reads
    assert {True} == set(reads)
    assert "GetItem" not in {name for name, _ in cloud.calls}


def test_fault_060_an_id_that_has_expired_and_is_still_there_counts_as_seen(cloud: Cloud) -> None:
    """DynamoDB deletes when it gets to it; until then the id is known, and that is the safe side."""
    copy = reports(1)[0]
    bucket = mark_of(copy).bucket(0)
    cloud.run(encode(reports(100, first=1)))
    cloud.run(encode(reports(1, first=101)))
    cloud.dynamodb.put_item(
        TableName="pql",
        Item={
            "pk": {"S": "a:acme"},
            "sk": {"S": f"seen#{bucket}"},
            "ids": {"BS": [mark_of(copy).id]},
            "expires": {"N": "1"},
        },
    )
    before = cloud.reports()
    cloud.run(encode([copy]))

    assert before == cloud.reports()


@pytest.mark.parametrize("text", ["", "signals: {", "rules: {}", RULES.replace("at_least", "atleast")])
def test_fault_098_rules_that_do_not_load_fail_the_start(cloud: Cloud, text: str) -> None:
    """Loudly, before anything is read: a broken file never means "no rules"."""
    (Path(cloud.env["RULES"]) / "rules.yaml").write_text(text)

    with pytest.raises(RulesRejected):
        cloud.run(encode(reports(1)))
    assert [] == cloud.calls


class losing:  # noqa: N801 - reads as a statement
    """Lose the answer to the first call of an operation, after it has been carried out."""

    def __init__(self, client: Any, operation: str) -> None:
        self._events = client.meta.events
        self._operation = operation
        self._done = {"times": 0}

    def __enter__(self) -> dict[str, int]:
        self._events.register_last("before-send", self._lose)
        return self._done

    def __exit__(self, *_: object) -> None:
        self._events.unregister("before-send", self._lose)

    def _lose(self, event_name: str, request: Any, **_: Any) -> None:
        if event_name.endswith(self._operation) and not self._done["times"]:
            self._done["times"] = 1
            raise ReadTimeoutError(endpoint_url=request.url)
