"""`pql rules`: what a growth engineer types before deploying."""

from __future__ import annotations

from pathlib import Path

import pytest

from pql.cli.main import main
from pql.cli.rules import SHIPPED


def test_the_shipped_rules_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    """They load without a fault."""
    assert 0 == main(["rules", "check"])
    assert capsys.readouterr().out.endswith("all good\n")


def test_the_shipped_rules_pass_their_own_tests(capsys: pytest.CaptureFixture[str]) -> None:
    """Every timeline ends as its file says."""
    code = main(["rules", "test", str(SHIPPED)])
    lines = capsys.readouterr().out.splitlines()

    assert (0, True) == (code, all(line.startswith("ok") for line in lines[:-1]))
    assert lines[-1].endswith("passed, 0 failed")


def test_a_rule_that_does_something_else_fails_its_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict says what was expected and what happened."""
    text = (SHIPPED / "activation.yaml").read_text()
    (tmp_path / "activation.yaml").write_text(text.replace("fires at 6d", "fires at 5d"))

    assert 1 == main(["rules", "test", str(tmp_path)])
    assert (
        "FAIL activation.yaml: the order of the steps does not matter: "
        "activated was expected to fire at 5d, but it fired at 6d\n"
    ) in capsys.readouterr().out


def test_broken_rules_are_told_with_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Faults go to standard error, one a line."""
    text = (SHIPPED / "activation.yaml").read_text()
    (tmp_path / "activation.yaml").write_text(text.replace("cooldown:", "cooldwn:"))

    assert 1 == main(["rules", "check", str(tmp_path)])
    assert (
        "activation.yaml:33:5: unknown key `cooldwn`; did you mean `cooldown`?\n" == capsys.readouterr().err
    )
