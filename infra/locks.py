"""The lock files, and what follows from them.

`requirements.lock` holds every package of the project by hash, without an address.
`infra/deps/requirements.txt`, which SAM builds the layer from, is the part of it that runs on Lambda.
"""

from __future__ import annotations

import re
import tomllib

from toolbox import AUDIT_LOCK, LOCAL_AWS_LOCK, ROOT, CannotError, run, say, uv

LOCK = ROOT / "requirements.lock"
LAYER = ROOT / "infra" / "deps" / "requirements.txt"
FROM_THE_RUNTIME = frozenset({"boto3"})  # Lambda's Python brings it; 33 MB less to upload and unpack
RUNTIME_CLIENT = frozenset({"awslambdaric"})  # the loop in which Lambda's Python calls a handler
_PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
_PARENTS = re.compile(r"^    # (?:via +| {2})(\S+)", re.MULTILINE)


def write() -> int:
    """Resolve all packages anew and write every file that follows."""
    tool = uv()
    if tool is None:
        raise CannotError("lock needs uv on the path")
    compile_ = (tool, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header")
    oldest = ("--python-version", "3.11")
    run(*compile_, *oldest, "--extra", "dev", "pyproject.toml", "--output-file", str(LOCK.relative_to(ROOT)))
    run(*compile_, *oldest, "infra/sam/requirements.in", "--output-file", "infra/sam/requirements.lock")
    audit = AUDIT_LOCK.relative_to(ROOT)
    run(*compile_, *oldest, str(audit.with_suffix(".in")), "--output-file", str(audit))
    aws = (str(LOCAL_AWS_LOCK.with_suffix(".in").relative_to(ROOT)), str(LOCAL_AWS_LOCK.relative_to(ROOT)))
    run(*compile_, "--python-version", "3.13", aws[0], "--output-file", aws[1])
    LAYER.write_text(layer(LOCK.read_text(), (ROOT / "pyproject.toml").read_text()))
    say(f"wrote {LAYER.relative_to(ROOT)}")
    return 0


def layer(lock: str, pyproject: str) -> str:
    """Return the requirements of the layer: what the project needs at run time, but for boto3's part."""
    declared = tomllib.loads(pyproject)["project"]["dependencies"]
    roots = {_normal(re.split(r"[\s<>=!~;\[]", line, maxsplit=1)[0]) for line in declared}
    return _subset(lock, roots - FROM_THE_RUNTIME)


def runtime(lock: str, local_aws: str) -> tuple[str, str]:
    """Return the requirements that stand in for what Lambda's Python brings, from either lock."""
    return _subset(lock, set(FROM_THE_RUNTIME)), _subset(local_aws, set(RUNTIME_CLIENT))


def _subset(lock: str, roots: set[str]) -> str:
    """Return the blocks of `lock` that `roots` need, directly or not, in the order of the lock."""
    starts = [found.start() for found in _PACKAGE.finditer(lock)]
    blocks = [lock[start:end] for start, end in zip(starts, [*starts[1:], len(lock)], strict=True)]
    parents = {}
    for block in blocks:
        name = _PACKAGE.match(block)
        if name:
            parents[block] = _normal(name[1]), {_normal(parent) for parent in _PARENTS.findall(block)}
    wanted = set(roots)
    while more := {name for name, above in parents.values() if above & wanted} - wanted:
        wanted |= more
    return "".join(block for block, (name, _) in parents.items() if name in wanted)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
