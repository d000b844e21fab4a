"""What all tests of a process share: what moto makes anew for each, and a heap that stays."""

from __future__ import annotations

import functools
import gc
import sys
from importlib import import_module
from typing import Any

from hypothesis import settings

from fakes.chances import examples

# However slow the machine; laws that say nothing else are tried on so many examples.
settings.register_profile("usual", max_examples=examples(50), deadline=None)
settings.load_profile("usual")


def pytest_collection_finish() -> None:
    """Once everything is imported: spare the tests what each would do again and again."""
    if session := sys.modules.get("botocore.session"):
        # moto gives every test sessions of its own: each would parse the models of AWS anew, in 100 ms.
        session.create_loader = functools.cache(session.create_loader)
    if hooks := sys.modules.get("botocore.hooks"):
        # And each client looks through fifty aliases for every event that it listens to.
        aliases, called = hooks.EventAliaser._alias_event_name, dict[str, str]()
        hooks.EventAliaser._alias_event_name = lambda self, name: (
            called.get(name) or called.setdefault(name, aliases(self, name))
        )
    if utils := sys.modules.get("botocore.utils"):
        # moto and boto3 each read the moment of every object in every listing: half the time of a listing.
        utils._parse_timestamp_with_tzinfo = functools.lru_cache(10_000)(utils._parse_timestamp_with_tzinfo)
    if "moto" in sys.modules:
        # Every subscription of moto's SNS makes an RSA key to sign with, in 100 ms: one does for all.
        subscription = import_module("moto.sns.models").Subscription
        made = subscription.private_key
        subscription.private_key = lambda _self: made(None)
        # For every call moto looks through the members of the service's class, a fifth of the call.
        calls: Any = import_module("moto.core.responses")
        calls.method_names_from_class = functools.cache(calls.method_names_from_class)
        # And it puts the addresses of the service together, those of S3 from a module read anew.
        backend: Any = import_module("moto.core.base_backend").BaseBackend
        together, known = backend.urls.fget, dict[type, Any]()
        backend.urls = property(
            lambda self: known.get(type(self)) or known.setdefault(type(self), together(self))
        )
    # No collection need look through what stays.
    gc.collect()
    gc.freeze()
