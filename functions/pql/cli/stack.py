"""The deployment that a command works on: its resources by their names in the template, and clients."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pql.cli.table import client, declare_table
from pql.core.errors import Unavailable

STACK = "pql"
WITHOUT_A_STACK = "a table is found without its stack by --table NAME, or PQL_TABLE"


def declare_stack(parser: argparse.ArgumentParser) -> None:
    """Declare `--stack`, `--table` and `--endpoint-url`; credentials come as the AWS CLI finds them."""
    parser.add_argument(
        "--stack",
        metavar="NAME",
        default=os.environ.get("PQL_STACK") or STACK,
        help=f"the deployed stack (default: $PQL_STACK, else {STACK})",
    )
    declare_table(parser)


class Deployment:
    """A deployed stack. All of it raises `Unavailable`, also for what the stack does not have."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self._chosen = chosen
        self._clients: dict[str, Any] = {}

    @property
    def stack(self) -> str:
        """Return its name."""
        name: str = self._chosen.stack
        return name

    @property
    def table(self) -> str:
        """Return the name of the table: the one that was named, else the stack's."""
        if self._chosen.table:
            name: str = self._chosen.table
            return name
        try:
            return self["Table"]
        except Unavailable as error:
            raise Unavailable(f"{error}; {WITHOUT_A_STACK}") from error

    def __getitem__(self, name: str) -> str:
        found = self.get(name)
        if found is None:
            raise Unavailable(f"the stack {self.stack} has no {name}")
        return found

    def get(self, name: str) -> str | None:
        """Return what a resource is called: a queue's URL, a bucket's name; None if there is none."""
        return self._resources.get(name)

    def client(self, service: str) -> Any:
        """Return a client for a service of it."""
        if service not in self._clients:
            self._clients[service] = client(self._chosen, service)
        return self._clients[service]

    def parameter(self, name: str) -> str | None:
        """Return what a parameter of the stack was set to, None if it has none of that name."""
        return self._parameters.get(name)

    @cached_property
    def _parameters(self) -> Mapping[str, str]:
        from pql.adapters.stack_resources import parameters  # noqa: PLC0415

        return parameters(self.client("cloudformation"), self.stack)

    @cached_property
    def _resources(self) -> Mapping[str, str]:
        from pql.adapters.stack_resources import resources  # noqa: PLC0415 - botocore takes a second

        return resources(self.client("cloudformation"), self.stack)
