"""Every parser of the command line, one by one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NoReturn

import pytest

from pql.cli.main import COMMANDS, main
from pql.cli.parser import Parser
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
