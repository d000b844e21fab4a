"""The parser of every command: what stands by itself may stand before, between and behind options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that takes `pql rules test --rule keen DIR` as `pql rules test DIR --rule keen`.

    Python's own takes an argument that may be left out as left out once an option comes before it.
    Subcommands are made of the same class.
    """

    _is_mixing = False

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
            known, unknown = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False
        if unknown:  # said here, with the usage of this command: whoever asked shows only its own
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, unknown
