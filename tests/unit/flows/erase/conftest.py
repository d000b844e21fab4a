"""A world to erase from, made anew for each test."""

from __future__ import annotations

import pytest

from fakes.erasing import World


@pytest.fixture
def world() -> World:
    """Return a world in which Ada and Bob have worked."""
    return World()
