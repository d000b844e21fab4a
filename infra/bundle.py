"""What is deployed: built by sam, then run as Lambda would find it.

The build for the machine at hand lies in `.aws-sam/<architecture>` and is what the tests marked
`artifact` run; `sam deploy` takes the one in `.aws-sam/build`, which `python3 infra sam build` makes.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

import locks
from locks import LAYER, LOCK
from toolbox import (
    LOCAL_AWS_LOCK,
    ROOT,
    STAMP,
    CannotError,
    become,
    digest,
    is_stamped,
    lambda_python,
    project,
    run,
    sam_cli,
    say,
    stamp,
)

HERE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
ARCHITECTURES = ("arm64", "x86_64")
OUTPUT = ROOT / ".aws-sam"
QUIET = ("-qq", "--disable-pip-version-check", "--no-input")
SKIPPED = 77  # what a step that was left out exits with; .ci/run lets it pass


def build(arguments: list[str]) -> int:
    """Build for one architecture and, if this machine can run it, run the tests of the result."""
    architecture = arguments[0] if arguments else HERE
    if architecture not in ARCHITECTURES:
        say(f"build takes one of {', '.join(ARCHITECTURES)}")
        return 2
    python = lambda_python()
    if python is None:
        say("build skipped: it needs python3.13 with pip, the Python that Lambda runs, and none is here")
        return SKIPPED
    target = make(python, architecture)
    if architecture != HERE or platform.system() != "Linux":
        say(f"built {target.relative_to(ROOT)}; this machine cannot run it, so it was not tested")
        return 0
    tests = [project() / "python", "-m", "pytest", "-m", "artifact", "-s", "tests/artifact"]
    return subprocess.run(tests, cwd=ROOT, check=False).returncode


def make(python: Path, architecture: str = HERE) -> Path:
    """Return the folder of the build for one architecture, made anew unless nothing has changed."""
    target = OUTPUT / architecture
    code = (path for path in (ROOT / "functions").rglob("*") if path.suffix in {".py", ".yaml"})
    sources = [ROOT / "template.yaml", LAYER, *sorted(code)]
    OUTPUT.mkdir(exist_ok=True)
    names = OUTPUT / "sources.txt"  # a file that is only called otherwise is a change, too
    names.write_text("\n".join(str(path.relative_to(ROOT)) for path in sources))
    sources.append(names)
    wanted = digest(target, sources)  # before the build: what is written meanwhile may not be in it
    made = target / STAMP
    if not made.is_file() or made.read_text() != wanted:
        run(
            *(str(sam_cli() / "sam"), "build", "--template", "template.yaml", "--build-dir", str(target)),
            *("--parameter-overrides", f"Architecture={architecture}"),
            **settings(python),
            AWS_DEFAULT_REGION=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        )
        made.write_text(wanted)
    if architecture == HERE:
        places = {"python": str(python), "build": str(target), "runtime": str(stand_in(python))}
        (OUTPUT / "here.json").write_text(json.dumps(places))
    return target


def sam(arguments: list[str]) -> int:
    """Become the pinned sam; its builds find the right Python and only wheels whose hashes are right."""
    os.environ["SAM_CLI_TELEMETRY"] = "0"
    if arguments[:1] == ["build"] and "--use-container" not in arguments:
        python = lambda_python()
        if python is None:
            raise CannotError("sam build needs python3.13 with pip here; with Docker, add --use-container")
        os.environ.update(settings(python))
    become(sam_cli() / "sam", *arguments)


def settings(python: Path) -> dict[str, str]:
    """Return what changes in the environment of a sam that builds."""
    return {
        "SAM_CLI_TELEMETRY": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",  # sam takes the first python3.13
        # sam asks pip for another processor's wheels by name and version, without a hash. Letting it
        # find only what was fetched by hash closes that hole.
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels(python)),
    }


def wheels(python: Path) -> Path:
    """Return a folder with the layer's wheels for this machine and for both architectures."""
    folder = OUTPUT / "wheels"
    if is_stamped(folder, [LAYER]):
        return folder
    say("fetching the layer's packages by hash")
    shutil.rmtree(folder, ignore_errors=True)
    download = (str(python), "-m", "pip", "download", *QUIET, "--no-deps", "--require-hashes")
    files = ("--requirement", str(LAYER), "--dest", str(folder))
    run(*download, *files)
    for machine in ("aarch64", "x86_64"):
        # Lambda's python3.13 has glibc 2.34.
        platforms = (f"--platform=manylinux{made}_{machine}" for made in ("2014", "_2_28", "_2_34"))
        run(*download, "--only-binary=:all:", "--implementation=cp", "--abi=cp313", *platforms, *files)
    stamp(folder, [LAYER])
    return folder


def stand_in(python: Path) -> Path:
    """Return a folder with what Lambda's Python brings along, as far as pql uses it."""
    folder = OUTPUT / "runtime"
    if is_stamped(folder, [LOCK, LOCAL_AWS_LOCK]):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    install = (str(python), "-m", "pip", "install", *QUIET, "--require-hashes", "--root-user-action=ignore")
    for name, lines in zip(
        ("brought", "client"), locks.runtime(LOCK.read_text(), LOCAL_AWS_LOCK.read_text()), strict=True
    ):
        requirements = folder / f"{name}.txt"
        requirements.write_text(lines)
        run(*install, "--requirement", str(requirements), "--target", str(folder))
    stamp(folder, [LOCK, LOCAL_AWS_LOCK])
    return folder
