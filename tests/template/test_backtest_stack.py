"""The stack of a backtest on several machines: its definition holds together, its roles allow its work."""

from __future__ import annotations

import fnmatch
import json
import random
import re
from collections import defaultdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.client import BaseClient
from jsonschema import Draft7Validator
from moto import mock_aws

from fakes.backtest_machine import DEFINITION, RULES, STEPS, archived, compacted, machine, meanwhile, towns
from fakes.events import DAY
from pql.adapters.backtest_runs import Order, Runs
from pql.dev.template import ACCOUNT, REGION, load
from stack import ROOT, _Names, statements

BUCKETS = {"ArchiveBucket": "archive"}
TEMPLATE_FILE = ROOT / "infra" / "backtest" / "template.yaml"
TEMPLATE = load(TEMPLATE_FILE, BUCKETS)
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
ARCHIVE = "arn:aws:s3:::archive"
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"
ALLOWED = {
    "Tie": {
        ARCHIVE: {"s3:ListBucket"},
        f"{ARCHIVE}/events/*": {"s3:GetObject"},
        "Runs.Arn/runs/*/order.json": {"s3:GetObject"},
        "Runs.Arn/runs/*/ties/*": {"s3:PutObject"},
    },
    "Plan": {
        "Runs.Arn": {"s3:ListBucket"},
        "Runs.Arn/runs/*/order.json": {"s3:GetObject"},
        "Runs.Arn/runs/*/ties/*": {"s3:GetObject"},
        "Runs.Arn/runs/*/ties.msgpack": {"s3:PutObject"},
    },
    "Count": {
        ARCHIVE: {"s3:ListBucket"},
        f"{ARCHIVE}/events/*": {"s3:GetObject"},
        "Runs.Arn/runs/*/order.json": {"s3:GetObject"},
        "Runs.Arn/runs/*/ties.msgpack": {"s3:GetObject"},
        "Runs.Arn/runs/*/courses/*": {"s3:PutObject"},
    },
    "Merge": {
        "Runs.Arn/runs/*/order.json": {"s3:GetObject"},
        "Runs.Arn/runs/*/courses/*": {"s3:GetObject"},
        "Runs.Arn/runs/*/course.json": {"s3:PutObject"},
    },
    "Machine": {
        **{f"{step}.Arn": {"lambda:InvokeFunction"} for step in STEPS},
        f"{STATES}:stateMachine:pql": {"states:StartExecution"},
        f"{STATES}:execution:pql/*": {"states:DescribeExecution", "states:StopExecution"},
        ARCHIVE: {"s3:ListBucket"},
        # What a ResultWriter is documented to need: large results go up in parts.
        "Runs.Arn/maps/*": {
            *("s3:PutObject", "s3:GetObject"),
            *("s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"),
        },
    },
}
ACTIONS = {"ListObjectsV2": "s3:ListBucket", "GetObject": "s3:GetObject", "PutObject": "s3:PutObject"}
# What only AWS does: the stand-in for a ResultWriter puts one small object.
UNUSED = {"s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"}

Used = dict[str, set[tuple[str, str, str]]]


def properties(name: str) -> dict[str, Any]:
    """Return the resolved properties of a resource."""
    found: dict[str, Any] = TEMPLATE.resolve(dict(TEMPLATE.resources[name]["Properties"]), _Names())
    return found


def granted(name: str) -> list[dict[str, Any]]:
    """Return the statements of a role, but for its logs."""
    (policy,) = properties(f"{name}Role")["Policies"]
    return [one for one in statements(policy["PolicyDocument"]) if set(one["Action"]) != LOGS]


