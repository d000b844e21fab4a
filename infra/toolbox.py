"""The environments: `.venv` for the project, and one each for aws-sam-cli, a local AWS and the auditors.

aws-sam-cli, ministack and checkov pin an older boto3 than the project tests with: none can share another's.
Each carries a stamp of what was installed, so that a second run is instant.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
STAMP = "installed-by-infra"
OLDEST = (3, 11)
LOCAL_AWS_LOCK = ROOT / "infra" / "local_aws" / "requirements.lock"
AUDIT_LOCK = ROOT / "infra" / "audit" / "requirements.lock"


class CannotError(Exception):
    """A step that cannot go on, with what to do about it."""


def say(message: str) -> None:
    """Print what is being done."""
    print(f"infra: {message}", flush=True)


def project() -> Path:
    """Return the folder of the project's commands, installed from `requirements.lock`.

    They are set up with this Python. PQL_PYTHON names another, also where they are set up already.
    """
    environment = ROOT / ".venv"
    wanted = [ROOT / "requirements.lock", ROOT / "pyproject.toml"]
    named = _named_python()
    if not is_stamped(environment, wanted) or (named and not _is_of(named, environment)):
        # Without build isolation: hatchling and editables are in the lock, so nothing else is fetched.
        in_place = ("--no-build-isolation", "--no-deps", "--editable", str(ROOT))
        install(environment, wanted[0], in_place, python=named or sys.executable)
        stamp(environment, wanted)
    return environment / "bin"


def sam_cli() -> Path:
    """Return the folder of aws-sam-cli's commands, installed from `infra/sam/requirements.lock`."""
    return _locked(".venv-sam", ROOT / "infra" / "sam" / "requirements.lock")


def local_aws(python: Path) -> Path:
    """Return the folder of ministack's commands, which run functions with this Python."""
    return _locked(".venv-aws", LOCAL_AWS_LOCK, str(python))


def auditors() -> Path:
    """Return the folder of the commands that look for weaknesses."""
    return _locked(".venv-audit", AUDIT_LOCK)


def _locked(name: str, lock: Path, python: str = sys.executable) -> Path:
    environment = ROOT / name
    if not is_stamped(environment, [lock]):
        install(environment, lock, python=python)
        stamp(environment, [lock])
    return environment / "bin"


def install(environment: Path, lock: Path, *more: tuple[str, ...], python: str = sys.executable) -> None:
    """Make `environment` of `python` if need be and install `lock` into it by hash, then `more`.

    By uv where it is, in seconds; else, or where uv does not get through, by pip.
    """
    # The lock is whole. pip before 23.3 looks for a newer release of what something asks for with an extra,
    # and then refuses it for want of a hash: https://github.com/pypa/pip/issues/12345
    steps = [("--no-deps", "--require-hashes", "--requirement", str(lock)), *more]
    place = f"{environment.name} from {lock.relative_to(ROOT)}"
    tool = uv()
    if tool:
        say(f"setting up {place} with uv")
        try:
            _by_uv(tool, python, environment, steps)
        except CannotError as error:
            say(f"{error} Trying pip")
        else:
            return
    say(f"setting up {place} with pip, which takes a minute or two")
    _by_pip(python, environment, steps)


def _by_uv(tool: str, base: str, environment: Path, steps: list[tuple[str, ...]]) -> None:
    python = environment / "bin" / "python"
    if not _is_of(base, environment):
        shutil.rmtree(environment, ignore_errors=True)
        run(tool, "venv", "--quiet", "--python", base, str(environment))
    for step in steps:
        run(tool, "pip", "install", "--quiet", "--python", str(python), *step)


def _by_pip(base: str, environment: Path, steps: list[tuple[str, ...]]) -> None:
    python = environment / "bin" / "python"
    # Missing, broken, of another Python, or made by uv, which leaves pip out.
    if not _is_of(base, environment) or not _runs(python, "-m", "pip"):
        shutil.rmtree(environment, ignore_errors=True)
        hint = "Is the venv module there? Debian calls it python3-venv."
        run(base, "-m", "venv", str(environment), hint=hint)
    # As uv does it: what is imported is compiled then. Half a minute less for each environment.
    usual = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-compile")
    for step in steps:
        run(str(python), "-m", "pip", "install", *usual, *step)


def _named_python() -> str | None:
    """Return what PQL_PYTHON names; raises `CannotError` if that is no Python for the project."""
    named = os.environ.get("PQL_PYTHON")
    if named and _version(named) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise CannotError(
            f"PQL_PYTHON is {named}, and no Python {oldest} or newer runs by that name: name one, or unset it"
        )
    return named or None


def _is_of(base: str, environment: Path) -> bool:
    """Return whether an environment stands and is one of this Python."""
    return _version(environment / "bin" / "python") == _version(base) != ()


def _version(python: str | Path) -> tuple[int, ...]:
    """Return the version of a Python without its patch, nothing if it does not run."""
    try:
        asked = [python, "-c", "import sys; print(*sys.version_info[:2])"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    except OSError:
        return ()
    return tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else ()


def lambda_python() -> Path | None:
    """Return a python3.13 that has pip: on the path, or where pyenv and uv keep theirs."""
    home = Path.home()
    kept = [
        *sorted(Path(os.environ.get("PYENV_ROOT", home / ".pyenv")).glob("versions/3.13.*/bin/python3.13")),
        *sorted(home.glob(".local/share/uv/python/cpython-3.13.*/bin/python3.13")),
    ]
    on_path = shutil.which("python3.13")
    for candidate in [*([Path(on_path)] if on_path else []), *kept]:
        asked = "import sys, pip; print(sys.executable)"
        answer = subprocess.run([candidate, "-c", asked], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return Path(answer.stdout.strip())
    return None


def uv() -> str | None:
    """Return uv if it is on the path and runs: a shim may be there without a version behind it."""
    found = shutil.which("uv")
    return found if found and _runs(Path(found)) else None


def is_stamped(environment: Path, sources: list[Path]) -> bool:
    """Return whether `environment` holds what `sources` say."""
    written = environment / STAMP
    return written.is_file() and written.read_text() == digest(environment, sources)


def stamp(environment: Path, sources: list[Path]) -> None:
    """Remember that `environment` holds what `sources` say."""
    (environment / STAMP).write_text(digest(environment, sources))


def run(*command: str, hint: str = "", **changes: str) -> None:
    """Run a command to its end, with `changes` to its environment; raises `CannotError` if it fails."""
    try:
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **changes})
    except subprocess.CalledProcessError as error:
        raise CannotError(
            f"{' '.join(command[:4])} … failed with {error.returncode}. {hint}".strip()
        ) from error


def become(command: Path, *arguments: str) -> NoReturn:
    """Replace this process by a command, so that signals and exit code are its own."""
    if sys.stdout is not None:  # as behind `>&-`
        sys.stdout.flush()
    os.execv(command, [str(command), *arguments])


def digest(environment: Path, sources: list[Path]) -> str:
    """Return what stands for the contents of `sources` in this place."""
    # The place counts too: an environment that was moved has commands that point to where it was.
    whole = hashlib.sha256(str(environment).encode())
    for source in sources:
        whole.update(source.read_bytes())
    return whole.hexdigest()


def _runs(program: Path, *arguments: str) -> bool:
    try:
        asked = [program, *arguments, "--version"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
