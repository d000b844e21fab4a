"""The parser of every command: what stands by itself may stand before, between and behind options."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

from pql.rules.nearest import alike, unknown

_BELOW_ZERO = re.compile(r"-\d")
_FENCED = re.compile(r"```[a-z]*\n(.*?)```\n?", re.DOTALL)


class _Verbs(argparse._SubParsersAction):  # type: ignore[type-arg] # noqa: SLF001 (there is no public name)
    """The verbs of a command; one without a description of its own says its help as a sentence."""

    def add_parser(self, name: str, **options: Any) -> Any:
        """Return the parser of a verb."""
        told = options.get("help") or ""
        options.setdefault("description", f"{told[:1].upper()}{told[1:]}." if told else "")
        return super().add_parser(name, **options)


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that takes `pql rules test --rule keen DIR` as `pql rules test DIR --rule keen`.

    Python's own takes an argument that may be left out as left out once an option comes before it.
    Subcommands are made of the same class.
    """

    _is_mixing = False
    _verbs: Any = None

    def __init__(self, *, description: str = "", **options: Any) -> None:
        """Take no abbreviation: `--rule` would be `--rules` wherever there is no `--rule`.

        The description is a docstring: its examples are indented in the help, and not fenced.
        """
        told = _FENCED.sub(lambda found: textwrap.indent(found[1], "  "), description)
        raw = argparse.RawDescriptionHelpFormatter
        super().__init__(**options, description=told, formatter_class=raw, allow_abbrev=False)
        # `-1d` is no option but a value, which its type refuses in words.
        self._negative_number_matcher = _BELOW_ZERO

    def parse_known_args(  # type: ignore[override] # the overloads say the same
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse; a command that has subcommands leaves the mixing to them.

        Behind `--` nothing is an option, which Python forgets when it mixes.
        """
        if self._is_mixing or self._subparsers is not None or "--" in (args or ()):
            return super().parse_known_args(args, namespace)
        self._is_mixing = True  # Python's mixing calls this method again, twice
        try:
            known, others = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False
        if others:  # said here, with the usage of this command: whoever asked shows only its own
            near = alike(others[0].partition("=")[0], self._option_string_actions)
            meant = f"; did you mean {near}?" if near else ""
            self.error(f"unrecognized arguments: {' '.join(others)}{meant}")
        return known, others

    def add_subparsers(self, **options: Any) -> Any:
        """Return what takes the verbs, as Python's own."""
        self._verbs = super().add_subparsers(action=_Verbs, **options)
        return self._verbs

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that is none of the choices, with the nearest one, or all of them."""
        if action.choices is not None and value not in action.choices:
            what = str(action.metavar) if isinstance(action, _Verbs) else "word"
            raise argparse.ArgumentError(action, unknown(what, str(value), map(str, action.choices)))

    def error(self, message: str) -> NoReturn:
        """Exit with 2; whoever has left a command or its verb out is told which there are."""
        if self._verbs is None or not message.startswith("the following arguments are required"):
            super().error(message)
        lines = [(one.dest, one.help) for one in self._verbs._choices_actions]  # noqa: SLF001 (has the words)
        width = max(len(name) for name, _ in lines)
        told = "\n".join(f"  {name:<{width}}  {words}" for name, words in lines)
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: name a {self._verbs.metavar}:\n{told}\n")
