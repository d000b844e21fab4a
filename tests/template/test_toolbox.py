"""Which Python the project's environment is set up with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import toolbox

Commands = list[tuple[str, ...]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    """Return what is run, in place of which nothing is, for a project in a folder of its own without uv."""
    made: Commands = []

    def run(*command: str, **_: Any) -> None:
        made.append(command)
        (tmp_path / ".venv").mkdir(exist_ok=True)

    monkeypatch.setattr(toolbox, "ROOT", tmp_path)
    monkeypatch.setattr(toolbox, "run", run)
    monkeypatch.setattr(toolbox, "uv", lambda: None)
    monkeypatch.delenv("PQL_PYTHON", raising=False)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    return made


def python(place: Path, version: str) -> Path:
    """Return a program that takes itself for a Python of this version, and has pip."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\necho {version}\n")
    place.chmod(0o755)
    return place


@pytest.mark.parametrize("named", ["nowhere/python3.13", "python3.10", "broken"])
def test_a_python_that_will_not_do_is_refused_by_name(
    commands: Commands, tmp_path: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is made of it: one that is not there, is too old, or does not run."""
    python(tmp_path / "python3.10", "3 10")
    python(tmp_path / "broken", "; exit 127")
    monkeypatch.setenv("PQL_PYTHON", str(tmp_path / named))

    with pytest.raises(toolbox.CannotError) as refused:
        toolbox.project()
    expected = f"PQL_PYTHON is {tmp_path / named}, and no Python 3.11 or newer runs by that name"
    assert (expected, []) == (str(refused.value).partition(":")[0], commands)


def test_an_environment_of_another_python_is_made_anew(commands: Commands, tmp_path: Path) -> None:
    """Such as what a first try with a wrong one has left: nothing could be installed into it for ever."""
    python(tmp_path / ".venv" / "bin" / "python", "3 10")
    toolbox.project()

    assert (sys.executable, "-m", "venv", str(tmp_path / ".venv")) == commands[0]


def test_one_that_is_named_takes_the_place_of_another(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names one tests on that, although the environment is up to date; and again without a change."""
    toolbox.project()
    python(tmp_path / ".venv" / "bin" / "python", "3 12")
    first = len(commands)
    toolbox.project()
    named = str(python(tmp_path / "python3.13", "3 13"))
    monkeypatch.setenv("PQL_PYTHON", named)
    second = len(commands)
    toolbox.project()
    python(tmp_path / ".venv" / "bin" / "python", "3 13")
    third = len(commands)
    toolbox.project()

    assert (first, third) == (second, len(commands))
    assert (named, "-m", "venv") == commands[second][:3]
