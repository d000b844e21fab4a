"""One deployed stack for everything that is asked of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from fakes.deployed_stack import DeployedStack, deployed_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[DeployedStack]:
    """Return the stack; every test has accounts of its own."""
    os.environ["REQUESTS_CA_BUNDLE"] = os.environ["AWS_CA_BUNDLE"]  # what the SDK trusts
    with deployed_stack() as made:
        yield made
