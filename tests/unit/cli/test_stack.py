"""Every command finds the table that it works on in the same way, and says how if it does not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from fakes.tables import make_table
from pql.adapters import stack_resources
from pql.cli.main import main
from pql.core.errors import Unavailable

COMMANDS = [
    "account show acme --rules RULES",
    "explain acme --rules RULES",
    "lead list",
    "lead show acme/activated#1",
    "metrics",
    "rules introduce keen --rules RULES",
    "rules live keen",
    "rules shadow",
]
RULES = """\
signals: {reports: {count: Report Created}}
rules: {keen: {when: {signal: reports, at_least: 2}, title: t, reason: r}}
tests:
  - {name: keen, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: not keen, timeline: [0d Report Created], expect: silent}
"""
NOWHERE = "there is no stack pql here: name yours with --stack"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep away what the environment may say of AWS; somebody asks, in a region, where there are rules."""
    (tmp_path / "RULES").mkdir()
    (tmp_path / "RULES" / "keen.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    for name in ("PQL_TABLE", "PQL_STACK", "PQL_ENDPOINT_URL", "AWS_PROFILE", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the stacks that were asked for; only `other` is there, and its table is `others`."""
    stacks: list[str] = []

    def resources(_client: object, stack: str) -> dict[str, str]:
        stacks.append(stack)
        if stack != "other":
            raise Unavailable(NOWHERE)
        return {"Table": "others"}

    monkeypatch.setattr(stack_resources, "resources", resources)
    monkeypatch.setattr(stack_resources, "parameters", lambda _client, _stack: {})
    make_table(boto3.client("dynamodb", region_name="eu-west-1"), "others")
    return stacks


@pytest.mark.parametrize("how", ["option", "environment", "table"])
@pytest.mark.parametrize("words", COMMANDS)
def test_the_table_is_that_of_the_stack_unless_one_is_named(
    asked: list[str],
    words: str,
    how: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stack comes from `--stack` or PQL_STACK, and nobody asks for it who names the table."""
    if how == "environment":
        monkeypatch.setenv("PQL_STACK", "other")
    options = {"option": ["--stack", "other"], "table": ["--table", "others"]}
    main([*words.split(), *options.get(how, [])])

    assert (set() if how == "table" else {"other"}) == {*asked}
    assert "DynamoDB" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("words", COMMANDS)
def test_who_has_no_stack_is_told_what_to_type(
    asked: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first command of somebody new names both ways, and what failed."""
    told = f"{NOWHERE}; a table is found without its stack by --table NAME, or PQL_TABLE\n"

    assert main(words.split())
    assert capsys.readouterr().err.endswith(f": {told}")
    assert {"pql"} == {*asked}


@pytest.mark.parametrize(
    ("missing", "export"),
    [
        (["AWS_REGION"], "AWS_REGION, such as"),
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "AWS_PROFILE, or AWS_ACCESS_KEY_ID and"),
        (["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "AWS_REGION, such as"),
    ],
)
@pytest.mark.parametrize("words", COMMANDS)
def test_who_says_nothing_of_aws_is_told_what_to_export(
    words: str,
    missing: list[str],
    export: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And that the local engine prints it."""
    for name in ("AWS_SESSION_TOKEN", *missing):  # moto brings a token of its own
        monkeypatch.delenv(name, raising=False)

    assert main(words.split())
    told = capsys.readouterr().err
    assert f"export {export}" in told
    assert "or what `pql dev` prints" in told
