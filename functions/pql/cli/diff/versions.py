"""Rules as they are on disk, and as they were or will be in git: `git:REV` or `git:REV:PATH`."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pql.cli.refused import Mistyped
from pql.core.errors import PqlError
from pql.rules.load import SUFFIXES, load, parse
from pql.rules.nearest import alike
from pql.rules.pack import Pack

GIT = "git:"
DIRECTORY = "functions/rules"
_PLAIN = "a directory or a file of rules"
_SHOWN = 5


def pack_of(named: str) -> Pack:
    """Return the rules in a directory or file, or in a version of one that git has.

    Raises `Mistyped` for what is not there, with what to type, and `RulesRejected` for faults in it.
    """
    if named.startswith(GIT):
        return parse(_of_git(named.removeprefix(GIT)))
    place = Path(named)
    if not place.exists():
        raise Mistyped(f"there is no {named}; a version in git is git:REV:PATH, such as git:main:{DIRECTORY}")
    return load(place)


def _of_git(what: str) -> dict[str, str]:
    """Return the rule files of `REV` or `REV:PATH` by name, the path as git takes it: `./` is from here."""
    revision, colon, path = what.partition(":")
    path = (path.rstrip("/") or ".") if colon else DIRECTORY
    if not revision or revision.startswith("-"):
        raise Mistyped(f"{GIT}{what} names no version: write git:REV:PATH, such as git:main:{DIRECTORY}")
    name = f"{revision}:{'' if path == '.' else path}"
    found = _said("rev-parse", "--verify", "--quiet", name)
    if found is None:
        raise Mistyped(_missing(revision, path))
    item = found.decode().strip()
    if _git("cat-file", "-t", item).strip() == b"blob":
        return {PurePosixPath(path).name: _text(_git("cat-file", "blob", item), path)}
    # Below the top of a work tree git would archive what lies there of the tree, which is nothing.
    place = _git("rev-parse", "--absolute-git-dir").decode().rstrip("\n")
    packed = _git(f"--git-dir={place}", "archive", "--format=tar", item)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tree:
        texts = {
            one.name: _text(file.read(), one.name)
            for one in sorted(tree, key=lambda one: one.name)
            if one.isfile() and _is_rules(one.name) and (file := tree.extractfile(one)) is not None
        }
    if not texts:
        raise PqlError(f"{GIT}{what} has no rule files (*.yaml) in {path}{_rules_of(revision, path)}")
    return texts


def _is_rules(name: str) -> bool:
    path = PurePosixPath(name)
    return len(path.parts) == 1 and path.suffix.lower() in SUFFIXES and not name.startswith(".")


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PqlError(f"{name} is not UTF-8") from error


def _missing(revision: str, path: str) -> str:
    """Return why git has no such version: no repository, no such revision, or no such path in it."""
    _git("rev-parse", "--git-dir")
    if _said("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}") is None:
        if Path(revision).exists():
            return f"{GIT}{revision} names no revision: write {GIT}HEAD:{revision}"
        known = _git("for-each-ref", "--format=%(refname:short)").decode("utf-8", "replace").split()
        return (
            f"git knows no revision `{revision}`{_meant(revision, known, '{}')}\n"
            "if it is elsewhere: git fetch origin; in CI, check out with `fetch-depth: 0`"
        )
    if _said("cat-file", "-e", f"{revision}:./{path}") is not None:
        return f"{path} is not at the top of the repository: write {GIT}{revision}:./{path}"
    return f"`{revision}` has no {path}{_rules_of(revision, path)}"


def _rules_of(revision: str, path: str) -> str:
    """Return which rules were probably meant instead of a path, or where there are YAML files at all."""
    listed = _git("ls-tree", "-r", "-z", "--full-tree", "--name-only", revision).decode("utf-8", "replace")
    every = [PurePosixPath(one) for one in listed.split("\0")]
    files = [one for one in every if one.suffix.lower() in SUFFIXES]
    places = sorted({f"{one}" for file in files for one in (file, file.parent)} - {path, "."})
    return _meant(path, places, f"{GIT}{revision}:{{}}")


def _meant(word: str, known: Sequence[str], form: str) -> str:
    """Return what was probably meant, and else the first few that there are, in the form they are typed."""
    near = alike(word, known)
    if near:
        return f"; did you mean `{form.format(near)}`?"
    shown = ", ".join(f"`{form.format(one)}`" for one in known[:_SHOWN])
    be = "is" if len(known) == 1 else "are"
    return f"; there {be} {shown or 'none'}{', …' if len(known) > _SHOWN else ''}"


def _said(*words: str) -> bytes | None:
    """Return what git says, None where it says no."""
    done = _ran(words)
    return None if done.returncode else done.stdout


def _git(*words: str) -> bytes:
    """Return what git says; raises `PqlError` with its words, and with what to do outside a repository."""
    done = _ran(words)
    if not done.returncode:
        return done.stdout
    told = [*done.stderr.decode("utf-8", "replace").strip().splitlines(), "git failed"][0]
    told = told.removeprefix("fatal: ")
    if told.startswith("not a git repository"):
        raise PqlError(f"{Path.cwd()} is in no git repository: go to yours, or name {_PLAIN}")
    raise PqlError(f"git: {told}")


def _ran(words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - git is git, and is asked in English
            ["git", *words],  # noqa: S607
            check=False,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise PqlError(f"there is no git here, which {GIT}REV needs: install it, or name {_PLAIN}") from error
    except OSError as error:
        raise PqlError(f"git cannot be run: {error.strerror}") from error
