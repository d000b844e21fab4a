"""Where the buckets of events are reached, and which one is a deployed stack's archive."""

from __future__ import annotations

from typing import Any, NamedTuple

from pql.core.errors import Unavailable


class Cloud(NamedTuple):
    """How AWS is reached; it is data, so that another process can reach it as well.

    `is_local` says that what answers stands on this machine and asks for no credentials.
    """

    stack: str = "pql"
    region: str | None = None
    endpoint: str | None = None
    is_local: bool = False

    def client(self, service: str) -> Any:
        """Return a client; raises `Unavailable` where nobody says in which region, or who is asking."""
        from pql.adapters.aws_clients import aws_client  # noqa: PLC0415 - botocore takes a second
        from pql.adapters.outages import outages  # noqa: PLC0415

        with outages(service):
            return aws_client(service, region=self.region, endpoint=self.endpoint, local=self.is_local)

    def archive(self) -> str:
        """Return the name of the stack's bucket."""
        from pql.adapters.stack_resources import resources  # noqa: PLC0415

        found = resources(self.client("cloudformation"), self.stack).get("Archive")
        if found is None:
            raise Unavailable(f"the stack {self.stack} has no Archive")
        return found
