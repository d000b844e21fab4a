"""What `pql doctor` says where it cannot look."""

from __future__ import annotations

import argparse
import json
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from pql.cli import doctor
from pql.cli.main import main
from pql.cli.stack import Deployment
from pql.flows.doctor import Finding


class Refusing:
    """AWS, as it answers somebody who may not look at these services, or a stand-in that has none."""

    def __init__(self, code: str = "AccessDeniedException", **answers: Any) -> None:
        self._code, self._answers = code, answers

    def __getattr__(self, call: str) -> Any:
        answer = self._answers.get(call)
        if answer is not None:
            return lambda **_: answer
        raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, call)


class Deployed(dict[str, Any]):
    """A deployed stack with one client for everything."""

    stack, table = "pql", "pql"

    def client(self, _service: str) -> Any:
        """Return it."""
        return self["client"]


def looked(check: str, client: Any, endpoint: str | None = None) -> list[tuple[str, str, str]]:
    """Return level, words and remedy of what a check of a stack with this client finds."""
    return [(one.level, one.said, one.remedy) for one in found(check, client, endpoint)]


def found(check: str, client: Any, endpoint: str | None = None) -> list[Finding]:
    """Return what a check of a stack with this client finds; a local one answers at `endpoint`."""
    deployed = Deployed.fromkeys((*doctor.NEEDED, *doctor.FED), "https://sqs/name")
    deployed["client"] = client
    chosen = argparse.Namespace(endpoint_url=endpoint)
    return [*doctor._looked(check, doctor.CHECKS[check], cast("Deployment", deployed), chosen)]


def test_a_secret_that_may_not_be_read_is_not_called_empty() -> None:
    """Whoever put another into it would lock out everybody who sends."""
    refused = looked("secrets", Refusing())
    blank = looked("secrets", Refusing(get_secret_value={"SecretString": '{"current": ""}'}))

    assert [("wrong", True, True)] == [
        (level, "AccessDeniedException" in said, "What an operator may do" in remedy)
        for level, said, remedy in refused
    ]
    assert [True, True, False] == ["has no usable value: nobody can send" in said for _, said, _ in blank]


def test_a_queue_whose_age_may_not_be_read_is_not_called_well() -> None:
    """On this machine there are no metrics at all, and nothing is said."""
    client = Refusing(query={"Items": []})

    assert [("unknown", "cannot be looked at: CloudWatch: AccessDeniedException")] == [
        one[:2] for one in looked("lag", client)
    ]
    assert [("ok", "well", "")] == looked("lag", client, "http://127.0.0.1:8001")


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing say in which region the deployment is."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "PQL_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")


@pytest.mark.usefixtures("nowhere")
def test_one_reason_that_keeps_from_looking_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """First, with what to type; what else cannot be looked at is named."""
    code = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()

    assert (1, 1) == (code, sum("export AWS_REGION" in line for line in lines))
    assert lines[0].startswith("✗ stack: cannot be looked at: CloudFormation: nobody says in which region")
    either = "cannot be looked at either, for the same reason as stack"
    assert [
        f"✗ table, shadow, secrets, queues, delivery, lag: {either}",
        f"? functions, schedules, alarm topic, alarms: {either}",
    ] == lines[-2:]


def test_of_two_reasons_each_is_said_to_be_the_one(capsys: pytest.CaptureFixture[str]) -> None:
    """By what it was told of; what a deployment of this machine never has is not spoken of."""
    code = main(["doctor", "--endpoint-url", "http://127.0.0.1:9"])
    out = capsys.readouterr().out
    either = ": cannot be looked at either, for the same reason as"

    assert 1 == code
    assert [
        f"✗ secrets, queues{either} stack",
        f"? functions, alarms{either} stack",
        f"✗ shadow, delivery, lag{either} table",
    ] == [line for line in out.splitlines() if either in line]
    assert ["schedules" in out, "alarm topic" in out] == [False, False]


def test_what_pql_dev_does_itself_is_one_line() -> None:
    """No fault, and nothing to look for; who does not know a call elsewhere is told as it is."""
    client = Refusing("UnknownOperationException")
    here = [found(check, client, "http://127.0.0.1:8001") for check in ("functions", "alarms")]
    said = "`pql dev` runs the functions itself, and has no alarms"

    assert [Finding("note", "functions, alarms", said)] == [*doctor._once([*here[0], *here[1]])]
    assert ["unknown"] == [one.level for one in found("alarms", client)]


@pytest.mark.usefixtures("nowhere")
def test_programs_read_each_reason_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is drawn together."""
    main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)

    assert {"stack", "table", "queues", "alarms"} < {
        one["what"] for one in told if "nobody says in which region" in one["said"]
    }
