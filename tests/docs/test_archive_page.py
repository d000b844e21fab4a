"""The page about the archive shows commands that work and a line as it is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from fakes.events import DAY, START, event
from pql.adapters.s3_archive import S3Archive
from pql.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "archive.md"
COMMANDS = re.findall(r"^pql (.*?)(?:\s+#.*)?$", PAGE.read_text(), re.MULTILINE)
NOVEMBER = 1_795_136_000_000  # 20 Nov 2026


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A deployed stack, whose archive has an event on each of the days of the page."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("PQL_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("pql.adapters.stack_resources.resources", lambda *_: {"Archive": "archive"})
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="archive")
        for name, at in (("m1", NOVEMBER), ("m2", NOVEMBER + DAY)):
            happened = event(name, at=at - START)
            S3Archive(client, "archive").append([("a:acme", happened)], f"{at:013}-r")
        yield


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What the page tells to type is taken, and nothing complains."""
    code = main(shlex.split(command))

    assert 0 == code
    assert "pql archive:" not in capfd.readouterr().err


def test_there_are_commands() -> None:
    """The page shows every verb."""
    assert {"ls", "get", "compact"} == {command.split()[1] for command in COMMANDS}
