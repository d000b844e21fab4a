"""The built bundle and layer, run as Lambda finds them: Python 3.13 with them and nothing else.

`python3 infra build` makes both and notes in `.aws-sam/here.json` where they are.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from stack import ROOT, properties

NOTE = ROOT / ".aws-sam" / "here.json"
FORBIDDEN = ("pydantic", "yaml", "moto", "pytest")

# Lambda looks the handler up by name, which builds it.
_INIT = """
import json, sys, time
sys.path[:0] = {path!r}
started = time.perf_counter()
{statement}
milliseconds = (time.perf_counter() - started) * 1000
print(json.dumps({{"ms": milliseconds, "modules": sorted(sys.modules)}}))
"""


class Started(NamedTuple):
    """How an interpreter came up: milliseconds of one statement, modules loaded after it."""

    ms: float
    modules: frozenset[str]


class Built(NamedTuple):
    """Where the build lies."""

    python: str
    build: Path
    runtime: Path

    def part(self, name: str) -> Path:
        """Return the folder of a function or of the layer."""
        return self.build / (f"{name}/python" if name == "Dependencies" else name)

    def start(self, function: str) -> Started:
        """Start a new interpreter that builds the function's handler."""
        return self.execute(f"import pql.handlers.{function.lower()} as module; module.handler", function)

    def execute(self, statement: str, function: str = "Ingest") -> Started:
        """Start a new interpreter that sees what a function sees, and run one statement in it."""
        # Lambda's order: the bundle, the layer, then what the runtime brings.
        path = [str(self.part(function)), str(self.part("Dependencies")), str(self.runtime)]
        variables = properties(function)["Environment"]["Variables"]
        done = subprocess.run(  # noqa: S603 - our own interpreter and words
            [self.python, "-I", "-S", "-c", _INIT.format(path=path, statement=statement)],
            env={name: str(value) for name, value in variables.items()} | {"AWS_DEFAULT_REGION": "us-east-1"},
            cwd=os.sep,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{function} did not start:\n{done.stderr}")
        said = json.loads(done.stdout.splitlines()[-1])
        return Started(said["ms"], frozenset(said["modules"]))


def built() -> Built:
    """Return the build for this machine; raises `FileNotFoundError` if there is none."""
    note = json.loads(NOTE.read_text())
    return Built(note["python"], Path(note["build"]), Path(note["runtime"]))


def megabytes(folder: Path) -> float:
    """Return the size of the files in a folder, compiled caches left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_size for path in files) / 1_000_000
