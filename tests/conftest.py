"""What all tests of a process share: what moto makes anew for each, and a heap that stays."""

from __future__ import annotations

import gc
import logging
import os

from aws_lambda_powertools.logging.constants import LOGGER_ATTRIBUTE_PRECONFIGURED
from hypothesis import settings

from fakes.chances import examples
from fakes.quick_aws import quicken

# However slow the machine; laws that say nothing else are tried on so many examples.
settings.register_profile("usual", max_examples=examples(50), deadline=None)
settings.load_profile("usual")
# Matrices of ten columns: threads for them only wait for each other, a third of the time of a fit.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_sessionstart() -> None:
    """Before everything is imported: none of it is rubbish."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Once everything is imported: spare the tests what each would do again and again."""
    quicken()
    gc.enable()
    # No collection need look through what stays, nor come round for the few hundred objects of a test.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_runtest_teardown() -> None:
    """Let a logger that writes to what was captured here not be found by the next test."""
    known = logging.Logger.manager.loggerDict
    for name in [name for name, one in known.items() if hasattr(one, LOGGER_ATTRIBUTE_PRECONFIGURED)]:
        del known[name]
