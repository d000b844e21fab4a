"""The checks: style, types, floors, tests; and those of the template."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from toolbox import ROOT, project, run, sam_cli, say

CODE = ("functions", "tests", "infra")
TEMPLATES = ("template.yaml", "infra/backtest/template.yaml")


def test(arguments: list[str]) -> int:
    """Run the static checks side by side, then the tests; return 0 only if all of them passed."""
    commands = project()
    failed = [] if arguments else _static(commands)
    for name in failed:
        say(f"{name} FAILED")
    # Three workers on two cores: a quarter of the time the suite waits for loopback servers.
    workers = [] if arguments else ["-n", "3"]
    # Tests start commands about a hundred times: without byte code each compiles boto3 and pydantic anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    code = subprocess.run(
        [commands / "python", "-m", "pytest", *workers, *arguments], cwd=ROOT, env=environment, check=False
    ).returncode
    return code or len(failed)


def validate() -> int:
    """Check the templates with cfn-lint and with sam, which also runs SAM's own translation."""
    run(str(project() / "cfn-lint"), *TEMPLATES)
    say("cfn-lint has nothing to say")
    for template in TEMPLATES:
        run(
            str(sam_cli() / "sam"),
            *("validate", "--lint", "--template", template),
            SAM_CLI_TELEMETRY="0",
            AWS_DEFAULT_REGION=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        )
    return 0


def _static(commands: Path) -> list[str]:
    checks = {
        "ruff check": [commands / "ruff", "check", "--quiet", *CODE],
        "ruff format": [commands / "ruff", "format", "--check", "--quiet", *CODE],
        "mypy": [commands / "mypy", "--no-error-summary"],
        "import-linter": [commands / "lint-imports"],
    }
    started = {
        name: subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name, command in checks.items()
    }
    failed = []
    for name, process in started.items():
        said, _ = process.communicate()
        if process.returncode:
            print(said)
            failed.append(name)
        else:
            say(f"{name} passed")
    return failed
