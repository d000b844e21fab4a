"""A function of the build under AWS's own runtime interface emulator, the one in aws-sam-cli.

It starts the handler as Lambda does: on the first invocation, under Lambda's client, with a time after
which the process is killed. One invocation at a time is all that it stands.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from lambda_like import Built
from stack import ROOT

# Every start of a handler leaves its process id here, one a line.
_BOOTSTRAP = 'echo $$ >> "$STARTS"; exec "$0" -m awslambdaric "$1"'


class RuntimeEmulator:
    """A running emulator: what it was asked, what it answered, which processes it started."""

    def __init__(self, port: int, starts: Path, log: Path) -> None:
        self._url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        self._starts = starts
        self._log = log
        self._pool = urllib3.PoolManager(retries=False, timeout=60)

    def invoke(self, event: Any) -> Any:
        """Return what the function answers, or what is said of its end: plain text if it was killed."""
        said = self._pool.request("POST", self._url, body=json.dumps(event)).data.decode()
        return json.loads(said) if said.startswith(("{", "[", '"')) else said

    @property
    def starts(self) -> list[int]:
        """Return the process ids of the handlers that were started, in order."""
        return [int(line) for line in self._starts.read_text().split()]

    @property
    def log(self) -> str:
        """Return what the emulator and the function have written."""
        return self._log.read_text()

    def kill(self) -> None:
        """Kill the handler that runs now, as a crash would."""
        os.kill(self.starts[-1], signal.SIGKILL)


@contextmanager
def emulated(
    built: Built, function: str, variables: Mapping[str, str], timeout: int, folder: Path
) -> Iterator[RuntimeEmulator]:
    """Run the block with a function of the build; `variables` are its environment, beside Lambda's own."""
    code, layer = built.part(function), built.part("Dependencies")
    starts, log = folder / "starts", folder / "log"
    starts.touch()
    ports = _free_ports(2)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "STARTS": str(starts),
        "PYTHONPATH": os.pathsep.join(map(str, (layer, built.runtime))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAMBDA_TASK_ROOT": str(code),
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        **variables,
    }
    addresses = [f"127.0.0.1:{port}" for port in ports]
    command = [
        *(_emulator(), "--log-level", "info"),
        *("--runtime-interface-emulator-address", addresses[0], "--runtime-api-address", addresses[1]),
        *("sh", "-c", _BOOTSTRAP, built.python, f"pql.handlers.{function.lower()}.handler"),
    ]
    with log.open("w") as written:
        process = subprocess.Popen(command, cwd=code, env=environment, stdout=written, stderr=written)  # noqa: S603 - our own words
        try:
            _wait_for(ports[0])
            yield RuntimeEmulator(ports[0], starts, log)
        finally:
            process.terminate()
            process.wait(10)


def _emulator() -> Path:
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    (found,) = (ROOT / ".venv-sam").glob(
        f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}"
    )
    return found


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < end, "the emulator did not come up"
        time.sleep(0.05)
