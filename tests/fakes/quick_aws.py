"""boto3 and moto without what they do again for every session, client and call, all of it always the same.

Nothing is left out of what they answer: each of these only keeps what it found the first time.
"""

from __future__ import annotations

import functools
import pickle
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

# Whom the tests call most; moto tries the addresses of two hundred services, in turn.
FIRST = {"dynamodb", "sqs", "sns", "secretsmanager", "dynamodbstreams"}


def quicken() -> None:
    """Spare whatever part of them has been imported."""
    if "botocore.session" in sys.modules:
        _sessions()
        _clients()
        _calls()
    if "moto" in sys.modules:
        _mocks()
        _answers()
    if template := sys.modules.get("pql.dev.template"):
        # Every local world reads template.yaml, in 40 ms; each gets a copy of its own.
        read = functools.cache(lambda text, parse=template.parse: pickle.dumps(parse(text)))
        template.parse = lambda text: pickle.loads(read(text))  # type: ignore[attr-defined]  # noqa: S301 - our own


def _sessions() -> None:
    session: Any = import_module("botocore.session")
    # moto gives every test sessions of its own: each would parse the models of AWS anew, in 100 ms.
    session.create_loader = functools.cache(session.create_loader)


def _clients() -> None:
    regions: Any = import_module("botocore.regions")
    made, known = regions.EndpointProvider, dict[int, tuple[Any, Any]]()

    def provider(*, ruleset_data: Any, **more: Any) -> Any:
        # Whoever keeps the rules themselves, too, sees no others under their id.
        if id(ruleset_data) not in known:
            known[id(ruleset_data)] = ruleset_data, made(ruleset_data=ruleset_data, **more)
        return known[id(ruleset_data)][1]

    regions.EndpointProvider = provider
    hooks: Any = import_module("botocore.hooks")
    # Each client copies some hundred lists of handlers.
    hooks.NodeList.__copy__ = lambda self: hooks.NodeList(self.first[:], self.middle[:], self.last[:])
    http: Any = import_module("botocore.httpsession")
    # One that is on the way to nowhere: moto answers before anything is sent.
    http.create_urllib3_context = functools.cache(http.create_urllib3_context)


def _calls() -> None:
    hooks: Any = import_module("botocore.hooks")
    # Each client looks through fifty aliases for every event that it listens to.
    aliases, called = hooks.EventAliaser._alias_event_name, dict[str, str]()
    hooks.EventAliaser._alias_event_name = lambda self, name: (
        called.get(name) or called.setdefault(name, aliases(self, name))
    )
    utils: Any = import_module("botocore.utils")
    # moto and boto3 each read the moment of every object in every listing: half the time of a listing.
    utils._parse_timestamp_with_tzinfo = functools.lru_cache(10_000)(utils._parse_timestamp_with_tzinfo)
    agent: Any = import_module("botocore.useragent")
    # Every call says letter by letter, and twice, what called it.
    agent.sanitize_user_agent_string_component = functools.lru_cache(1_000)(
        agent.sanitize_user_agent_string_component
    )


def _mocks() -> None:
    # Every subscription of moto's SNS makes an RSA key to sign with, in 100 ms: one does for all.
    subscription = import_module("moto.sns.models").Subscription
    key = subscription.private_key
    subscription.private_key = lambda _self: key(None)
    # Every beginning of moto teaches 1,300 addresses to the package `requests`, which nobody here uses.
    import_module("moto.core.models").RESPONSES_METHODS = []  # type: ignore[attr-defined]
    # The first that fits answers, and no address fits two of these.
    import_module("moto.backend_index").backend_url_patterns.sort(key=lambda known: known[0] not in FIRST)
    # For every call moto puts the addresses of the service together, those of S3 from a module read anew.
    backend: Any = import_module("moto.core.base_backend").BaseBackend
    together, addresses = backend.urls.fget, dict[type, Any]()
    backend.urls = property(
        lambda self: addresses.get(type(self)) or addresses.setdefault(type(self), together(self))
    )


def _answers() -> None:
    # For every call moto looks through the members of the service's class, a fifth of the call.
    calls: Any = import_module("moto.core.responses")
    calls.method_names_from_class = functools.cache(calls.method_names_from_class)
    for name in ("moto.core.responses", "moto.sqs.models", "moto.sns.models"):
        module: Any = import_module(name)
        module.camelcase_to_underscores = functools.lru_cache(10_000)(module.camelcase_to_underscores)
    # And for every part of an answer, through six ways in which the service may name it.
    serialize: Any = import_module("moto.core.serialize")
    for picker in (serialize.AttributePicker, serialize.XFormedAttributePicker):
        picker.get_possible_keys = _by_kind(picker.get_possible_keys)


def _by_kind(keys: Callable[[Any, Any], Iterable[str]]) -> Callable[[Any, Any], Iterable[str]]:
    known: dict[Any, tuple[str, ...]] = {}

    def remembered(self: Any, context: Any) -> Iterable[str]:
        kind = tuple(self.alias_providers), context.key, type(context.obj), context.shape
        return known.get(kind) or known.setdefault(kind, tuple(keys(self, context)))

    return remembered
