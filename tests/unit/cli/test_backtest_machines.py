"""`pql backtest --on` has several machines do the work, and `--course` shows again what they found."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from fakes.backtest_machine import RULES, archived, machine, towns
from fakes.events import START
from fakes.state_machine import Failed
from pql.adapters.event_cloud import Cloud
from pql.backtest.rerun.rerun import Rerun
from pql.cli.main import main
from pql.core.window import DAY, HOUR
from pql.rules.load import load


class Stack:
    """CloudFormation and Step Functions of a deployed stack, whose machine runs while it is started."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self.parts = {"Runs": "runs", "Machine": "arn:machine"}
        self._ends: list[dict[str, str]] = []
        self.inputs: list[Any] = []

    def list_stack_resources(self, **asked: str) -> Any:
        """Return the parts."""
        return {
            "StackResourceSummaries": [
                {"LogicalResourceId": one, "PhysicalResourceId": where} for one, where in self.parts.items()
            ]
        }

    def start_execution(self, **asked: str) -> Any:
        """Run it to its end."""
        assert asked["stateMachineArn"] == "arn:machine"
        self.inputs.append(json.loads(asked["input"]))
        try:
            machine(self._s3).run(self.inputs[-1])
        except Failed as failed:
            self._ends = [{"status": "FAILED", "error": str(failed)}]
        else:
            self._ends = [{"status": "RUNNING"}, {"status": "SUCCEEDED"}]
        return {"executionArn": "arn:execution"}

    def describe_execution(self, **asked: str) -> Any:
        """Return how it stands."""
        return self._ends.pop(0)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Return a stack, its archive empty."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.setattr("pql.cli.machines.time.sleep", lambda _: None)
    with mock_aws():
        s3 = boto3.client("s3")
        for bucket in ("archive", "runs"):
            s3.create_bucket(Bucket=bucket)
        deployed = Stack(s3)
        monkeypatch.setattr(Cloud, "client", lambda _, service: s3 if service == "s3" else deployed)
        yield deployed


@pytest.fixture
def archive(stack: Stack) -> None:
    """Fill the archive of the stack."""
    chance = random.Random(2)  # noqa: S311 - no secret
    archived(stack._s3, chance, towns(chance))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return where the rules are."""
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path / "rules.yaml"


CONVERSIONS = ("--conversions", "Order Completed")


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Return the exit code of the command, what it printed and what it told beside."""
    code = main(["backtest", *map(str, arguments), *CONVERSIONS])
    return code, *capsys.readouterr()


@pytest.mark.usefixtures("archive")
def test_several_machines_print_what_one_does(
    stack: Stack, rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And where the course lies, from which everything is told again."""
    here = printed(capsys, rules, "s3://archive/events/")
    there = printed(capsys, rules, "--on", "pql-backtest", "--shards", 3)
    place = there[2].split()[1].rstrip(":")

    assert here[:2] == there[:2]
    assert place.startswith("s3://runs/runs/")
    assert (3, 3) == (stack.inputs[0]["concurrency"], json.loads(_order(stack))["shards"])
    order, hour_ago = json.loads(_order(stack)), time.time() * 1000 - HOUR
    assert hour_ago - HOUR < order["end"] < hour_ago < order["until"] < hour_ago + HOUR
    assert here[:2] == printed(capsys, rules, "--course", place)[:2]


@pytest.mark.usefixtures("archive")
def test_machines_are_asked_for_the_chosen_days(
    stack: Stack, rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last one included."""
    printed(capsys, rules, "--on", "pql-backtest", "--from", "2025-01-02", "--to", "2025-01-03")
    order = json.loads(_order(stack))

    assert (START + DAY, START + 3 * DAY) == (order["begin"], order["end"])


@pytest.mark.parametrize("shards", ["0", "1001", "x"])
def test_so_many_functions_cannot_share_the_work(
    rules: Path, shards: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As many as run at once."""
    with pytest.raises(SystemExit):
        printed(capsys, rules, "--on", "pql-backtest", "--shards", shards)

    assert "a number of functions from 1 to 1000" in capsys.readouterr().err


def _order(stack: Stack) -> bytes:
    key = f"runs/{stack.inputs[0]['run']}/order.json"
    body: bytes = stack._s3.get_object(Bucket="runs", Key=key)["Body"].read()
    return body


@pytest.mark.usefixtures("archive")
def test_a_run_that_fails_is_told(stack: Stack, rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With where to look at it."""
    stack._s3.put_object(
        Bucket="archive", Key="events/day=2025-01-01/x.jsonl.gz", Body=b"\x1f\x8b\x08\x00torn"
    )
    code, _, said = printed(capsys, rules, "--on", "pql-backtest")

    assert 1 == code
    assert "ended as FAILED (Poison)" in said
    assert "--execution-arn arn:execution" in said


@pytest.mark.parametrize(
    ("arguments", "expected", "said"),
    [
        (["--on", "x", "events.jsonl"], 2, "one of EVENTS, --on and --course"),
        (["--on", "x", "--course", "course.json"], 2, "one of EVENTS, --on and --course"),
        (["--course", "course.json", "--from", "2026-01-01"], 2, "--to and --lateness-days go with EVENTS"),
        (["--course", "course.json", "--lateness-days", "3"], 2, "--to and --lateness-days go with EVENTS"),
        (["--course", "/nowhere.json"], 2, "there is no /nowhere.json"),
        (["--course", __file__], 1, "is no course"),
        (["--course", "s3://runs/nothing"], 1, "NoSuchKey"),
        ([], 2, "say behind it where the events are"),
    ],
)
def test_what_is_wrong_is_said(
    stack: Stack,
    rules: Path,
    arguments: list[str],
    expected: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And the exit code tells what was mistyped from what lies there."""
    code, _, told = printed(capsys, rules, *arguments)

    assert expected == code
    assert said in told


def test_another_stack_is_none_for_it(stack: Stack, rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Such as that of the engine."""
    stack.parts = {"Table": "table"}

    assert "has no Machine" in printed(capsys, rules, "--on", "pql")[2]


def test_a_course_is_shown_under_its_own_rules(
    tmp_path: Path, rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Others would be told figures that are not theirs."""
    (tmp_path / "course.json").write_text('{"rules": ["busy"]}')

    assert "found under other rules (busy)" in printed(capsys, rules, "--course", tmp_path / "course.json")[2]


def test_a_course_is_shown_under_the_version_of_its_rules(
    tmp_path: Path, rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under another bound its leads are those of another rule, whatever that is called."""
    place = tmp_path / "course.json"
    place.write_bytes(msgspec.json.encode(Rerun(load(rules), horizon=7 * DAY).finish()))
    before = printed(capsys, rules, "--course", place)[2]
    rules.write_text(RULES.replace("reports, at_least: 2", "reports, at_least: 3"))

    assert "other" not in before
    assert "found under another version of busy: " in printed(capsys, rules, "--course", place)[2]
