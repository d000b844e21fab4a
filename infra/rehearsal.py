"""A deployment without an AWS account: ministack on the loopback, `sam deploy` to it, and the tests of it.

`python3 infra rehearse` ends everything it starts. ministack runs functions as processes, from what
`sam build` made, each under its own role: `AUTH=true` makes it check every call against the policies, and
TLS is what the queue and topic policies ask for.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bundle
from toolbox import ROOT, CannotError, lambda_python, local_aws, project, sam_cli, say

STACK = "pql"
PLACE = bundle.OUTPUT / "local-aws"
CERTIFICATE = PLACE / "ministack-tls" / "server.crt"
PATIENCE = 30  # seconds for ministack to come up


def rehearse(arguments: list[str]) -> int:
    """Deploy to a local AWS and run the tests of it; `arguments` go to pytest."""
    python = lambda_python()
    if python is None:
        say("rehearse skipped: it needs python3.13 with pip, the Python that Lambda runs, and none is here")
        return bundle.SKIPPED
    build = bundle.make(python)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended then, too
    with _ministack(local_aws(python)) as settings:
        slack, receiver = _free_port(), _free_port()
        if not arguments and (failed := _pytest(["-k", "endpoint", "tests/contract"], settings)):
            return failed
        _deploy(build, slack, receiver, settings)
        places = {"PQL_STACK": STACK, "PQL_SLACK_PORT": str(slack), "PQL_RECEIVER_PORT": str(receiver)}
        return _pytest(["-m", "artifact", "-s", "-x", *(arguments or ["tests/deployed"])], settings | places)


def _pytest(arguments: list[str], settings: dict[str, str]) -> int:
    command = [project() / "python", "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=settings, check=False).returncode


@contextmanager
def _ministack(commands: Path) -> Iterator[dict[str, str]]:
    """Run ministack; yield the environment in which every AWS client finds it."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    port = _free_port()
    caller = {
        "AWS_ACCESS_KEY_ID": "rehearsal",  # ministack takes the key it was started with for the root's
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CA_BUNDLE": str(CERTIFICATE),  # which it makes at its start, and its functions trust
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    listening = {
        "AUTH": "true",
        "USE_SSL": "1",
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "localhost",
        "GATEWAY_PORT": str(port),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(PLACE),
        "STATE_DIR": str(PLACE / "state"),
        "S3_DATA_DIR": str(PLACE / "s3"),
    }
    with (PLACE / "log").open("w") as log:
        process = subprocess.Popen(
            [commands / "ministack"], env=own | caller | listening, stdout=log, stderr=log, cwd=PLACE
        )
        try:
            _wait_for(port, process)
            say(f"ministack listens on https://localhost:{port}; its log is {log.name}")
            endpoint = f"https://localhost:{port}"
            yield own | caller | {"AWS_ENDPOINT_URL": endpoint, "PQL_DYNAMODB_ENDPOINT": endpoint}
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _deploy(build: Path, slack: int, receiver: int, settings: dict[str, str]) -> None:
    said = subprocess.run(
        [project() / "python", ROOT / "infra" / "dialect.py", build / "template.yaml"],
        check=True,
        capture_output=True,
        text=True,
    )
    template = build / "template.ministack.json"
    template.write_text(said.stdout)
    parameters = {
        "Architecture": bundle.HERE,
        "FrontDoor": "both",
        "SlackHosts": f"http://127.0.0.1:{slack}",
        # The tests write the true address into the secret: a parameter takes https only.
        "LeadWebhookUrl": "https://receiver.example/leads",
        "LeadWebhookSecret": "whsec_" + base64.b64encode(os.urandom(24)).decode(),
        "LeadWebhookOrigins": f"http://127.0.0.1:{receiver}",
        "DeletionProtection": "false",
    }
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    started = time.monotonic()
    with (PLACE / "deploy.log").open("w") as log:
        done = subprocess.run(
            [
                *(sam_cli() / "sam", "deploy", "--template-file", template, "--stack-name", STACK),
                *("--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"),
                *("--parameter-overrides", *overrides),
            ],
            env=settings | {"SAM_CLI_TELEMETRY": "0"},
            cwd=PLACE,
            stdout=log,
            stderr=log,
            check=False,
        )
    if done.returncode:
        raise CannotError(f"sam deploy failed; {log.name} says why")
    say(f"deployed in {time.monotonic() - started:.0f} s")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CannotError(f"ministack did not come up; {PLACE / 'log'} says why")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
