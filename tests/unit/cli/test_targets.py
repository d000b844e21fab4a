"""What cannot be written is found before a command begins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pql.cli.targets import need_writable
from pql.core.errors import PqlError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("none/page.html", "there is no directory"),
        ("file/page.html", "file is no directory"),
        ("directory", "it is a directory"),
    ],
)
def test_a_file_needs_a_directory_that_is_there(tmp_path: Path, name: str, expected: str) -> None:
    """The place is told, and why."""
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()

    with pytest.raises(PqlError, match=f"{name} cannot be written: .*{expected}"):
        need_writable((None, "-", tmp_path / name))


def test_a_directory_is_made_if_it_may_be(tmp_path: Path) -> None:
    """With those above it, but not in a file."""
    (tmp_path / "file").touch()
    need_writable((tmp_path / "page.html",), (tmp_path / "some" / "tables",))

    assert ["file"] == [one.name for one in tmp_path.iterdir()]
    with pytest.raises(PqlError, match="file is no directory"):
        need_writable((), (tmp_path / "file" / "tables",))


def test_what_is_not_ours_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file nor anything in a directory that somebody else keeps."""
    (tmp_path / "theirs.json").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    for files, directories in (
        ((tmp_path / "theirs.json",), ()),
        ((tmp_path / "new",), ()),
        ((), (tmp_path,)),
    ):
        with pytest.raises(PqlError, match="not yours to write"):
            need_writable(files, directories)


def test_one_file_holds_one_thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written first would be lost; a device takes both."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PqlError, match="page cannot be written: it is named twice"):
        need_writable((tmp_path / "page", "page"))

    need_writable((os.devnull, os.devnull))
