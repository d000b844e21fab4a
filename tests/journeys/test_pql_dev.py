"""The `pql dev` command as a newcomer runs it: in a process of its own."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
# A hanging command is killed, so that reading its output always ends.
PATIENCE_SECONDS = 90


class Command:
    """A running `pql dev` and the lines it has printed so far."""

    def __init__(self, *options: str) -> None:
        environment = os.environ | {
            "PYTHONPATH": str(ROOT / "functions"),
            "PYTHONWARNINGS": "error::ResourceWarning",
        }
        self.process = subprocess.Popen(  # noqa: S603 (our own command)
            [sys.executable, "-m", "pql.cli.main", "dev", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        self.lines: list[str] = []
        self._watchdog = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        self._watchdog.start()

    def until(self, text: str) -> str:
        """Read lines until one has `text` in it, and return that line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f"{text!r} was never printed:\n" + "\n".join(self.lines) + self._errors())

    def ended(self) -> tuple[int, list[str], str]:
        """Wait for the end; return the exit code, the lines printed since, and what stands on stderr."""
        output, errors = self.process.communicate()
        self.close()
        return self.process.returncode, output.splitlines(), errors

    def _errors(self) -> str:
        return "\n" + (self.process.stderr.read() if self.process.stderr else "")

    def close(self) -> None:
        """Leave no process behind."""
        self._watchdog.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Watched(NamedTuple):
    """What a newcomer has seen: the announcement, the lines so far, answers in another terminal, the end."""

    announced: str
    lines: list[str]
    answers: list[str]
    code: int
    rest: list[str]
    errors: str


@contextmanager
def pql_dev(*options: str) -> Iterator[Command]:
    """Run the block with the command running."""
    command = Command(*options)
    try:
        yield command
    finally:
        command.close()


class Terminal:
    """A terminal in which nobody has an AWS account, with variables that were exported."""

    def __init__(self, exported: dict[str, str]) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = kept | exported | {"PYTHONPATH": str(ROOT / "functions")}

    def type(self, words: str) -> str:
        """Run a command of pql and return what it prints."""
        return subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-m", "pql.cli.main", *shlex.split(words)],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            encoding="utf-8",
            env=self._environment,
            timeout=60,
        ).stdout


@pytest.fixture(scope="module")
def watched() -> Watched:
    """Run `pql dev` as a newcomer does, look at its lead from another terminal, and stop it."""
    with pql_dev("--port", "0") as command:
        export = command.until("export PQL_TABLE=").strip().removeprefix("export ")
        listing = command.until("lead list").strip().partition("pql ")[2]
        announced = command.until("SNS leads ←")
        command.until("Slack ←")
        command.until("╰")
        terminal = Terminal(dict(one.split("=", 1) for one in export.split()))
        typed = (listing, "lead claim northwind/activated#1 --by kim", "explain northwind activated")
        answers = [terminal.type(words) for words in typed]
        command.process.send_signal(signal.SIGINT)
        return Watched(announced, command.lines, answers, *command.ended())


def test_a_newcomer_watches_a_lead_and_stops_it(watched: Watched) -> None:
    """The story ends with an SNS message and a card, and Ctrl-C with exit code 0 and a summary."""
    announced, lines, _, code, rest, errors = watched
    card = "\n".join(lines[lines.index("Slack ←") :])

    assert "account northwind · rule activated" in announced
    assert all(
        name in card for name in ("Northwind", "Ava Lindqvist", "Ben Okafor", "Chloe Marin", "activation 60")
    )
    assert (code, errors) == (0, "")
    assert rest[-1] == "stopped: events 20 accepted · 20 counted · leads 1 · queue 0"
    assert timeless(story_in_the_readme()) == timeless(story_in(lines))


def test_another_terminal_looks_at_leads_and_claims_one(watched: Watched) -> None:
    """The printed lines work as they stand, without an AWS account, and the pages show what comes."""
    listed, claimed, explained = watched.answers
    page = (ROOT / "docs" / "leads.md").read_text(encoding="utf-8").split("<!-- dev", 1)[1]

    assert page.split("lead list\n", 1)[1].split("$", 1)[0] == listed
    assert claimed.startswith("northwind/activated#1 is claimed by kim, ")
    assert "✓ activated: hot lead since " in explained


