"""What a deployed stack is made of, and its parameters, by the names in its template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from pql.adapters.outages import code, outages
from pql.core.errors import Unavailable


def resources(client: Any, stack: str) -> Mapping[str, str]:
    """Return the physical ids of a stack's resources (a queue's URL, a table's name) by logical id.

    Raises `Unavailable`, with a word that says so where there is no such stack.
    """
    found: dict[str, str] = {}
    more: dict[str, str] = {}
    while True:
        with _stack(stack):
            page = client.list_stack_resources(StackName=stack, **more)
        found |= {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in page["StackResourceSummaries"]
            if "PhysicalResourceId" in one and one.get("ResourceStatus") != "DELETE_COMPLETE"
        }
        if not page.get("NextToken"):
            return found
        more = {"NextToken": page["NextToken"]}


def parameters(client: Any, stack: str) -> Mapping[str, str]:
    """Return what the parameters of a stack were set to; raises as `resources` does."""
    with _stack(stack):
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
    return {one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])}


@contextmanager
def _stack(name: str) -> Iterator[None]:
    with outages("CloudFormation"):
        try:
            yield
        except ClientError as error:
            if code(error) == "ValidationError":
                raise Unavailable(f"there is no stack {name} here: name yours with --stack") from error
            raise
