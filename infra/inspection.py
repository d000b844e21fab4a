"""What security tools say of the templates, the code and the packages, less what is accepted with a reason.

`infra/audit/accepted.toml` holds every finding that is accepted, and why. One that no tool reports any
longer is a failure too: a reason must not outlive what it was for. checkov reads both templates as written
and as SAM translates them, cfn-lint the translations, bandit the code, pip-audit the lock files.
"""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from toolbox import ROOT, CannotError, auditors, project, say

ACCEPTED = ROOT / "infra" / "audit" / "accepted.toml"
# As written, and where each is put as SAM translates it.
TEMPLATES = {
    "template.yaml": ROOT / ".aws-sam" / "audit" / "template.json",
    "infra/backtest/template.yaml": ROOT / ".aws-sam" / "audit" / "backtest.json",
}
LOCKS = ("requirements.lock", "infra/sam/requirements.lock", "infra/local_aws/requirements.lock")
CODE = ("functions", "infra")
UNREACHABLE = "no advisories could be had: is there a way to the internet?"


class Finding(NamedTuple):
    """One complaint of one tool: `where` is a resource, a file or a package."""

    tool: str
    check: str
    where: str
    words: str


class Acceptance(NamedTuple):
    """Findings that are left as they are, in all places or in those of `where`; `folder/` is all in it."""

    tool: str
    check: str
    where: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Return whether the finding is one of those accepted."""
        if (self.tool, self.check) != (finding.tool, finding.check):
            return False
        return not self.where or any(
            finding.where.startswith(one) if one.endswith("/") else finding.where == one for one in self.where
        )


def audit() -> int:
    """Run every tool, print what nobody has accepted and what nobody reports; return 0 if that is nothing."""
    tools = auditors()
    translate(tools)
    found = [*_checkov(tools), *_cfn_lint(), *_bandit(tools), *_pip_audit(tools)]
    reasons = accepted()
    for finding in unexplained(found, reasons):
        say(f"{finding.tool}: {finding.check} at {finding.where}: {finding.words}")
    idle = [one for one in reasons if not any(one.covers(finding) for finding in found)]
    for one in idle:
        say(f"accepted and no longer reported, take it out of {ACCEPTED.name}: {one.tool} {one.check}")
    left = len(unexplained(found, reasons)) + len(idle)
    say(f"audit: {len(found)} findings, {left} of them to look at")
    return min(left, 1)


def accepted() -> list[Acceptance]:
    """Return what is accepted, as the file has it."""
    entries = tomllib.loads(ACCEPTED.read_text())["accepted"]
    return [
        Acceptance(one["tool"], one["check"], tuple(one.get("where", ())), one["reason"]) for one in entries
    ]


def unexplained(found: Iterable[Finding], reasons: Sequence[Acceptance]) -> list[Finding]:
    """Return the findings that no acceptance covers, each once."""
    return sorted({finding for finding in found if not any(one.covers(finding) for one in reasons)})


def translate(tools: Path) -> None:
    """Write the templates as CloudFormation gets them."""
    script = ROOT / "infra" / "audit" / "translate.py"
    for template, translated in TEMPLATES.items():
        translated.parent.mkdir(parents=True, exist_ok=True)
        translated.write_text(_said([tools / "python", script, template]))


def _checkov(tools: Path) -> Iterator[Finding]:
    plain = ("--quiet", "--compact", "--framework", "cloudformation", "--skip-download", "--output", "json")
    for template in (*TEMPLATES, *(one.relative_to(ROOT) for one in TEMPLATES.values())):
        said = json.loads(_said([tools / "checkov", "--file", template, *plain], may_fail=True))
        for one in said["results"]["failed_checks"]:
            yield Finding("checkov", one["check_id"], one["resource"].partition(".")[2], one["check_name"])


def _cfn_lint() -> Iterator[Finding]:
    command = [project() / "cfn-lint", "--format", "json", *TEMPLATES.values()]
    for one in json.loads(_said(command, may_fail=True) or "[]"):
        path = [str(part) for part in one["Location"]["Path"] or ()]
        where = path[1] if path[:1] == ["Resources"] else "/".join(path)
        yield Finding("cfn-lint", one["Rule"]["Id"], where, one["Message"])


def _bandit(tools: Path) -> Iterator[Finding]:
    command = [tools / "bandit", "--quiet", "--recursive", "--format", "json", *CODE]
    for one in json.loads(_said(command, may_fail=True))["results"]:
        yield Finding("bandit", one["test_id"], one["filename"].removeprefix("./"), one["issue_text"])


def _pip_audit(tools: Path) -> Iterator[Finding]:
    options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    named = [part for lock in LOCKS for part in ("--requirement", lock)]
    packages = advisories(_said([tools / "pip-audit", *options, *named], may_fail=True))
    if packages is None:
        say(f"pip-audit skipped: {UNREACHABLE}")
        return
    for package in packages:
        for flaw in package.get("vulns", ()):
            yield Finding("pip-audit", flaw["id"], package["name"], flaw.get("description", "")[:120])


def advisories(said: str) -> list[dict[str, Any]] | None:
    """Return what pip-audit found out of each package, or None where it found out nothing at all."""
    try:
        packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        return None
    return packages if any("skip_reason" not in package for package in packages) else None


def _said(command: Sequence[str | Path], *, may_fail: bool = False) -> str:
    """Return what a tool wrote; with `may_fail` its exit code says only that it found something."""
    environment = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    if done.returncode and not (may_fail and done.returncode < 64):
        raise CannotError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr[-400:]}")
    return done.stdout