@pytest.mark.parametrize("name", ALLOWED)
def test_a_role_lists_these_actions(name: str) -> None:
    """On these resources, and buckets are listed under their prefix alone."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in granted(name):
        assert ("s3:ListBucket" in one["Action"]) == ("Condition" in one)
        for resource in one["Resource"]:
            found[resource] |= {*one["Action"]}

    assert ALLOWED[name] == found


def test_no_role_is_shared() -> None:
    """Every function and the machine has one of its own, without managed policies; there is no other."""
    assert {f"{name}Role" for name in ALLOWED} == set(TEMPLATE.of_type("AWS::IAM::Role"))
    assert [f"{name}Role.Arn" for name in ALLOWED] == [properties(name)["Role"] for name in ALLOWED]
    assert not any("ManagedPolicyArns" in properties(f"{name}Role") for name in ALLOWED)


@pytest.fixture(scope="module")
def used() -> Used:
    """Return what each role was used for in a whole run beside a compaction: action, resource and prefix."""
    calls: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    now = ["Machine"]
    call = BaseClient._make_api_call

    def noted(self: Any, operation: str, given: dict[str, Any]) -> Any:
        if now[0]:
            bucket = ARCHIVE if given["Bucket"] == "archive" else "Runs.Arn"
            where = f"{bucket}/{given['Key']}" if "Key" in given else bucket
            calls[now[0]].add((ACTIONS[operation], where, given.get("Prefix", "")))
        return call(self, operation, given)

    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with (
        patch.dict("os.environ", keys | {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}),
        mock_aws(),
    ):
        s3 = boto3.client("s3")
        for bucket in ("archive", "runs"):
            s3.create_bucket(Bucket=bucket)
        chance = random.Random(2)  # noqa: S311 - no secret
        archived(s3, chance, towns(chance))
        Runs(s3, "runs").put_order("one", Order({"rules.yaml": RULES}, ["Other"], 2, 7 * DAY))

        def compact(_: object) -> None:
            now[0] = ""
            compacted(s3)
            now[0] = "Machine"

        with patch.object(BaseClient, "_make_api_call", noted):
            states = machine(s3, begins=lambda name: now.__setitem__(0, name))
            meanwhile(states, compact)
            states.run({"run": "one", "concurrency": 1})
    return calls


@pytest.mark.parametrize("name", ALLOWED)
def test_a_run_uses_what_its_roles_allow(name: str, used: Used) -> None:
    """Every call is allowed to whom makes it, and nothing is allowed that nobody calls."""
    rest = {
        (action, resource)
        for one in granted(name)
        for action in one["Action"]
        for resource in one["Resource"]
        if action.startswith("s3:") and not (name == "Machine" and action in UNUSED)
    }
    for action, where, prefix in used[name]:
        under = {
            (action, resource)
            for one in granted(name)
            for resource in one["Resource"]
            if action in one["Action"]
            and fnmatch.fnmatchcase(where, resource)
            and fnmatch.fnmatchcase(prefix, _prefix(one))
        }
        assert under, f"{name} may not {action} {where} {prefix}"
        rest -= under

    assert set() == rest


def _prefix(statement: dict[str, Any]) -> str:
    found: str = statement["Condition"]["StringLike"]["s3:prefix"] if "Condition" in statement else ""
    return found


def test_a_key_is_used_through_s3_alone() -> None:
    """Where the archive has one, every role may use it, and what is kept of a run is encrypted with it."""
    key = "arn:aws:kms:us-east-1:123456789012:key/mine"
    with_key = load(TEMPLATE_FILE, {**BUCKETS, "KmsKeyArn": key})
    for name in ALLOWED:
        role = with_key.resolve(dict(with_key.resources[f"{name}Role"]["Properties"]), _Names())
        (found,) = [
            one for one in statements(role["Policies"][0]["PolicyDocument"]) if one["Resource"] == [key]
        ]
        assert ["kms:Decrypt", "kms:GenerateDataKey"] == found["Action"]
        assert {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}} == found["Condition"]

    assert key in str(with_key.resolve(dict(with_key.resources["Runs"]["Properties"]), _Names()))
    assert "kms" not in str(properties("Runs"))


def test_the_definition_is_one_of_step_functions() -> None:
    """By the schema that cfn-lint holds definitions against where they stand inside a template."""
    spec = find_spec("cfnlint")  # not imported: that takes a second
    assert spec is not None
    folder = Path(str(spec.origin)).parent / "data" / "schemas" / "other" / "step_functions"
    schema = json.loads((folder / "statemachine.json").read_text())
    problems = [one.message for one in Draft7Validator(schema).iter_errors(json.loads(DEFINITION))]

    assert [] == problems


def test_every_placeholder_is_filled_in() -> None:
    """By the template, which fills in no other."""
    named = set(re.findall(r"\$\{(\w+)\}", DEFINITION))
    given = properties("Machine")["DefinitionSubstitutions"]

    assert named == set(given)
    assert {f"{step}.Arn" for step in STEPS} == {
        where for name, where in given.items() if name.endswith("Function")
    }


@pytest.mark.parametrize("step", STEPS)
def test_a_function_gets_what_it_reads(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its handler is built from the variables it is given; Step Functions waits as long as it may take."""
    declared = properties(step)
    module, name = declared["Handler"].rsplit(".", 1)
    variables = {one: str(value) for one, value in declared["Environment"]["Variables"].items()}
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    assert (f"pql.handlers.backtest.{step.lower()}", "handler") == (module, name)
    assert callable(import_module(module).build(variables))
    assert step.lower() == variables["POWERTOOLS_SERVICE_NAME"]
    assert DEFINITION.count(f'"TimeoutSeconds": {declared["Timeout"] + 30}') == len(STEPS)


def test_what_a_run_keeps_is_private_and_expires() -> None:
    """It names accounts and people."""
    runs = properties("Runs")
    (rule,) = runs["LifecycleConfiguration"]["Rules"]
    (refusal,) = properties("RunsPolicy")["PolicyDocument"]["Statement"]

    assert {True} == set(runs["PublicAccessBlockConfiguration"].values())
    assert ("Enabled", 3) == (rule["Status"], rule["ExpirationInDays"])
    assert ("Deny", {"Bool": {"aws:SecureTransport": "false"}}) == (refusal["Effect"], refusal["Condition"])
    assert ["Runs.Arn", "Runs.Arn/*"] == refusal["Resource"]
