"""Rules as they are on disk, and as they were or will be in git: `git:REV` or `git:REV:PATH`."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

from pql.core.errors import PqlError
from pql.rules.load import SUFFIXES, load, parse
from pql.rules.pack import Pack

GIT = "git:"
DIRECTORY = "functions/rules"


def pack_of(named: str) -> Pack:
    """Return the rules in a directory or file, or in a version of one that git has.

    Raises `PqlError` for what is not there, with what to type, and `RulesRejected` for faults in it.
    """
    if named.startswith(GIT):
        return parse(_of_git(named.removeprefix(GIT)))
    place = Path(named)
    if not place.exists():
        raise PqlError(f"there is no {named}; a version in git is git:REV:PATH, such as git:main:{DIRECTORY}")
    return load(place)


def _of_git(what: str) -> dict[str, str]:
    """Return the rule files of `REV` or `REV:PATH` by name, the path as git takes it: `./` is from here."""
    revision, colon, path = what.partition(":")
    path = (path.rstrip("/") or ".") if colon else DIRECTORY
    if not revision or revision.startswith("-"):
        raise PqlError(f"{GIT}{what} names no version: write git:REV:PATH, such as git:main:{DIRECTORY}")
    name = f"{revision}:{'' if path == '.' else path}"
    if _git("cat-file", "-t", name).strip() == b"blob":
        return {PurePosixPath(path).name: _text(_git("cat-file", "blob", name), path)}
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", name))) as tree:
        texts = {
            one.name: _text(file.read(), one.name)
            for one in sorted(tree, key=lambda one: one.name)
            if one.isfile() and _is_rules(one.name) and (file := tree.extractfile(one)) is not None
        }
    if not texts:
        raise PqlError(f"{GIT}{what} has no rule files (*.yaml) in {path}")
    return texts


def _is_rules(name: str) -> bool:
    path = PurePosixPath(name)
    return len(path.parts) == 1 and path.suffix.lower() in SUFFIXES and not name.startswith(".")


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PqlError(f"{name} is not UTF-8") from error


def _git(*words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], check=False, capture_output=True)  # noqa: S603, S607 - git is git
    except OSError as error:
        raise PqlError(f"git cannot be run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        revision = words[-1].partition(":")[0]
        raise PqlError(
            f"{said[-1] if said else 'git failed'}; is `{revision}` here? "
            "In CI check out with `fetch-depth: 0`, or fetch it"
        )
    return done.stdout
