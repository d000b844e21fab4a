"""What all tests of a process share: what moto makes anew for each, and a heap that stays."""

from __future__ import annotations

import functools
import gc
import sys
from importlib import import_module


def pytest_collection_finish() -> None:
    """Once everything is imported: spare the tests what each would do again and again."""
    if session := sys.modules.get("botocore.session"):
        # moto gives every test sessions of its own: each would parse the models of AWS anew, in 100 ms.
        session.create_loader = functools.cache(session.create_loader)
    if "moto" in sys.modules:
        # Every subscription of moto's SNS makes an RSA key to sign with, in 100 ms: one does for all.
        subscription = import_module("moto.sns.models").Subscription
        made = subscription.private_key
        subscription.private_key = lambda _self: made(None)
    # No collection need look through what stays.
    gc.collect()
    gc.freeze()
