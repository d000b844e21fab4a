"""Every parser of the command line, one by one."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from pql.cli.main import COMMANDS, main
from pql.cli.parser import Parser
from pql.cli.rules.places import ROOT, SHIPPED
from pql.core.errors import Unavailable
from pql.rules.faults import Fault, RulesRejected


def below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of its subcommands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from below(one)


def every() -> list[argparse.ArgumentParser]:
    """Return the parsers of all commands and their verbs."""
    root = Parser(prog="pql")
    commands = root.add_subparsers()
    for name, command in COMMANDS.items():
        command.declare(commands.add_parser(name, description=command.__doc__))
    return [*below(root)]


def test_every_help_is_read_in_a_terminal() -> None:
    """No fence of an example is printed, and each example has its line."""
    helps = {one.prog: one.format_help() for one in every()}
    examples = {
        (prog, line)
        for prog, command in {f"pql {name}": command for name, command in COMMANDS.items()}.items()
        for line in (command.__doc__ or "").splitlines()
        if line.startswith("$ ")
    }

    assert [] == [prog for prog, told in helps.items() if "```" in told]
    assert len(examples) > len(COMMANDS)
    assert [] == [one for one in examples if f"  {one[1]}" not in helps[one[0]].splitlines()]


def test_every_help_says_what_its_command_does() -> None:
    """In a sentence; of a verb, the one in the list of verbs if it has no words of its own."""
    told = {one.prog: (one.description or "").partition("\n")[0] for one in every()[1:]}

    assert [] == [prog for prog, words in told.items() if not words or not words[0].isupper()]
    assert "Delete what nobody needs any more." == told["pql queue clear"]


def test_no_parser_takes_an_abbreviation() -> None:
    """One that is right today is another option, or none, after the next is added."""
    found = every()

    assert [] == [one.prog for one in found if one.allow_abbrev]
    assert {"pql metrics", "pql rules check", "pql replay archive"} < {one.prog for one in found}


@pytest.mark.parametrize(
    ("command", "fault", "expected"),
    [
        ("backfill", Unavailable("not there"), (1, "pql backfill: not there\n")),
        ("explain", Unavailable("not there"), (2, "pql explain: not there\n")),
        ("account", RulesRejected([Fault("a.yaml", 2, 3, "no")]), (1, "a.yaml:2:3: no\n")),
        ("backtest", OSError(28, "disk full", "out.json"), (1, "pql backtest: out.json: disk full\n")),
    ],
    ids=str,
)
def test_what_no_command_takes_care_of_is_told_in_its_name(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    fault: Exception,
    expected: tuple[int, str],
) -> None:
    """Where 1 says that there is nothing to tell, 2 says that it could not look."""

    def broken(_: object) -> NoReturn:
        raise fault

    monkeypatch.setattr(COMMANDS[command], "run", broken)
    words = {"explain": ["acme"], "account": ["show", "acme"]}
    code = main([command, *words.get(command, [])])

    assert expected == (code, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["backtst"], "pql: error: argument command: unknown command `backtst`; did you mean `backtest`?"),
        (["rules", "chek"], "pql rules: error: argument verb: unknown verb `chek`; did you mean `check`?"),
        (["queue", "x"], "unknown verb `x`; there are status, redrive, clear"),
        (["lead", "list", "--state", "opn"], "argument --state: unknown word `opn`; did you mean `open`?"),
        (["lead", "list", "--acount=acme"], "unrecognized arguments: --acount=acme; did you mean --account?"),
        (["doctor", "now"], "unrecognized arguments: now\n"),
    ],
    ids=str,
)
def test_what_is_misspelt_gets_the_nearest_word(
    capsys: pytest.CaptureFixture[str], typed: list[str], told: str
) -> None:
    """Commands, verbs, options and their values; where none is near, all that there are."""
    with pytest.raises(SystemExit) as left:
        main(typed)

    assert (2, True) == (left.value.code, told in capsys.readouterr().err)


def test_less_than_nothing_is_a_value_that_its_option_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    """And no option that there is not: who types it hears what was expected."""
    with pytest.raises(SystemExit):
        main(["rules", "shadow", "keen", "--for", "-1d"])

    assert "expected a number of days, hours or minutes such as 7d, 24h or 30m, got '-1d'" in (
        capsys.readouterr().err
    )


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    """It stands in one place, and is looked up only for whoever asks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with pytest.raises(SystemExit) as left:
        main(["--version"])

    assert (0, f"pql {project['version']}\n") == (left.value.code, capsys.readouterr().out)


MISTYPED = {
    "a file of events": [
        ["backtest", "RULES", "gone.jsonl"],
        ["calibrate", "RULES", "gone.jsonl"],
        ["diff", "RULES", "RULES", "gone.jsonl"],
        ["metrics", "gone.jsonl"],
        ["explain", "acme", "--events", "gone.jsonl"],
        ["rules", "lint", "RULES", "--sample", "gone.jsonl"],
    ],
    "rules": [
        ["rules", "check", "gone"],
        ["rules", "test", "gone"],
        ["diff", "gone", "RULES", "events.jsonl"],
        ["backtest", "gone.yaml", "events.jsonl"],
        ["explain", "acme", "--rules", "gone"],
        ["dev", "gone"],
    ],
    "a word of a few": [
        ["queue", "redrive", "evnts"],
        ["queue", "clear", "evnts"],
        ["lead", "list", "--state", "x"],
    ],
    "days in the wrong order": [
        [*command, "--from", "2026-11-23", "--to", "2026-11-22"]
        for command in (["metrics"], ["backtest", "events.jsonl"], ["archive", "ls"], ["replay", "archive"])
    ],
    "a number below 0": [["calibrate", "RULES", "events.jsonl", "--seed", "-1"]],
    "something left out": [
        ["backtest", "RULES"],
        ["backfill"],
        ["explain"],
        ["replay", "archive", "--rebuild"],
    ],
}


@pytest.mark.parametrize("typed", [one for every in MISTYPED.values() for one in every], ids=" ".join)
def test_one_mistake_ends_alike_in_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: list[str]
) -> None:
    """With 2, whoever finds it; not with a trace, and nothing is printed to be piped on."""
    for name in ("PQL_TABLE", "PQL_ENDPOINT_URL", "PQL_STACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    Path("events.jsonl").touch()
    try:
        code: object = main([str(SHIPPED) if one == "RULES" else one for one in typed])
    except SystemExit as left:
        code = left.code
    out, err = capsys.readouterr()

    assert (2, "", True) == (code, out, err.splitlines()[-1].startswith("pql "))
