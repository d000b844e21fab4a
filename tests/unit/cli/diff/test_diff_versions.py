"""`pql diff` takes versions from directories, files and git, and says which of them it cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.comparing import TOLD, Run, git


@pytest.mark.parametrize(
    ("typed", "expected", "said"),
    [
        (("older", "new", "events.jsonl"), 2, "there is no older; a version in git is git:REV:PATH"),
        (("git:-x", "new", "events.jsonl"), 2, "git:-x names no version"),
        (
            ("git:none:old", "new", "events.jsonl"),
            2,
            "no revision `none`; there is `trunk`\nif it is elsewhere: git ",
        ),
        (("git:trnk:old", "new", "events.jsonl"), 2, "no revision `trnk`; did you mean `trunk`?\n"),
        (("git:old", "new", "events.jsonl"), 2, "git:old names no revision: write git:HEAD:old"),
        (("git:HEAD:missing", "new", "events.jsonl"), 2, "`HEAD` has no missing; there are `git:HEAD:old`, "),
        (("git:HEAD:odl", "new", "events.jsonl"), 2, "`HEAD` has no odl; did you mean `git:HEAD:old`?"),
        (
            ("git:HEAD:empty", "new", "events.jsonl"),
            1,
            "has no rule files (*.yaml) in empty; there are `git:HEAD:old`",
        ),
        (("old", "new", "none.jsonl"), 2, "none.jsonl"),
        (("old", "new", "events.jsonl", "--conversions", "gone.csv"), 2, "there is no gone.csv"),
        (("old", "new", "events.jsonl", "--json", "no/such.json"), 1, "no/such.json cannot be written"),
    ],
    ids=str,
)
def test_what_cannot_be_done_says_what_to_type(
    run: Run, place: Path, typed: tuple[str, ...], expected: int, said: str
) -> None:
    """One line, and an exit code that tells what was mistyped from what lies there."""
    git(place, "init", "-q", "-b", "trunk")
    (place / "empty").mkdir()
    (place / "empty" / "notes.md").write_text("no rules")
    git(place, "add", "old", "empty")
    git(place, "commit", "-q", "-m", "rules")
    code, _, errors = run(*typed)

    assert expected == code
    assert said in errors
    assert errors.startswith("pql diff: ")


def test_rules_that_do_not_load_say_whose_fault_it_is(run: Run, place: Path) -> None:
    """The version is named, and each fault has its place."""
    (place / "new" / "busy.yaml").write_text("rules: {}\n")
    code, _, errors = run("old", "new", "events.jsonl")

    assert 1 == code
    assert errors.startswith("pql diff: new does not load\nbusy.yaml:1:")


@pytest.mark.parametrize(
    "version", ["git:HEAD:rules", "git:before:rules/busy.yaml", "git:HEAD:./rules/", "git:HEAD"]
)
def test_a_version_in_git_is_read_from_there(run: Run, place: Path, version: str) -> None:
    """A directory or a file of any revision, whatever the work tree holds; `functions/rules` by default."""
    git(place, "init", "-q")
    for directory in (place / "rules", place / "functions" / "rules"):
        directory.mkdir(parents=True)
        (directory / "busy.yaml").write_text((place / "old" / "busy.yaml").read_text())
        (directory / "notes.md").write_text("no rules")
    git(place, "add", "rules", "functions")
    git(place, "commit", "-q", "-m", "rules")
    git(place, "branch", "before")
    (place / "rules" / "busy.yaml").write_text("not: rules")
    code, out, errors = run(version, "new", "events.jsonl")

    assert (0, "") == (code, errors)
    assert TOLD.partition("\n")[2] == out.partition("\n")[2]


def test_a_version_in_git_is_read_from_below_the_top_of_a_repository(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is from the top as git takes it, `./` is from here; whoever means here is told so."""
    git(place, "init", "-q")
    git(place, "add", "old")
    (place / "team" / "mine").mkdir(parents=True)
    (place / "team" / "mine" / "busy.yaml").write_text((place / "old" / "busy.yaml").read_text())
    git(place, "add", "team")
    git(place, "commit", "-q", "-m", "rules")
    monkeypatch.chdir(place / "team")

    for version in ("git:HEAD:old", "git:HEAD:./mine", "git:HEAD:team/mine"):
        assert (0, "") == run(version, "../new", "../events.jsonl")[::2]
    code, _, errors = run("git:HEAD:mine", "../new", "../events.jsonl")
    said = "pql diff: mine is not at the top of the repository: write git:HEAD:./mine\n"
    assert (2, said) == (code, errors)


def test_without_a_repository_or_git_it_says_what_else_there_is(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory does as well."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(place.parent))
    instead = "or name a directory or a file of rules\n"

    expected = f"pql diff: {place} is in no git repository: go to yours, {instead}"
    assert (1, "", expected) == run("git:HEAD", "new", "events.jsonl")
    monkeypatch.setenv("PATH", str(place))
    expected = f"pql diff: there is no git here, which git:REV needs: install it, {instead}"
    assert (1, "", expected) == run("git:HEAD", "new", "events.jsonl")