def story_in(lines: list[str]) -> list[str]:
    """Return the story and the card, without the lines of progress between them."""
    start = next(index for index, line in enumerate(lines) if "starts a trial" in line)
    return [line for line in lines[start:] if not line.startswith("events ")]


def story_in_the_readme() -> list[str]:
    """Return the story that the README shows."""
    block = (ROOT / "README.md").read_text(encoding="utf-8").split("<!-- story", 1)[1]
    return block.split("```text\n", 1)[1].split("\n```", 1)[0].splitlines()


def timeless(lines: list[str]) -> list[str]:
    """Return the lines without the moments in them."""
    moments = r"active (\d+ (h|min|s) ago|just now) *|\d+ \w+ \d{4}, \d\d:\d\d"
    return [re.sub(moments, "<then>", line) for line in lines]


def test_the_printed_command_sends_an_event() -> None:
    """The curl line works as it is printed; one that is too old to count is not forgotten either."""
    with pql_dev("--port", "0", "--no-seed", "--write-key", "it's mine") as command:
        printed = shlex.split(command.until("curl "))
        assert send(printed) == 200
        command.until("1 accepted · 1 counted")
        *called, body = printed
        assert send([*called, json.dumps({**json.loads(body), "timestamp": "2020-01-01T00:00:00Z"})]) == 200
        command.until("1 too late")
        command.process.send_signal(signal.SIGTERM)
        code, rest, _errors = command.ended()

    assert code == 0
    assert rest[-1] == "stopped: events 2 accepted · 1 counted · 1 too late · leads 0 · queue 0"


def send(curl: list[str]) -> int:
    """Do what a curl command line says and return the status."""
    options = {curl[index]: curl[index + 1] for index in (1, 4, 6)}
    assert (curl[0], list(options)) == ("curl", ["-u", "-H", "-d"])
    url = urlsplit(curl[3])
    name, value = options["-H"].split(": ")
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    headers = {name: value, "Authorization": basic(options["-u"])}
    connection.request("POST", url.path, options["-d"], headers)
    status = connection.getresponse().status
    connection.close()
    return status


def basic(credentials: str) -> str:
    """Return the header that curl makes of `-u`."""
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def test_a_taken_port_says_what_to_type() -> None:
    """When the port is taken the command says so, and what to type instead."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pql_dev("--port", port) as command:
            code, output, errors = command.ended()

    assert (code, output) == (1, [])
    assert f"port {port} is not free" in errors
    assert "type the same with --port 0 behind it" in errors
    assert "Traceback" not in errors


def test_rules_that_do_not_load_are_shown_with_their_place(tmp_path: Path) -> None:
    """A broken rule file stops the start with file, line and column."""
    (tmp_path / "broken.yaml").write_text("rules: {}\n")
    with pql_dev("--port", "0", "--rules", str(tmp_path)) as command:
        code, output, errors = command.ended()

    assert (code, output) == (1, [])
    assert errors.startswith(f"pql dev: the rules in {tmp_path} do not load\nbroken.yaml:1:")
    assert "Traceback" not in errors


def test_no_story_is_played_to_rules_of_ones_own(tmp_path: Path) -> None:
    """It would end without a lead, about events that those rules know nothing of."""
    (tmp_path / "own.yaml").write_text(
        (ROOT / "functions" / "rules" / "growth.yaml").read_text("utf-8"), "utf-8"
    )
    with pql_dev("--port", "0", str(tmp_path)) as command:
        command.until("no story is played to rules of your own; --story NAME plays one all the same")
        command.process.send_signal(signal.SIGINT)
        _, rest, errors = command.ended()

    assert (rest[-1], errors) == ("stopped: events 0 accepted · 0 counted · leads 0 · queue 0", "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "many"], "is no port"),
        (["--rules", "/nowhere"], "there is no /nowhere"),
        (["--unknown"], "--unknown"),
    ],
)
def test_a_mistake_in_an_option_is_named(options: list[str], words: str) -> None:
    """A wrong option is refused before anything starts."""
    with pql_dev(*options) as command:
        code, output, errors = command.ended()

    assert (code, output) == (2, [])
    assert words in errors
